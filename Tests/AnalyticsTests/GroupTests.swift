import Analytics
import Streams
import Testing

@Suite struct `A group` {
  @Test(arguments: [
    (["up", "up"], "up", "up"), (["up", "degraded"], "degraded", "up"),
    (["up", "unknown"], "unknown", "up"), (["degraded", "unknown"], "unknown", "unknown"),
    (["degraded", "down"], "down", "degraded"), (["down", "unknown"], "down", "unknown"),
    (["down", "down"], "down", "down"), (["degraded", "degraded"], "degraded", "degraded"),
    (["maintenance", "down"], "down", "down"), (["maintenance", "up"], "up", "up"),
    (["maintenance", "maintenance"], "maintenance", "maintenance"),
    (["unknown", "unknown"], "unknown", "unknown"), ([], "unknown", "unknown"),
  ])
  func `combines the states of its members`(
    states: [String], worst: String, best: String
  ) throws {
    let lines = states.enumerated().map { fact("09T00:00", $0.element, of: "s\($0.offset)") }
    let services = states.indices.map { "s\($0)" }
    let options = try period()
    for (rule, state) in [(GroupRule.worst, worst), (.best, best)] {
      let group = ServiceGroup(
        name: "site", rule: rule, parts: [.init(services, in: history(lines))])
      #expect(group.figures(options).seconds == "\(state) 86400")
    }
  }

  @Test func `leaves out a member in maintenance, and masks only its own down time`() throws {
    let facts = history([
      fact("09T00:00", "up", of: "a"), fact("09T00:00", "up", of: "b"),
      fact("10T01:00", "down", of: "a"), fact("10T05:00", "up", of: "a"),
      fact("10T04:00", "down", of: "b"), fact("10T06:00", "up", of: "b"),
    ])
    var options = try period()
    options.maintenance = [
      try window("10T00:00", "10T08:00", service: "a"),
      try window("10T05:30", "10T07:00", service: "b"),
    ]
    let worst = ServiceGroup(name: "site", rule: .worst, parts: [.init(["a", "b"], in: facts)])
    let figures = worst.figures(options)
    // 04:00-05:30 b is down; 05:30-07:00 both are in maintenance.
    #expect(figures.seconds == "up 75600 down 5400 maintenance 5400")
    // Without windows it would also have been down 01:00-04:00 and 05:30-06:00.
    #expect(figures.maskedDownMilliseconds == 12_600_000)
    #expect(figures.incidentCounts == "touching 1 started 1 recovered 1")
    let best = ServiceGroup(name: "site", rule: .best, parts: [.init(["a", "b"], in: facts)])
    #expect(best.figures(options).seconds == "up 75600 down 5400 maintenance 5400")
  }

  @Test func `may have a window of its own`() throws {
    let facts = history([fact("09T00:00", "down", of: "a"), fact("09T00:00", "up", of: "b")])
    var options = try period()
    options.maintenance = [try window("10T00:00", "10T06:00", service: "site")]
    let group = ServiceGroup(name: "site", rule: .worst, parts: [.init(["a", "b"], in: facts)])
    let figures = group.figures(options)
    #expect(figures.seconds == "down 64800 maintenance 21600")
    #expect(figures.maskedDownMilliseconds == 21_600_000)
  }

  @Test func `takes its members from several histories, each stale by itself`() throws {
    var options = try period()
    options.staleAfterSeconds = 3600
    let group = ServiceGroup(
      name: "site", rule: .best,
      parts: [
        .init(["a"], in: history([fact("10T00:00", "up", of: "a", ms: "10")])),
        .init(["b"], in: history([fact("10T00:30", "down", of: "b"), "broken"])),
        .init(["c"], in: StatusHistory()),
      ])
    let figures = group.figures(options)
    #expect(figures.seconds == "up 3600 unknown 82800")
    #expect(figures.latency?.count == 1)
    #expect(figures.warnings.rejected == 1)
    #expect(figures.lastFactAt == (try instant("10T00:30")))
    #expect(figures.service == "site")
  }

  @Test func `of one member has its figures`() throws {
    let facts = history([
      fact("09T00:00", "up"), fact("10T06:00", "down"), fact("10T07:00", "unknown"),
      fact("10T08:00", "up", ms: "7"),
    ])
    var options = try period()
    options.days = localDays(from: "2025-01-10", to: "2025-01-11", zone: "UTC")
    options.maintenance = [try window("10T06:30", "10T06:45", service: "api")]
    let alone = facts.figures(of: "api", options)
    for rule in GroupRule.allCases {
      var group = ServiceGroup(name: "api", rule: rule, parts: [.init(["api"], in: facts)])
      #expect(group.figures(options).durations == alone.durations)
      group.name = "site"
      let figures = group.figures(options)
      #expect(figures.maskedDownMilliseconds == alone.maskedDownMilliseconds)
      #expect(figures.counts == alone.counts)
      #expect(figures.days.map(\.durations) == alone.days.map(\.durations))
      #expect(figures.latency == alone.latency)
    }
  }
}
