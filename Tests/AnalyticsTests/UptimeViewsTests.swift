import Analytics
import Streams
import Testing

@Suite struct `What stands beside a period` {
  private static func at(_ second: Int) -> Timestamp {
    Timestamp(microseconds: Int64(second) * 1_000_000)
  }

  private static func span(_ range: Range<Int>) -> LocalSpan {
    LocalSpan(
      name: "\(range)", start: at(range.lowerBound), end: at(range.upperBound))
  }

  /// A model with everything random, and the options that ask for the same.
  private struct Case {
    var model: UptimeModel
    var facts: [RandomFact]
    var history: StatusHistory
    var bars: [Range<Int>]
    var steps: [Range<Int>]
    var previous: Range<Int>
    var weight: Fraction
    var target: Fraction

    init(seed: Int) {
      var random = SplitMix(seed: UInt64(seed) &+ 77_000)
      facts = RandomFact.some(20 + random.below(100), span: 1500, &random)
      model = UptimeModel(&random)
      history = AnalyticsTests.history(events: facts.events(&random)[...])
      bars = (0..<20).map { _ in
        let lower = random.below(1600)
        return lower..<(lower + random.below(400))
      }
      var at = model.start
      steps = []
      while at < model.end {
        let next = min(model.end, at + 1 + random.below(120))
        steps.append(at..<next)
        at = next
      }
      let start = random.below(model.asOf + 1)
      previous = start..<(start + 1 + random.below(500))
      weight = [.zero, Fraction(3, over: 10), .one][random.below(3)]
      target = Fraction(Int128(random.below(101)), over: 100)
    }

    var options: UptimeOptions {
      var options = model.options
      options.degradedWeight = weight
      options.sloTarget = target
      options.views.days = bars.map(span)
      options.views.steps = steps.map(span)
      options.views.previous = at(previous.lowerBound)..<at(previous.upperBound)
      return options
    }
  }

  @Test(arguments: 0..<100)
  func `is what a model finds that looks at every second`(seed: Int) throws {
    let given = Case(seed: seed)
    let model = given.model
    for service in ["a", "b", "nobody"] {
      let seconds = model.seconds(of: service, given.facts)
      try expect(given, seconds, given.history.figures(of: service, given.options))
    }
    for rule in GroupRule.allCases {
      let members = ["a", "b"]
      let group = ServiceGroup(name: "site", rule: rule, parts: [.init(members, in: given.history)])
      let seconds = model.combined(members.map { model.seconds(of: $0, given.facts) }, rule)
      try expect(given, seconds, group.figures(given.options))
    }
  }

