import Analytics
import Reports
import Streams
import Testing

@Suite struct `An uptime report as CSV` {
  private func rows(_ text: String) -> [[String]] {
    text.split(separator: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private func value(_ column: String, in text: String, row: Int = 1) throws -> String {
    let rows = rows(text)
    let index = try #require(rows.first?.firstIndex(of: column))
    return rows[row][index]
  }

  @Test(arguments: [
    ("kind", "service"), ("service", "api"), ("availabilityPct", "99.305"), ("downSeconds", "600"),
    ("incidentsStarted", "1"), ("budgetRemainingSeconds", "-513.6"), ("latencyP99Ms", "1000.5"),
    ("state", "up"), ("start", "2025-01-10T00:00:00Z"), ("unknownStatus", "0"),
  ])
  func `has one row a service with the figures of the JSON`(column: String, cell: String) throws {
    let text = try Samples.report([try Samples.oneOutage()]).servicesCSV()
    #expect(try value(column, in: text) == cell)
  }

  @Test func `leaves a cell empty where there is no data`() throws {
    let text = try Samples.report([try Samples.noData()]).servicesCSV()
    for column in ["availabilityPct", "mttrSeconds", "budgetSeconds", "latencyP50Ms", "stream"] {
      #expect(try value(column, in: text) == "", "\(column)")
    }
  }

  @Test func `has the same number of cells in every row`() throws {
    let report = try Samples.fullReport()
    for text in UptimeTable.allCases.map({ report.csv($0) }) {
      let rows = rows(text)
      #expect(rows.count > 1)
      #expect(Set(rows.map(\.count)).count == 1)
    }
  }

  @Test func `tells days and incidents with their events`() throws {
    let report = try Samples.report([try Samples.oneOutage()])
    #expect(
      report.daysCSV().hasSuffix(
        "service,api,service-uptime-api,2025-01-10,2025-01-10T00:00:00Z,2025-01-11T00:00:00Z,86400,"
          + "85800,600,0,0,0,99.305,1,1,2\r\n"))
    #expect(
      report.incidentsCSV().hasSuffix(
        "service,api,service-uptime-api,2025-01-10T06:00:00Z,2025-01-10T06:10:00Z,600,recovered,"
          + "false,true,HTTP 503,1,2,service-api-20250110T060000Z,2025-01-10T06:00:00Z,600,0\r\n"))
  }

  @Test(arguments: [
    ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"),
    ("+1", "'+1"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"),
    ("\tx", "'\tx"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
    ("two\nlines", "\"two\nlines\""), ("=\"x\"", "\"'=\"\"x\"\"\""), ("plain", "plain"),
  ])
  func `is quoted, and no text in it is a formula`(cause: String, cell: String) throws {
    let text = try Samples.report([try Samples.oneOutage(cause: cause)]).incidentsCSV()
    #expect(text.contains(",\(cell),1,2,service-api-20250110T060000Z,"))
  }
}

@Suite struct `An uptime report for a terminal` {
  @Test func `is aligned and sorted worst first`() throws {
    let text = try Samples.report([
      try Samples.noData("zeta"), try Samples.oneOutage("api"), try Samples.mixed("mixed"),
    ]).text()
    let lines = text.split(separator: "\n").map(String.init)
    let first = try #require(lines.firstIndex { $0.hasPrefix("SERVICE") })
    #expect(lines[first + 2].hasPrefix("mixed    maintenance      88.889 %"))
    #expect(lines[first + 3].hasPrefix("api      up               99.305 %"))
    #expect(lines[first + 4].hasPrefix("zeta     unknown           no data"))
  }

  @Test func `says in words what the report rests on`() throws {
    let text = try Samples.fullReport().text()
    for sentence in [
      "All services: 99.305 % available, 1 incident.",
      "Made from the store at position 4711, as of 2025-01-11 00:00 UTC",
      "Percentages are cut, not rounded, after 3 digits.",
      "1 fact arrived out of order; the time in the fact decides.",
      "2 facts had a status word Rookery does not know; counted as unknown.",
      "A fact is evidence for 1 d 1 h",
      "revisions 1 to 2",
    ] {
      #expect(text.contains(sentence), "\(sentence) is not in\n\(text)")
    }
  }

  @Test func `moves no cursor, whatever a name holds`() throws {
    let text = try Samples.report([try Samples.oneOutage("\u{1B}[2Jevil\u{202E}", cause: "\u{7}")])
      .text()
    #expect(!text.unicodeScalars.contains { ["\u{1B}", "\u{202E}", "\u{7}"].contains($0) })
    #expect(text.contains("\u{FFFD}[2Jevil\u{FFFD}"))
  }

  @Test func `keeps its columns when a name is endless`() throws {
    let text = try Samples.report([try Samples.oneOutage(String(repeating: "x", count: 5000))])
      .text()
    #expect(text.split(separator: "\n").filter { $0.contains("xxx") }.allSatisfy { $0.count < 250 })
  }
}
