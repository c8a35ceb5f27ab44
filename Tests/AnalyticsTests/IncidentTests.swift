import Analytics
import Streams
import Testing

@Suite struct `An incident` {
  @Test func `that began before the period counts its whole down time as repair time`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("09T23:30", "down"), fact("10T00:30", "up"),
    ])
    let figures = facts.figures(of: "api", try period())
    #expect(figures.seconds == "up 84600 down 1800")
    #expect(figures.incidentCounts == "touching 1 recovered 1")
    #expect(figures.mttrText == "3600")
    #expect(figures.mtbf == nil)
    #expect(figures.longestDownMilliseconds == 1_800_000)
    let incident = try #require(figures.incidents.first)
    #expect(incident.start == (try instant("10T00:00")))
    #expect(incident.end == (try instant("10T00:30")))
    #expect(!incident.startedInside)
    #expect(incident.downMilliseconds == 1_800_000)
  }

  @Test func `that recovers exactly at the start of the period is repaired in it`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("09T23:00", "down"), fact("10T00:00", "up"),
    ])
    let figures = facts.figures(of: "api", try period())
    #expect(figures.seconds == "up 86400")
    #expect(figures.incidentCounts == "touching 1 recovered 1")
    #expect(figures.mttrText == "3600")
    let before = facts.figures(of: "api", try period("09T00:00", "10T00:00", asOf: "12T00:00"))
    #expect(before.incidentCounts == "touching 1 started 1 open 1")
    #expect(before.mttr == nil)
    #expect(before.incidents.first?.ending == .open)
    #expect(before.incidents.first?.end == nil)
  }

  @Test(arguments: [
    (Int64(59), "touching 2 started 2 recovered 2", "120", 120),
    (60, "touching 1 started 1 recovered 1", "240", 240),
    (61, "touching 1 started 1 recovered 1", "240", 240),
  ])
  func `ends only with more good time than the merge gap`(
    gap: Int64, counts: String, mttr: String, longest: Int64
  ) throws {
    let facts = history([
      fact("09T12:00", "up"), fact("10T06:00", "down"), fact("10T06:02", "degraded"),
      fact("10T06:02:30", "up"), fact("10T06:03:00", "down"), fact("10T06:05:00", "up"),
    ])
    var options = try period()
    options.mergeGapSeconds = gap
    let figures = facts.figures(of: "api", options)
    #expect(figures.durations.down == 240_000)
    #expect(figures.incidentCounts == counts)
    #expect(figures.mttrText == mttr)
    #expect(figures.longestDownMilliseconds == longest * 1000)
  }

  @Test func `sums the good time around maintenance and unknown between two downs`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("10T06:00", "down"), fact("10T06:01:00", "up"),
      fact("10T06:01:40", "maintenance"), fact("10T07:00", "up"), fact("10T07:00:40", "down"),
      fact("10T08:00", "up"),
    ])
    var options = try period()
    options.mergeGapSeconds = 79
    #expect(facts.figures(of: "api", options).counts.started == 2)
    options.mergeGapSeconds = 80
    #expect(facts.figures(of: "api", options).counts.started == 1)
    #expect(facts.figures(of: "api", options).mttrText == "3620")
  }

  @Test func `is open until enough good time was seen`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("10T06:00", "down"), fact("10T07:00", "up"),
    ])
    var options = try period(asOf: "10T07:01")
    options.mergeGapSeconds = 60
    #expect(facts.figures(of: "api", options).incidentCounts == "touching 1 started 1 open 1")
    options.asOf = try instant("10T07:01:01")
    let figures = facts.figures(of: "api", options)
    #expect(figures.incidentCounts == "touching 1 started 1 recovered 1")
    #expect(figures.incidents.first?.end == (try instant("10T07:00")))
  }

  @Test func `that the merge gap joins across the end of a period is one, open there`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("10T23:00", "down"), fact("10T23:59:50", "up"),
      fact("11T00:00:20", "down"), fact("11T01:00", "up"),
    ])
    var options = try period(asOf: "12T00:00")
    options.mergeGapSeconds = 60
    #expect(facts.figures(of: "api", options).incidentCounts == "touching 1 started 1 open 1")
    options = try period("11T00:00", "12T00:00")
    options.mergeGapSeconds = 60
    let after = facts.figures(of: "api", options)
    #expect(after.incidentCounts == "touching 1 recovered 1")
    #expect(after.mttrText == "7170")
  }

  @Test func `of less down time than the least is downtime only`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("10T03:00", "down"), fact("10T03:01:59.999", "up"),
      fact("10T06:00", "down"), fact("10T06:02", "up"), fact("10T23:59", "down"),
    ])
    var options = try period()
    options.minIncidentSeconds = 120
    let figures = facts.figures(of: "api", options)
    #expect(figures.seconds == "up 86100.001 down 299.999")
    #expect(figures.incidentCounts == "touching 1 started 1 recovered 1")
    #expect(figures.longestDownMilliseconds == 120_000)
    // Known a minute later, the last one is long enough.
    options.asOf = try instant("11T00:01")
    #expect(
      facts.figures(of: "api", options).incidentCounts
        == "touching 2 started 2 recovered 1 open 1")
  }

  @Test func `may end into maintenance, which repairs it once good time follows`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("10T06:00", "down"), fact("10T07:00", "maintenance"),
      fact("10T09:00", "up"),
    ])
    let figures = facts.figures(of: "api", try period())
    #expect(figures.incidentCounts == "touching 1 started 1 recovered 1")
    #expect(figures.mttrText == "3600")
    #expect(figures.incidents.first?.ending == .maintenance)
    #expect(figures.incidents.first?.end == (try instant("10T07:00")))
    let during = facts.figures(of: "api", try period(asOf: "10T08:00"))
    #expect(during.incidentCounts == "touching 1 started 1 open 1")
  }

  @Test func `is not split by a window or a maintenance in it`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("10T01:00", "down"), fact("10T05:00", "maintenance"),
      fact("10T06:00", "down"), fact("10T07:00", "up"),
    ])
    var options = try period()
    options.maintenance = [try window("10T02:00", "10T03:00")]
    let figures = facts.figures(of: "api", options)
    #expect(figures.incidentCounts == "touching 1 started 1 recovered 1")
    #expect(figures.mttrText == "14400")
    #expect(figures.longestDownMilliseconds == 14_400_000)
  }

  @Test func `ended out of sight is neither recovered nor open, and censored`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("10T06:00", "down"), fact("10T07:00", "unknown"),
      fact("10T09:00", "up"),
    ])
    let figures = facts.figures(of: "api", try period())
    #expect(figures.incidentCounts == "touching 1 started 1 censored 1")
    #expect(figures.mttr == nil)
    #expect(figures.incidents.first?.ending == .unknown)
  }

  @Test func `that nobody saw recover stays open when its evidence is stale`() throws {
    let facts = history([fact("09T23:50", "up"), fact("10T00:05", "down")])
    var options = try period()
    options.staleAfterSeconds = 900
    let figures = facts.figures(of: "api", options)
    #expect(figures.seconds == "up 300 down 900 unknown 85200")
    #expect(figures.incidentCounts == "touching 1 started 1 open 1 censored 1")
  }

  @Test(arguments: [
    ("unknown", "touching 1 started 1 recovered 1 censored 1"),
    ("maintenance", "touching 1 started 1 recovered 1"),
    ("up", "touching 1 started 1 recovered 1"),
  ])
  func `that began out of unknown is censored`(before: String, counts: String) throws {
    let facts = history([
      fact("09T00:00", "up"), fact("09T12:00", before), fact("10T06:00", "down"),
      fact("10T07:00", "up"),
    ])
    #expect(facts.figures(of: "api", try period()).incidentCounts == counts)
  }

  @Test func `that is the first thing known is censored`() throws {
    let facts = history([fact("10T00:00", "down"), fact("10T07:00", "up")])
    #expect(
      facts.figures(of: "api", try period()).incidentCounts
        == "touching 1 started 1 recovered 1 censored 1")
  }

  @Test func `after good time and unknown is a new one, begun out of unknown`() throws {
    let facts = history([
      fact("09T00:00", "up"), fact("10T01:00", "down"), fact("10T02:00", "up"),
      fact("10T02:01", "unknown"), fact("10T03:00", "down"), fact("10T04:00", "up"),
    ])
    let figures = facts.figures(of: "api", try period())
    #expect(figures.incidentCounts == "touching 2 started 2 recovered 2 censored 1")
    #expect(figures.mttrText == "3600")
    #expect(figures.incidents.map(\.isCensored) == [false, true])
  }

  @Test func `running through the whole period is open in it`() throws {
    let facts = history([fact("01T00:00", "up"), fact("05T00:00", "down"), fact("20T00:00", "up")])
    let figures = facts.figures(of: "api", try period(asOf: "25T00:00"))
    #expect(figures.seconds == "down 86400")
    #expect(figures.incidentCounts == "touching 1 open 1")
    #expect(figures.longestDownMilliseconds == 86_400_000)
  }

  @Test func `after the period does not touch it, and one over before it does not`() throws {
    let facts = history([
      fact("01T00:00", "up"), fact("09T00:00", "down"), fact("09T23:59:59.999", "up"),
      fact("11T00:00", "down"), fact("11T01:00", "up"),
    ])
    let figures = facts.figures(of: "api", try period(asOf: "12T00:00"))
    #expect(figures.incidentCounts == "")
    #expect(figures.longestDownMilliseconds == nil)
    #expect(figures.mtbf == nil)
  }

  @Test func `names the events that began and ended it, and the cause the first one gave`() throws {
    var facts = StatusHistory()
    let lines = [
      fact("09T12:00", "up"),
      fact("10T01:00", "down", metadata: #"{"title":"T","cause":7,"reason":"no \"route\""}"#),
      fact("10T01:05", "down", metadata: #"{"message":"later"}"#), fact("10T01:10", "up"),
      fact("10T02:00", "down", metadata: #"{"incidents":["2025-01-10-db","x"]}"#),
      fact("10T04:00", "up"), fact("10T05:00", "down", metadata: #"["message"]"#),
      fact("10T05:30", "down", metadata: #"{"reason":"after"}"#),
    ]
    for (index, line) in lines.enumerated() {
      statusEvent(Array(line.utf8), number: Int64(index)).withView { facts.receive($0) }
    }
    var options = try period()
    options.maintenance = [try window("10T03:00", "10T03:30")]
    options.staleAfterSeconds = 7200
    let incidents = facts.figures(of: "api", options).incidents
    #expect(incidents.map(\.firstRevision?.rawValue) == [1, 4, 6])
    #expect(incidents.map(\.lastRevision?.rawValue) == [3, 5, nil])
    #expect(incidents.map(\.cause) == [#"no "route""#, "2025-01-10-db", nil])
    #expect(
      history(lines).figures(of: "api", options).incidents.map(\.firstRevision).allSatisfy {
        $0 == nil
      })
  }

  @Test func `cuts a long cause at a whole character`() throws {
    let cause = String(repeating: "ü", count: 100)
    let facts = history([fact("10T01:00", "down", metadata: #"{"message":"x\#(cause)"}"#)])
    let incident = try #require(facts.figures(of: "api", try period()).incidents.first)
    #expect(incident.cause == "x" + String(repeating: "ü", count: 79))
  }
}
