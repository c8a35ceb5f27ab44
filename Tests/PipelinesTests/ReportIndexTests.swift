import Foundation
import Testing

@Suite struct `The index of a reports folder` {
  private static let reports = """
    steps:
    - step: uptime-report
      days: 3
    """

  private func index(_ scratch: borrowing Scratch) throws -> String {
    try String(contentsOfFile: scratch.root + "/reports/index.html", encoding: .utf8)
  }

  /// The places of `texts` in `page`, in their order.
  private func areInOrder(_ texts: [String], _ page: String) -> Bool {
    var rest = page[...]
    for text in texts {
      guard let range = rest.range(of: text) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }

  @Test func `lists every night by month, the newest first, with its sentence`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(30, 31)
    try scratch.run(Self.reports, now: try time("2025-02-03T04:00:00Z"))
    let page = try index(scratch)
    #expect(
      areInOrder(
        [
          "The newest, of", "2025-02-02", "February 2025", "2\u{A0}nights", "2025-02-02",
          "2025-02-01/uptime.html", "January 2025", "2025-01-31", "2025-01-30/uptime.html",
          "2025-01-30/uptime.csv",
        ], page))
    let headline = try scratch.report("2025-01-31", "uptime.txt").split(
      separator: "\n", omittingEmptySubsequences: false)[3]
    #expect(headline.hasPrefix("api: "))
    #expect(page.contains(headline.replacing("\u{A0}", with: " ")))
    #expect(!page.contains("<script"))
    #expect(page.contains("default-src 'none'"))
  }

  @Test func `leaves out what is foreign or half-written, and escapes what is odd`() throws {
    let scratch = try Scratch.withFacts()
    let root = scratch.root + "/reports"
    let files = [
      "2024-01-01/uptime.txt": "no report at all", "2024-01-02/.uptime.html.tmp": "half",
      "2024-01-03/uptime.txt": "t\np\n\n<b>bold</b> & \"more\"\n", "2024-01-03/a b<i>.html": "",
      "2024-02-30/uptime.html": "", "notes/uptime.html": "", "2024-01-04/core": "x",
    ]
    for (name, text) in files {
      let file = URL(filePath: "\(root)/\(name)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    try Data().write(to: URL(filePath: root + "/2024-01-05"))
    try Data([0xFF, 10, 10, 10, 0xFF]).write(to: URL(filePath: root + "/2024-01-01/uptime.csv"))
    let before = try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
    try scratch.run(Self.reports, date: "2025-01-03", now: try time("2025-01-06T04:00:00Z"))
    let page = try index(scratch)
    #expect(areInOrder(["January 2024", "2\u{A0}nights", "2024-01-03", "2024-01-01"], page))
    #expect(page.contains("&lt;b&gt;bold&lt;/b&gt; &amp; &quot;more&quot;"))
    #expect(page.contains("href=\"2024-01-03/a%20b%3Ci%3E.html\""))
    for absent in ["2024-01-02", "2024-02-30", "2024-01-04", "2024-01-05", "notes/", "<b>"] {
      #expect(!page.contains(absent), "\(absent)")
    }
    let after = try FileManager.default.subpathsOfDirectory(atPath: root)
    #expect(Set(before).isSubset(of: after))
  }

  @Test func `of three thousand nights is made in no time`() throws {
    let scratch = try Scratch.withFacts()
    for day in 0..<3000 {
      let folder = "\(scratch.root)/reports/\(date(day))"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for file in ["uptime.html", "uptime.csv"] {
        try Data().write(to: URL(filePath: "\(folder)/\(file)"))
      }
      try Data("Uptime\nperiod\n\nsentence \(day)\n".utf8)
        .write(to: URL(filePath: folder + "/uptime.txt"))
    }
    let start = ContinuousClock.now
    try scratch.run(Self.reports, date: "2025-01-03", now: try time("2025-01-06T04:00:00Z"))
    #expect(ContinuousClock.now - start < .seconds(30))
    let page = try index(scratch)
    #expect(page.components(separatedBy: "sentence ").count == 3001)
  }

  /// From 2010 on.
  private func date(_ day: Int) -> String {
    Date(timeIntervalSince1970: 1_262_304_000 + Double(day) * 86_400).formatted(
      .iso8601.year().month().day())
  }
}