  private func expect(
    _ given: Case, _ seconds: [UptimeModel.Second], _ figures: UptimeFigures
  ) throws {
    let model = given.model
    let outages = model.outages(seconds)
    let starts = outages.compactMap(\.first)
    #expect(
      figures.views.days.map(\.text)
        == given.bars.map { model.bar(model.clipped($0), seconds, starts) })
    #expect(
      figures.views.steps.map(\.text)
        == given.steps.map { model.bar(model.clipped($0, from: model.start), seconds, starts) })
    expectPrevious(given, seconds, figures)
    expectBurnDown(given, seconds, figures)
    let shown = outages.filter { outage in
      figures.incidents.contains { $0.beganAt == Self.at(outage[0]) }
    }
    #expect(shown.count == figures.incidents.count)
    #expect(
      figures.incidents.map(\.maskedDownMilliseconds)
        == shown.map { Int64(model.masked($0, seconds)) * 1000 })
    for incident in figures.incidents {
      let end = incident.end ?? Self.at(model.counted.upperBound)
      let length = max(0, (end.microseconds - incident.start.microseconds) / 1000)
      #expect(incident.lengthMilliseconds == length)
    }
  }

  private func expectPrevious(
    _ given: Case, _ seconds: [UptimeModel.Second], _ figures: UptimeFigures
  ) {
    var past = given.model
    (past.start, past.end) = (given.previous.lowerBound, given.previous.upperBound)
    let expected = past.incidents(seconds)
    let previous = figures.views.previous
    #expect(previous?.counts == expected.counts)
    #expect(previous?.mttr == expected.mttr)
    #expect(previous?.durations.text == figures.totals(past.totals(seconds)))
  }

  private func expectBurnDown(
    _ given: Case, _ seconds: [UptimeModel.Second], _ figures: UptimeFigures
  ) {
    let model = given.model
    let measured = model.counted.count {
      [.up, .degraded, .down].contains(seconds[$0].shown)
    }
    guard measured > 0, let burnDown = figures.views.burnDown else {
      #expect((measured > 0) == (figures.views.burnDown != nil))
      return
    }
    let rest = model.end - model.counted.upperBound
    let allowance = (.one - given.target) * Fraction(Int128(measured + rest))
    #expect(burnDown.allowance == allowance)
    let used = given.steps.map { step in
      (model.start..<step.upperBound).filter { model.counted.contains($0) }.reduce(Fraction.zero) {
        switch seconds[$1].shown {
        case .down: $0 + .one
        case .degraded: $0 + given.weight
        default: $0
        }
      }
    }
    #expect(burnDown.consumed == used)
    let isOverdrawn = used.last.map { $0 > allowance } ?? false
    let expected =
      isOverdrawn ? model.exhaustion(allowance, weight: given.weight, seconds) : nil
    #expect(burnDown.exhaustedAt?.microseconds == expected.map { $0 * 1000 })
  }

  @Test func `has response times of each step by nearest rank, taken while up`() throws {
    let facts = history(
      (1...20).map { minute in
        fact("10T06:\(minute < 10 ? "0" : "")\(minute)", "up", ms: "\(minute * 10)")
      } + [fact("10T07:00", "down", ms: "9999"), fact("10T07:30", "slow", ms: "50")])
    var options = try period()
    options.views.steps = [
      LocalSpan(name: "6", start: try instant("10T06:00"), end: try instant("10T07:00")),
      LocalSpan(name: "7", start: try instant("10T07:00"), end: try instant("10T08:00")),
      LocalSpan(name: "8", start: try instant("10T08:00"), end: try instant("11T00:00")),
    ]
    let figures = facts.figures(of: "api", options)
    let first = LatencyFigures(count: 20, p50: 100, p95: 190, p99: 200, max: 200)
    let second = LatencyFigures(count: 1, p50: 50, p95: 50, p99: 50, max: 50)
    #expect(figures.views.stepLatency == [first, second, nil])
    options.views.steps = []
    #expect(figures.latency == facts.figures(of: "api", options).latency)
  }

  @Test func `has the revisions of its facts, also when they came late`() throws {
    var late = StatusHistory()
    for (number, time) in ["10T06:00", "10T08:00", "10T07:00", "10T09:00"].enumerated() {
      let data = Array(fact(time, number == 1 ? "down" : "up").utf8)
      statusEvent(data, number: Int64(number)).withView { late.receive($0) }
    }
    var options = try period()
    options.views.days = [
      LocalSpan(name: "a", start: try instant("10T06:30"), end: try instant("10T08:30")),
      LocalSpan(name: "b", start: try instant("10T00:00"), end: try instant("10T06:00")),
    ]
    #expect(
      late.figures(of: "api", options).views.days.map(\.revisions) == [1...2, nil])
  }
}

extension SpanFigures {
  fileprivate var text: String {
    let seconds = durations
    let states = [
      seconds.up, seconds.degraded, seconds.down, seconds.maintenance, seconds.unknown,
    ].map { "\($0 / 1000)" }
    return (states + ["masked \(maskedDownMilliseconds / 1000)", "starts \(incidentsStarted)"])
      .joined(separator: " ")
  }
}

extension StateDurations {
  fileprivate var text: String { "\(up) \(degraded) \(down) \(maintenance) \(unknown)" }
}

extension UptimeFigures {
  /// A model's totals, `up 12 down 3`, as milliseconds in order.
  fileprivate func totals(_ text: String) -> String {
    let words = text.split(separator: " ")
    var found: [String: Int64] = [:]
    for index in stride(from: 0, to: words.count - 1, by: 2) {
      found[String(words[index])] = Int64(words[index + 1])
    }
    return ["up", "degraded", "down", "maintenance", "unknown"]
      .map { "\((found[$0] ?? 0) * 1000)" }.joined(separator: " ")
  }
}
