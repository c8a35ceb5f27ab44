import Analytics
import Foundation
import Streams
import Testing

@testable import Reports

@Suite struct `An activity report` {
  private func forms(_ report: ActivityReport) throws -> [String] {
    [
      report.json(), report.text(), report.markdown(),
      ActivityTable.allCases.map(report.csv).joined(),
      try report.html(`The report templates`.load()),
    ]
  }

  @Test func `gives the same figures in every form`() throws {
    let report = try Samples.activityReport(showActors: true)
    let json = report.json()
    for member in [
      #""actors":40,"actions":400,"bytes":123456,"new":11,"returning":23,"resurrected":6,"#
        + #""dormant":8,"stickinessPct":"41.666""#,
      #""sessions":{"count":61,"lengthP50Seconds":340,"lengthP95Seconds":4120,"#,
      #""perActor":{"p50":7,"p95":30,"max":30,"histogram":[{"fromActions":1,"toActions":1,"#
        + #""actors":9},"#,
      #""previous":{"start":"2025-01-04T00:00:00Z","end":"2025-01-06T00:00:00Z","actors":31,"#
        + #""actions":300,"bytes":100000,"sessions":50}"#,
      #"{"days":7,"first":"2025-01-01","last":"2025-01-07","active":45,"new":11,"returning":26,"#
        + #""resurrected":8,"dormant":9,"complete":true}"#,
      #"{"weekday":1,"hour":8,"actions":60,"actors":12,"elapsedSeconds":3600}"#,
      #"{"weekday":7,"hour":8,"actions":null,"actors":null,"elapsedSeconds":0}"#,
      #"{"date":"2025-01-06","actions":210,"dau":30,"wau":50,"mau":65,"new":6,"returning":18,"#
        + #""resurrected":6,"dormant":9,"stickinessPct":"46.153","complete":true}"#,
      #"{"active":13,"sharePct":"65.000","complete":true}"#,
      #""throughPosition":99"#, #""zone":"UTC""#,
    ] {
      #expect(json.contains(member), "\(member) is not in \(json)")
    }
    #expect(report.csv(.days).contains("2025-01-06,210,30,50,65,6,18,6,9,46.153,true\r\n"))
    #expect(report.csv(.cohorts).contains("2024-12-30,20,1,13,65.000,true\r\n"))
    #expect(report.text().contains("2025-01-06      210   30   50   65    6         18"))
    #expect(report.text().contains("65.0 %"))
    #expect(report.markdown().contains("| 2025-01-06 | 210 | 30 | 50 | 65 | 6 | 18 | 6 | 9 |"))
    #expect(report.markdown().contains("| active people | 40 | 31 | +29.0\u{A0}% |"))
    #expect(report.csv(.hours).contains("1,8,60,12,3600\r\n"))
    #expect(report.csv(.hours).hasSuffix("7,23,,,0\r\n"))
    #expect(report.csv(.distribution).contains("16,31,10\r\n"))
    #expect(report.csv(.sessions).contains("300,900,40,30\r\n"))
    #expect(report.csv(.windows).contains("7,2025-01-01,2025-01-07,45,11,26,8,9,true\r\n"))
    #expect(report.csv(.summary).contains("actors,40,31\r\n"))
    let page = try report.html(`The report templates`.load())
    for figure in ["+29.0\u{A0}% active people against the period before (31).", "60 (12)"] {
      #expect(
        page.contains(figure) && report.text().contains(figure.replacing("\u{A0}", with: " ")))
    }
  }

  @Test func `hides what fewer than five people did, in every form`() throws {
    let report = try Samples.activityReport()
    #expect(report.json().contains(#""topActors":null"#))
    #expect(report.json().contains(#"{"active":"<5","sharePct":"hidden","complete":false}"#))
    #expect(report.json().contains(#""week":"2024-12-23","size":"<5""#))
    #expect(
      report.csv(.breakdown).contains(
        "type,profile,UserDataUpdated,,hidden,<5,hidden,hidden,hidden,hidden\r\n"))
    for form in try forms(report) { #expect(!form.contains("anna-lena")) }
  }

  @Test func `withholds a second number where subtraction would show the first`() throws {
    let report = try Samples.activityReport()
    // Two of 25 were resurrected that day: the smallest other part goes too.
    #expect(
      report.json().contains(#""new":"hidden","returning":18,"resurrected":"<5","dormant":12"#))
    // Of three kinds only `profile` has too few people; 400 - 300 - 97 would give its events.
    #expect(
      report.csv(.breakdown).contains(
        "type,loans,UserDataUpdated,,hidden,hidden,hidden,hidden,hidden,hidden\r\n"))
    // The one topic of `loans` is all of it.
    #expect(report.csv(.breakdown).contains("topic,loans,UserDataUpdated,renewal,hidden,hidden"))
    #expect(report.csv(.breakdown).contains("topic,activity,UserDataUpdated,search,100,20,10000"))
  }

  @Test func `hides the share of the last day when it would give its people away`() throws {
    var report = try Samples.activityReport()
    report.figures.days[1].dau = 4
    report.figures.stickiness = Fraction(4, over: 60)
    #expect(report.json().contains(#""stickinessPct":"hidden""#))
  }

  @Test func `says nothing of a period with fewer than five people`() throws {
    var report = try Samples.activityReport()
    report.figures.actors = 3
    let json = report.json()
    #expect(json.contains(#""actors":"<5","actions":"hidden","bytes":"hidden""#))
    #expect(json.contains(#""sessions":{"count":"hidden","lengthP50Seconds":"hidden""#))
    #expect(report.text().contains("Fewer than 5 people were active."))
  }

  @Test func `names people and hides nothing for those who may see it`() throws {
    let report = try Samples.activityReport(showActors: true)
    #expect(report.json().contains(#""topActors":[{"actor":"anna-lena","actions":41}]"#))
    #expect(report.json().contains(#""resurrected":2,"#))
    for form in try forms(report) {
      #expect(!form.contains("<5") && !form.contains("&lt;5") && !form.contains("hidden,"))
    }
  }

  @Test func `of nothing says that there was no activity`() throws {
    let start = try Samples.instant("2025-01-06T00:00:00Z")
    let report = ActivityReport(
      title: "Empty",
      figures: ActivityFigures(
        start: start, end: start.adding(seconds: 86_400), asOf: start.adding(seconds: 9)),
      zone: .utc,
      madeAt: start, throughPosition: nil)
    #expect(report.text().contains("No activity."))
    #expect(report.json().contains(#""stickinessPct":null"#))
    #expect(try report.html(`The report templates`.load()).contains("No activity."))
  }

  /// Everything that a user or an importer chose: names, categories, types, topics.
  @Test(arguments: [
    "=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "<script>alert(1)</script>", "a\"b'c", "|x|",
    "\u{202E}gnp", "🦉🦉", String(repeating: "x", count: 255), "{{title}}", "\u{600}<b>\u{301}\"",
  ])
  func `shows a hostile name as the text it is`(name: String) throws {
    var report = try Samples.activityReport(showActors: true)
    report.title = name
    report.figures.topActors = [.init(actor: name, actions: 41)]
    report.figures.topics[0].topic = name
    report.figures.breakdown[0].type = name
    report.figures.categories[0].category = name
    let page = try report.html(`The report templates`.load())
    #expect(page.contains("<bdi>\(HTMLEscape.escape(name))</bdi>"))
    #expect(!page.contains("<script"))
    #expect(report.markdown().contains("| \(name.markdown) |"))
    let document = try JSONSerialization.jsonObject(with: Data(report.json().utf8))
    let actors = (document as? [String: Any])?["topActors"] as? [[String: Any]]
    #expect(actors?.first?["actor"] as? String == name)
    for row in report.csv(.breakdown).split(separator: "\r\n") {
      let cells = row.split(separator: ",", omittingEmptySubsequences: false)
      #expect(!cells.contains { "=+-@\t".contains($0.first ?? "x") })
      #expect(!cells.contains { $0.hasPrefix("\"=") })
    }
    #expect(!report.text().unicodeScalars.contains("\u{202E}"))
  }

  @Test func `of a period that has not begun says so`() throws {
    let start = try Samples.instant("2035-01-06T00:00:00Z")
    let figures = ActivityFigures(
      start: start, end: start.adding(seconds: 86_400), asOf: start)
    let report = ActivityReport(
      title: "Later", figures: figures, zone: .utc, madeAt: start, throughPosition: nil)
    #expect(report.text().contains("The period has not begun."))
    #expect(try report.html(`The report templates`.load()).contains("The period has not begun."))
  }
}
