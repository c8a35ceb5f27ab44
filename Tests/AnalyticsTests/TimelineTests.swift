import Analytics
import Streams
import Testing

@Suite struct `A timeline` {
  @Test func `carries in the last state from before the period`() throws {
    let facts = history([fact("01T00:00", "up"), fact("09T23:59", "degraded")])
    #expect(facts.seconds(try period()) == "degraded 86400")
  }

  @Test func `is unknown before the first fact`() throws {
    let facts = history([fact("10T06:00", "down")])
    #expect(facts.seconds(try period()) == "down 64800 unknown 21600")
  }

  @Test(arguments: [
    (Int64(3600), "up 28800 degraded 3600 unknown 54000"),
    (7200, "up 36000 degraded 7200 unknown 43200"),
    (0, "unknown 86400"),
  ])
  func `forgets a fact when its evidence is stale`(stale: Int64, seconds: String) throws {
    // Evidence that lasts exactly until the next fact leaves no gap.
    let lines =
      ["10T00:00", "10T02:00", "10T03:00", "10T04:00", "10T05:00", "10T06:00", "10T07:00"]
      .map { fact($0, "up") }
    let facts = history(lines + [fact("10T08:00", "up"), fact("10T12:00", "degraded")])
    var options = try period()
    options.staleAfterSeconds = stale
    #expect(facts.seconds(options) == seconds)
  }

  @Test func `forgets a maintenance that nobody repeats, and a fact from long before`() throws {
    let facts = history([fact("09T23:00", "up"), fact("10T06:00", "maintenance")])
    var options = try period()
    options.staleAfterSeconds = 7200
    #expect(facts.seconds(options) == "up 3600 maintenance 7200 unknown 75600")
  }

  @Test func `is maintenance inside planned windows, whatever is beneath`() throws {
    let facts = history([
      fact("10T02:00", "up"), fact("10T04:00", "down"), fact("10T08:00", "maintenance"),
      fact("10T10:00", "degraded"),
    ])
    var options = try period()
    // Two overlap, one lies in another, one touches, one is empty, one is for another service.
    options.maintenance = [
      try window("10T05:00", "10T06:00", service: "api"), try window("10T01:00", "10T03:00"),
      try window("10T05:30", "10T07:00"), try window("10T05:40", "10T05:50"),
      try window("10T07:00", "10T11:00"), try window("10T12:00", "10T12:00"),
      try window("10T14:00", "10T13:00"), try window("10T15:00", "10T20:00", service: "web"),
    ]
    let figures = facts.figures(of: "api", options)
    #expect(figures.seconds == "up 3600 degraded 46800 down 3600 maintenance 28800 unknown 3600")
    #expect(figures.maskedDownMilliseconds == 10_800_000)
  }

  @Test func `counts of a window only what lies in the period`() throws {
    let facts = history([fact("09T00:00", "down")])
    var options = try period(asOf: "10T18:00")
    options.maintenance = [
      try window("09T12:00", "10T06:00"), try window("10T12:00", "11T12:00"),
    ]
    let figures = facts.figures(of: "api", options)
    #expect(figures.seconds == "down 21600 maintenance 43200")
    #expect(figures.maskedDownMilliseconds == 43_200_000)
  }

  @Test func `hides no down time where its evidence is stale or it says so itself`() throws {
    let facts = history([fact("10T00:00", "down"), fact("10T12:00", "maintenance")])
    var options = try period()
    options.staleAfterSeconds = 3600
    options.maintenance = [try window("10T00:00", "11T00:00")]
    let figures = facts.figures(of: "api", options)
    #expect(figures.seconds == "maintenance 86400")
    #expect(figures.maskedDownMilliseconds == 3_600_000)
  }

  @Test(arguments: ["10T00:00", "09T12:00"])
  func `has no figure for a period that has not begun`(asOf: String) throws {
    let facts = history([fact("09T00:00", "up")])
    var options = try period(asOf: asOf)
    options.sloTarget = Fraction(percent: "99.9")
    options.days = localDays(from: "2025-01-10", to: "2025-01-11", zone: "UTC")
    let figures = facts.figures(of: "api", options)
    #expect(figures.durations.elapsed == 0)
    #expect(figures.availability == nil)
    #expect(figures.coverage == nil)
    #expect(figures.lowerBound == nil)
    #expect(figures.errorBudget == nil)
    #expect(figures.lastState == nil)
    #expect(figures.days.map(\.durations) == [StateDurations()])
  }

  @Test func `tells the state at the last instant that counts`() throws {
    let facts = history([
      fact("09T00:00", "up"), fact("10T23:59:59.999", "down"), fact("11T00:00", "degraded"),
    ])
    let figures = facts.figures(of: "api", try period(asOf: "12T00:00"))
    #expect(figures.lastState == .down)
    #expect(figures.lastFactAt == (try instant("11T00:00")))
  }
}

