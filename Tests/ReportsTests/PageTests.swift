import Analytics
import Foundation
import Streams
import Testing

@testable import Reports

enum Page: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case uptime, activity, activityWithNames, hostile, endless, restore, hostileRestore
  case index, hostileIndex

  var testDescription: String { rawValue }

  func html() throws -> String {
    let templates = try `The report templates`.load()
    switch self {
    case .uptime: return try Samples.fullReport().html(templates)
    case .activity: return try Samples.activityReport().html(templates)
    case .activityWithNames: return try Samples.activityReport(showActors: true).html(templates)
    case .restore:
      return try Samples.restoreReport().html(templates, bundle: "case-17.tar.zst")
    case .hostileRestore:
      return try Samples.restoreReport(
        names: Samples.hostileNames.filter { !$0.contains("/") }, reason: Samples.hostileNames[0]
      ).html(templates, bundle: "b.tar.zst")
    case .index: return try Samples.index().html(templates)
    case .hostileIndex: return try Samples.index(Samples.hostileNames).html(templates)
    case .hostile: return try Samples.hostileReport().html(templates)
    case .endless:
      let name = String(repeating: "endless", count: 30)
      return try Samples.report([try Samples.oneOutage(name, cause: name)], title: name)
        .html(templates)
    }
  }
}

extension Samples {
  static let hostileNames = [
    "<script>document.title='owned'</script>", "\"><img src=x onerror=\"document.title='owned'\">",
    "\u{600}<script>\u{600}document.title='owned'\u{600}</script>",
    "'><svg onload=document.title='owned'>", "{{title}}{{{style}}}", "</style><b>", "--><b>",
    "javascript:document.title='owned'",
  ]

  /// Nights of five months, one of them without a sentence, one with files of many names.
  static func index(_ names: [String] = ["uptime.html", "activity.html", "uptime.csv"]) -> IndexPage
  {
    let nights = (0..<150).map { day in
      IndexPage.Night(
        date: CivilDate(utcDay: 20_000 - Int64(day)),
        headline: day == 3 ? nil : "All services: 99.950 % available, \(names[0]).",
        files: day == 5 ? names.map { $0 + ".html" } : names)
    }
    return IndexPage(nights: nights)
  }

  static func hostileReport() throws -> UptimeReport {
    try report(try hostileNames.map { try oneOutage($0, cause: $0) }, title: "Hostile")
  }
}

@Suite(.serialized) struct `A page in a browser` {
  @Test(arguments: Page.allCases, [320, 360, 1200])
  func `is never wider than the screen`(page: Page, width: Int) throws {
    let found = try Chromium.look(at: page.html(), width: width)
    #expect(found.width == width)
    #expect(found.scrollWidth <= width)
  }

  @Test(arguments: Page.allCases)
  func `loads nothing and runs nothing`(page: Page) throws {
    let html = try page.html()
    let found = try Chromium.look(at: html, width: 1200)
    #expect(found.resources == [])
    #expect(found.scripts == 0)
    #expect(found.handlers == 0)
    #expect(!found.title.contains("owned"))
    #expect(html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:"))
    // Where an annotation leads is a person's own word: a link, which loads nothing.
    let own = html.replacing(Samples.link.replacing("&", with: "&amp;"), with: "")
    #expect(!own.contains("http://") && !own.contains("https://"))
  }

  @Test(arguments: [Page.uptime, .activity, .activityWithNames, .restore, .index])
  func `reads well without eyes`(page: Page) throws {
    let found = try Chromium.look(at: page.html(), width: 1200)
    #expect(found.landmarks == ["header", "main", "footer"])
    #expect(found.headings.first == 1)
    #expect(found.headings.count { $0 == 1 } == 1)
    #expect(zip(found.headings, found.headings.dropFirst()).allSatisfy { $1 <= $0 + 1 })
    #expect(found.unscopedHeaders == 0)
    #expect(found.tablesWithoutCaption == 0)
    #expect(found.imagesWithoutText == 0)
    #expect(found.duplicateIDs == [])
    // Those of the index lead to the files beside it.
    #expect(found.brokenLinks.filter { page != .index || $0.hasPrefix("#") } == [])
    #expect(try page.html().contains("<html lang=\"en\">"))
  }

