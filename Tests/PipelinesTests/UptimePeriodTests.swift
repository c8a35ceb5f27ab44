import Analytics
import EventStore
import Foundation
import History
import Pipelines
import Reports
import Streams
import Testing

@Suite struct `The period of an uptime query` {
  private func query(_ json: String) throws -> UptimeQuery {
    try UptimeQuery(json: Array(json.utf8))
  }

  /// Start, end and the start of the period before, which ends at the start.
  private func period(_ json: String, now: String = "2026-11-24T10:00:00Z") throws -> [String?] {
    let (options, _) = try query(json).options(now: try time(now))
    #expect(options.views.previous.map(\.upperBound) ?? options.start == options.start)
    return [options.start.rfc3339, options.end.rfc3339, options.views.previous?.lowerBound.rfc3339]
  }

  @Test(arguments: [
    (#"{"period":"day"}"#, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "2026-11-22T00:00:00Z"),
    (#"{"period":"week"}"#, "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-09T00:00:00Z"),
    (
      #"{"period":"month"}"#, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-09-01T00:00:00Z"
    ),
    (
      #"{"period":"quarter"}"#, "2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z",
      "2026-04-01T00:00:00Z"
    ),
    (#"{"period":"year"}"#, "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
    (
      #"{"period":"2026-11"}"#, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z",
      "2026-10-01T00:00:00Z"
    ),
    // The clocks change in March: 743 hours, and the month before has 672.
    (
      #"{"period":"2026-03","timezone":"Europe/Berlin"}"#, "2026-02-28T23:00:00Z",
      "2026-03-31T22:00:00Z", "2026-01-31T23:00:00Z"
    ),
    // As many local days; as much time.
    (
      #"{"from":"2026-03-29","to":"2026-03-30","timezone":"Europe/Berlin"}"#,
      "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-27T23:00:00Z"
    ),
    (
      #"{"start":"2026-03-29T00:00:00Z","end":"2026-03-29T06:00:00Z"}"#, "2026-03-29T00:00:00Z",
      "2026-03-29T06:00:00Z", "2026-03-28T18:00:00Z"
    ),
    ("{}", "2026-08-27T00:00:00Z", "2026-11-25T00:00:00Z", "2026-05-29T00:00:00Z"),
  ])
  func `has its bounds and the one before`(
    json: String, start: String, end: String, before: String
  ) throws {
    #expect(try period(json) == [start, end, before])
  }

  @Test func `has none before it where there was no time`() throws {
    #expect(try period(#"{"period":"1970-01"}"#)[2] == nil)
  }

  @Test(arguments: [
    (#"{"period":"fortnight"}"#, "Option period must be day, week, month, quarter or year"),
    (#"{"period":"2026-13"}"#, "Option period must be"),
    (#"{"period":"2026-10","from":"2026-10-01"}"#, "A period is named, and another is given"),
    (
      #"{"from":"2026-10-02","to":"2026-10-01"}"#,
      "The period from 2026-10-02T00:00:00Z to 2026-10-01"
    ),
    (#"{"from":"2026-10-02","to":"2026-10-02"}"#, "is empty"),
    (#"{"period":"0001"}"#, "is empty or not within 1970 to 2199"),
    (#"{"timezone":"Mars/Olympus"}"#, "There is no time zone called \"Mars/Olympus\"."),
  ])
  func `is refused with a reason`(json: String, message: String) {
    let error =
      #expect(throws: (any Error).self) {
        try query(json).options(now: try time("2026-11-24T10:00:00Z"))
      } as? any CodedError
    #expect(error?.code == .invalidOption)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func `may lie in the future, and has no data`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 2)
    let query = try query(#"{"period":"2150"}"#)
    let report = try scratch.history.read {
      try query.report($0, now: try time("2026-11-24T10:00:00Z"))
    }
    #expect(report.services.map(\.coverage) == [nil])
    #expect(report.services.map(\.views.previous?.coverage) == [nil])
    #expect(report.text().contains("no data"))
  }

  @Test(arguments: [
    ("web=http,websocket", "web", ["http", "websocket"], GroupRule.worst),
    ("web=http:best", "web", ["http"], .best), ("web=db:5432:worst", "web", ["db:5432"], .worst),
    ("a b=x y", "a b", ["x y"], .worst),
  ])
  func `reads a group`(text: String, name: String, members: [String], rule: GroupRule) throws {
    #expect(
      try UptimeQuery.Group(text) == UptimeQuery.Group(name: name, members: members, rule: rule))
  }

  @Test(arguments: ["", "web", "=a", "web=", "web=a,", "web=a:both", "web=a:"])
  func `refuses a group that is none`(text: String) {
    #expect(throws: QueryError.self) { try UptimeQuery.Group(text) }
  }

  @Test func `gives the same figures by the command that the report names`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 31)
    let query = try query(
      #"{"period":"2025-01","sloTarget":"99.9","staleAfterSeconds":7200,"decimals":4,"#
        + #""group":{"name":"it's","members":["api"],"rule":"best"}}"#)
    let report = try scratch.history.read {
      try query.report($0, now: try time("2025-02-03T00:00:00Z"))
    }
    #expect(
      report.checkCommand
        == "rookery report uptime --period 2025-01 --tz UTC --as-of 2025-02-01T00:00:00Z "
        + "--stale-after-seconds 7200 --slo-target 99.9 --decimals 4 "
        + "--options '{\"groups\":[{\"name\":\"it'\\''s\",\"members\":[\"api\"],\"rule\":\"best\"}]}' "
        + "--through 744 --format json")
  }
}

@Suite struct `A night at the end of a period` {
  private static let monthly = """
    steps:
    - step: uptime-report
      days: 30
    - step: uptime-report
      period: month
      sloTarget: '99'
    - step: uptime-report
      period: week
    """

  @Test func `makes its report, named by it, and other nights do not`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 31)
    let now = try time("2025-02-05T04:00:00Z")
    let before = try scratch.run(Self.monthly, date: "2025-01-30", now: now)
    #expect(
      before.runs.first?.steps.dropFirst().map(\.detail) == [
        "the month 2025-01 is not over", "the week 2025-W05 is not over",
      ])
    let files = try FileManager.default.contentsOfDirectory(
      atPath: "\(scratch.root)/reports/2025-01-30")
    #expect(files.contains("uptime.html"))
    #expect(!files.contains { $0.contains("2025-") })

    let last = try scratch.run(Self.monthly, date: "2025-01-31", now: now)
    #expect(!last.hasFailed)
    #expect(
      last.runs.first?.steps[1].detail
        == "1 services: \(scratch.root)/reports/2025-01-31/uptime-2025-01.html")
    #expect(try scratch.report("2025-01-31", "uptime-2025-01.html").contains("SLA report"))
    #expect(
      try scratch.report("2025-01-31", "uptime-2025-01.json").contains(
        #""period":"2025-01","start":"2025-01-01T00:00:00Z","end":"2025-02-01T00:00:00Z""#))
    for table in UptimeTable.allCases where ![.corrections, .restatements].contains(table) {
      #expect(
        try scratch.report("2025-01-31", "uptime-2025-01\(table.fileEnding)").contains("api"))
    }
    #expect(try scratch.report("2025-01-31", "uptime.json").contains(#""period":null"#))

    let sunday = try scratch.run(Self.monthly, date: "2025-01-26", now: now)
    #expect(sunday.runs.first?.steps[2].detail.hasSuffix("uptime-2025-W04.html") == true)
  }

  @Test(arguments: [
    ("period: fortnight", "steps[0].period must be day, week, month, quarter or year"),
    ("period: month\n  days: 30", "steps[0].period must be given without days"),
    ("pdf: perhaps", "steps[0].pdf must be true or false"),
  ])
  func `is refused with options that say nothing`(option: String, message: String) throws {
    let scratch = try Scratch()
    let error = #expect(throws: ConfigurationError.self) {
      try scratch.runner("steps:\n- step: uptime-report\n  \(option)")
    }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}