@Suite struct `A share of time` {
  @Test func `weighs degraded time and bounds what is unknown`() throws {
    let facts = history([
      fact("10T06:00", "up"), fact("10T12:00", "degraded"), fact("10T18:00", "down"),
      fact("10T21:00", "maintenance"),
    ])
    var options = try period()
    options.degradedWeight = try #require(Fraction(decimal: "0.3"))
    options.sloTarget = Fraction(percent: "99.95")
    let figures = facts.figures(of: "api", options)
    // 6 h up, 6 h degraded of which 0.7 count, 3 h down, 6 h unknown, 3 h maintenance.
    #expect(figures.availability == Fraction(102, over: 150))
    #expect(figures.strict == Fraction(60, over: 150))
    #expect(figures.lenient == Fraction(120, over: 150))
    #expect(figures.lowerBound == Fraction(102, over: 210))
    #expect(figures.upperBound == Fraction(162, over: 210))
    #expect(figures.coverage == Fraction(18, over: 24))
    #expect(figures.errorBudget?.budget == Fraction(27))
    #expect(figures.errorBudget?.consumed == Fraction(10_800 + 6480))
    #expect(figures.errorBudget?.remaining == Fraction(27 - 17_280))
    #expect(figures.errorBudget?.consumedShare == Fraction(640))
  }

  @Test func `of a budget of nothing is no share`() throws {
    var options = try period()
    options.sloTarget = Fraction(percent: "100")
    let figures = history([fact("09T00:00", "up")]).figures(of: "api", options)
    #expect(figures.errorBudget?.budget == .zero)
    #expect(figures.errorBudget?.consumedShare == nil)
  }

  @Test func `of a day counts only what of it lies in the period`() throws {
    let facts = history([fact("09T00:00", "up"), fact("10T06:00", "down"), fact("10T18:00", "up")])
    var options = try period("10T08:00", "11T07:00", asOf: "12T00:00")
    options.days = localDays(from: "2025-01-10", to: "2025-01-12", zone: "UTC")
    let figures = facts.figures(of: "api", options)
    #expect(figures.days.map(\.durations.down) == [36_000_000, 0])
    #expect(figures.days.map(\.durations.up) == [21_600_000, 25_200_000])
    #expect(figures.days.map(\.incidentsStarted) == [0, 0])
  }

  @Test func `adds up over the days, and each day names its revisions`() throws {
    var facts = StatusHistory()
    let times = ["01T12:00", "29T22:59:59", "29T23:00", "30T08:00", "30T09:00", "30T23:30"]
    let states = ["up", "down", "up", "down", "degraded", "down"]
    for (index, (time, state)) in zip(times, states).enumerated() {
      // Revision 10 and up; the two facts of 09:00 and 08:00 arrive in the wrong order.
      let line = fact(time, state).replacing("2025-01-30", with: "2025-03-30")
        .replacing("2025-01-29", with: "2025-03-29")
      statusEvent(Array(line.utf8), number: Int64(10 + index)).withView { facts.receive($0) }
    }
    let days = localDays(from: "2025-03-29", to: "2025-04-01", zone: "Europe/Berlin")
    var options = UptimeOptions(
      start: days[0].start, end: days[2].end,
      asOf: try Timestamp(rfc3339: "2025-03-31T10:00:00+02:00"))
    options.days = days
    let figures = facts.figures(of: "api", options)
    #expect(figures.days.map(\.durations.elapsed) == [86_400_000, 82_800_000, 36_000_000])
    #expect(figures.days.map(\.durations.down) == [1000, 3_600_000, 30_600_000 - 0])
    #expect(figures.days.map(\.incidentsStarted) == [1, 1, 1])
    #expect(figures.days.map(\.revisions) == [11...11, 12...14, 15...15])
    #expect(figures.durations.elapsed == figures.days.reduce(0) { $0 + $1.durations.elapsed })
    #expect(figures.durations.down == figures.days.reduce(0) { $0 + $1.durations.down })
  }
}

@Suite struct `Response times` {
  @Test func `are those of good facts in the period and outside maintenance`() throws {
    let facts = history([
      fact("09T23:59", "up", ms: "1"), fact("10T00:00", "degraded", ms: "20.5"),
      fact("10T01:00", "up", ms: "-3"), fact("10T02:00", "up", ms: #""40""#),
      fact("10T03:00", "up", ms: "30.125"), fact("10T04:00", "maintenance", ms: "4"),
      fact("10T05:00", "up", ms: "5"), fact("10T06:00", "unknown", ms: "6"),
      fact("10T07:00", "up", ms: "1e2"), fact("10T08:00", "up", ms: "0.1234567"),
      fact("11T00:00", "up", ms: "8"), fact("10T09:00", "up", id: "x", ms: "50"),
      fact("10T09:00", "up", id: "x", ms: "60"),
    ])
    var options = try period(asOf: "12T00:00")
    options.maintenance = [try window("10T04:30", "10T05:30")]
    let latency = try #require(facts.figures(of: "api", options).latency)
    #expect(latency == LatencyFigures(count: 5, p50: 30.125, p95: 100, p99: 100, max: 100))
  }

  @Test(arguments: [
    (1, 1.0, 1.0, 1.0), (2, 1, 2, 2), (20, 10, 19, 20), (100, 50, 95, 99), (101, 51, 96, 100),
  ])
  func `have percentiles by nearest rank`(count: Int, p50: Double, p95: Double, p99: Double) throws
  {
    let lines = (1...count).reversed().map { number in
      fact("10T00:00:0\(number % 10)", "up", ms: "\(number)")
    }
    let latency = try #require(history(lines).figures(of: "api", try period()).latency)
    #expect(
      latency
        == LatencyFigures(count: count, p50: p50, p95: p95, p99: p99, max: Double(count)))
  }
}