  @Test(
    arguments: [Page.uptime, .activity, .activityWithNames, .restore, .index],
    [Chromium.Scheme.light, .dark])
  func `has enough contrast by day and by night`(page: Page, scheme: Chromium.Scheme) throws {
    let found = try Chromium.look(at: page.html(), width: 390, scheme: scheme)
    #expect(found.poorContrast == [])
    #expect(found.ground == (scheme == .dark ? "rgb(20, 23, 27)" : "rgb(251, 250, 247)"))
  }

  @Test(
    arguments: [Page.uptime, .activity, .activityWithNames, .restore, .hostile],
    [Chromium.Scheme.light, .dark])
  func `has no serious violation for axe`(page: Page, scheme: Chromium.Scheme) throws {
    #expect(try Chromium.violations(in: page.html(), width: 768, scheme: scheme) == [])
  }

  @Test func `is told by axe when something is wrong with it`() throws {
    let page = try Page.uptime.html().replacing("<html lang=\"en\">", with: "<html>")
      .replacing("</main>", with: "<button></button></main>")
    let rules = try Chromium.violations(in: page, width: 768).map { $0.prefix { $0 != ":" } }
    #expect(Set(rules) == ["html-has-lang", "button-name"])
  }

  @Test func `shows each figure beside its coverage, and no data as such`() throws {
    let found = try Chromium.look(at: Page.uptime.html(), width: 1200)
    for piece in [
      "All services: 99.305\u{A0}% available, 1\u{A0}incident.",
      "All services together are down while any of them is, and unknown while the state of any is "
        + "not known and none is down.", "coverage 100.000\u{A0}%",
      "0.000\u{A0}% – 100.000\u{A0}%", "no data", "HTTP 503", "recovered", "revisions 1 to 2",
      "rookery read service-uptime-api --from 1", "rookery report uptime --format json",
      "2025-01-10: 99.305\u{A0}% available, down 10\u{A0}min, coverage 100.000\u{A0}%, "
        + "revisions 1 to 2",
      "10\u{A0}min of 1\u{A0}min 26\u{A0}s, 8\u{A0}min 33\u{A0}s too much",
    ] {
      #expect(found.pieces.contains(piece), "\(piece) is not in \(found.pieces)")
    }
    #expect(found.tooltips == 5 * (24 + 90 + 12))
  }

  @Test func `shows a hostile name as the text it is`() throws {
    let found = try Chromium.look(at: Page.hostile.html(), width: 1200)
    for name in Samples.hostileNames {
      #expect(found.pieces.count { $0 == name } >= 3, "\(name)")
    }
    let restored = try Chromium.look(at: Page.hostileRestore.html(), width: 1200)
    for name in Samples.hostileNames
    where !name.contains("/") || name == Samples.hostileNames[0] {
      #expect(restored.pieces.contains(name), "\(name)")
    }
  }

  @Test func `tells what a bundle has, for whom and why, and what proves it`() throws {
    let found = try Chromium.look(at: Page.restore.html(), width: 1200)
    for piece in [
      "2\u{A0}events of 3\u{A0}streams, but the archive is damaged.", "case 2026-17",
      "all of user 42",
      "2026-01-01T00:00:00Z", "user-42-loans", "events/0123456789abcdef/",
      "1 not archived yet, or encrypted there",
      "0 to 1", "damaged", "Segment 03/pack-3-g1.tar.zst: a frame is corrupt.",
      "tar --zstd -xOf - VERIFY.txt < 'case-17.tar.zst'", String(repeating: "ab", count: 32),
    ] {
      #expect(found.pieces.contains(piece), "\(piece) is not in \(found.pieces)")
    }
  }

  @Test func `stays small and whole with 125 services of 90 days`() throws {
    let services = try (0..<125).map { number -> UptimeFigures in
      var figures = try Samples.oneOutage("service-\(number)")
      let first = try #require(figures.days.first)
      figures.days = (Int64(0)..<90).map { day in
        var copy = first
        if day % 9 > 0 { (copy.durations.up, copy.durations.down) = (86_400_000, 0) }
        copy.date = first.date.adding(days: day - 89)
        return copy
      }
      return figures
    }
    let html = try Samples.report(services).html(`The report templates`.load())
    #expect(html.utf8.count < 5_000_000)
    let found = try Chromium.look(at: html, width: 360)
    // The worst 25 have details, with the hours, days and months.
    #expect(found.tooltips == 25 * (24 + 90 + 12))
    #expect(found.scrollWidth == 360)
    #expect(found.brokenLinks == [])
  }
}
