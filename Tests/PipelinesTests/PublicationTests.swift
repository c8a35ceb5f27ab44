import Analytics
import EventStore
import Foundation
import History
import Pipelines
import Reports
import Streams
import Testing

@Suite struct `A report of a period that was published` {
  private static let yaml = """
    name: nightly
    steps:
    - step: rollup
    - step: uptime-report
      needs: rollup
      days: 31
    """

  private static let february = "2025-02-01T04:00:00Z"

  private func published() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 31)
    try scratch.run(Self.yaml, date: "2025-01-31", now: try time(Self.february))
    return scratch
  }

  private func january(_ change: (inout UptimeQuery) -> Void = { _ in }) -> UptimeQuery {
    var query = UptimeQuery()
    query.from = CivilDate("2025-01-01")
    query.to = CivilDate("2025-02-01")
    change(&query)
    return query
  }

  private func report(
    _ scratch: borrowing Scratch, _ query: UptimeQuery, full: Bool = false
  ) throws -> UptimeReport {
    let now = try time("2025-03-01T00:00:00Z")
    return try scratch.history.read { try query.report($0, full: full, now: now) }
  }

  private func say(
    _ scratch: borrowing Scratch, _ statement: CorrectionStatement, id: EventID = .random()
  ) throws {
    let stream =
      statement.type.hasPrefix("Maintenance")
      ? try CorrectionLog.maintenance : try CorrectionLog.incidents
    let event = try statement.event(id: id, reason: "test", principal: .system)
    try scratch.store.append(AppendRequest(stream, events: [event]))
  }

  @Test func `says nothing of it while nothing has come since`() throws {
    let scratch = try published()
    #expect(try report(scratch, january()).published == nil)
    try scratch.store.append("service-uptime-api", fact("api", "up", at: try time(Self.february)))
    let published = try #require(try report(scratch, january()).published)
    #expect(published.position == Position(744))
    #expect(published.comparison.entries.isEmpty)
    #expect(published.eventCount == 0)
  }

  @Test func `shows both figures and names the facts and corrections that made the difference`()
    throws
  {
    let scratch = try published()
    let before = try report(scratch, january())
    try scratch.store.append(
      "service-uptime-api", fact("api", "down", at: try time("2025-01-15T12:30:00Z")))
    try say(
      scratch,
      .correct(
        .exclusion, service: "api", start: try time("2025-01-02T06:00:00Z"),
        end: try time("2025-01-02T07:00:00Z")))
    let report = try report(scratch, january())
    let published = try #require(report.published)
    let entry = try #require(published.comparison.entries.first)
    #expect(published.comparison.entries.map(\.name) == ["api"])
    #expect(entry.before == before.services[0])
    #expect(entry.after == report.services[0])
    #expect(published.eventCount == 2)
    #expect(published.events.map(\.stream) == ["system-incidents", "service-uptime-api"])
    #expect(published.events.map(\.revision) == [0, 744])
    #expect(published.publication?.path.hasSuffix("2025-01-31/uptime.html") == true)
    // Half an hour more of down, and one less.
    #expect(report.services[0].durations.down - before.services[0].durations.down == -1_800_000)
  }

  @Test func `compares with the first of several publications`() throws {
    let scratch = try published()
    try scratch.store.append(
      "service-uptime-api", fact("api", "down", at: try time("2025-01-15T12:30:00Z")))
    try scratch.run(
      Self.yaml, date: "2025-01-31", only: "uptime-report", now: try time("2025-02-02T04:00:00Z"))
    let page = try scratch.report("2025-01-31", "uptime.html")
    #expect(page.contains("As published, as restated"))
    #expect(try scratch.report("2025-01-31", "uptime-restatements.csv").contains("published,"))
    try scratch.store.append("service-uptime-api", fact("api", "up", at: try time(Self.february)))
    #expect(try report(scratch, january()).published?.position == Position(744))
  }

  @Test func `is another report by other rules, and the same by another title or target`() throws {
    let scratch = try published()
    try scratch.store.append("service-uptime-api", fact("api", "up", at: try time(Self.february)))
    #expect(try report(scratch, january { $0.mergeGapSeconds = 60 }).published == nil)
    #expect(try report(scratch, january { $0.timezone = "Europe/Berlin" }).published == nil)
    let titled = january {
      $0.title = "Other"
      $0.sloTarget = Fraction(99, over: 100)
    }
    #expect(try report(scratch, titled).published != nil)
  }

  @Test func `can be compared with any position`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 31)
    let report = try report(scratch, january { $0.publishedAt = Position(100) })
    let published = try #require(report.published)
    #expect(published.publication == nil)
    #expect(published.comparison.entries.map(\.kind) == [.service])
    #expect(published.eventCount > published.events.count)
    #expect(published.events.count == 20)
  }

  @Test func `knows nothing of what came after its position`() throws {
    let scratch = try published()
    let before = try report(scratch, january())
    try scratch.store.append(
      "service-uptime-api", fact("api", "down", at: try time("2025-01-15T12:30:00Z")))
    try scratch.store.append(
      "service-uptime-new", fact("new", "down", at: try time("2025-01-15T12:30:00Z")))
    try say(
      scratch,
      .correct(
        .maintenance, service: nil, start: try time("2025-01-02T06:00:00Z"),
        end: try time("2025-01-02T07:00:00Z")))
    let again = try report(scratch, january { $0.throughPosition = Position(744) })
    #expect(again.services == before.services)
    #expect(again.overall == nil)
    #expect(again.json().dropFirst(600) == before.json().dropFirst(600))
  }

  @Test func `counts corrections whose stream was archived, and gives the same from rollups`()
    throws
  {
    let scratch = try published()
    let id = EventID.random()
    try say(
      scratch,
      .correct(
        .reclassification(.degraded), service: "api", start: try time("2025-01-02T06:00:00Z"),
        end: try time("2025-01-02T07:00:00Z")), id: id)
    try say(
      scratch,
      .correct(
        .maintenance, service: "api", start: try time("2025-01-03T06:00:00Z"),
        end: try time("2025-01-03T07:00:00Z")))
    try scratch.store.append(
      "service-uptime-api", fact("api", "down", at: try time("2025-01-15T12:30:00Z")))
    let hot = try report(scratch, january())
    #expect(hot.corrections.count == 2)
    for stream in ["system-incidents", "system-maintenance"] {
      try scratch.archive(stream)
    }
    let cold = try report(scratch, january(), full: true)
    #expect(cold.services == hot.services)
    #expect(cold.corrections == hot.corrections)
    #expect(
      try report(scratch, january()).json() == report(scratch, january(), full: true).json())
  }
}
