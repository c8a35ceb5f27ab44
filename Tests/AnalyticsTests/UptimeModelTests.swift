import Analytics
import Streams
import Testing

@Suite struct `Uptime figures` {
  /// Random facts, options and windows against the plain model; in the second half corrections,
  /// withdrawals, and positions before some of all that.
  @Test(arguments: 0..<300)
  func `are those of a model that looks at every second`(seed: Int) throws {
    var random = SplitMix(seed: UInt64(seed) &+ 1000)
    let all = RandomFact.some(20 + random.below(100), span: 1500, &random)
    var model = UptimeModel(&random)
    if seed >= 100 { model.corrections = ModelCorrection.some(&random) }
    if seed >= 200 { model.through = random.below(300) }
    let facts = model.through.map { Array(all.prefix($0 / 3 + 1)) } ?? all
    let folded = history(events: all.events(&random)[...])
    for service in ["a", "b", "nobody"] {
      expect(
        model, model.seconds(of: service, facts), folded.figures(of: service, model.options))
    }
    let members = ["a", "b", "c \"quoted\""]
    for rule in GroupRule.allCases {
      let group = ServiceGroup(name: "site", rule: rule, parts: [.init(members, in: folded)])
      let seconds = model.combined(members.map { model.seconds(of: $0, facts) }, rule)
      expect(model, seconds, group.figures(model.options))
    }
  }

  private func expect(
    _ model: UptimeModel, _ seconds: [UptimeModel.Second], _ figures: UptimeFigures
  ) {
    #expect(figures.seconds == model.totals(seconds))
    #expect(figures.durations.excluded == Int64(model.excluded(seconds)) * 1000)
    #expect(figures.excludedDownMilliseconds == Int64(model.excludedDown(seconds)) * 1000)
    #expect(figures.maskedDownMilliseconds == Int64(model.maskedDown(seconds)) * 1000)
    #expect(figures.lastState == (model.counted.isEmpty ? nil : seconds[model.counted].last?.shown))
    let found = UptimeModel.Expected(
      counts: figures.counts, mttr: figures.mttr, mtbf: figures.mtbf,
      longest: figures.longestDownMilliseconds.map { Int($0 / 1000) })
    #expect(found == model.incidents(seconds))
    #expect(figures.incidents.count == figures.counts.touching)
  }
}

extension UptimeModel {
  init(_ random: inout SplitMix) {
    start = random.below(1000)
    end = start + random.below(700)
    asOf = random.below(3) == 0 ? end : start + random.below(1200)
    staleAfter = random.below(2) == 0 ? nil : random.below(200)
    mergeGap = random.below(2) == 0 ? 0 : random.below(60)
    minIncident = random.below(2) == 0 ? 0 : random.below(60)
    windows = (0..<random.below(5)).map { _ in
      let lower = random.below(1500)
      return ([nil, "a", "b"][random.below(3)], lower..<(lower + random.below(300)))
    }
  }
}
