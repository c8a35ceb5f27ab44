extension SettledFacts {
  /// The response times of the period that were taken while up or degraded.
  ///
  /// Both must be so: the fact itself, for a failed probe's time is that of its time-out, and the
  /// timeline at that instant, for in a maintenance window nothing is measured, and what
  /// is excluded is left out.
  ///
  /// - Complexity: O(log n + the facts in `period`).
  func goodResponsesMs(in period: Range<Int64>, _ timeline: StateTimeline) -> [Double] {
    var samples: [Double] = []
    var span = timeline.index(at: period.lowerBound)
    for fact in facts[indices(in: period)] where !fact.responseMs.isNaN {
      while timeline.endMs(at: span) <= fact.timeMs { span += 1 }
      guard fact.state.isGood, timeline.spans[span].state.isGood,
        !timeline.spans[span].isExcluded
      else { continue }
      samples.append(fact.responseMs)
    }
    return samples
  }
}

extension UptimeFigures {
  /// Fills in the response times of the period and of each of its steps, over all `members`.
  ///
  /// - Complexity: O(k log k) in the samples of the period.
  mutating func addLatency(_ members: [GroupMember], _ options: UptimeOptions) {
    let ranges = options.latencyRangesMs.indices.map { range in
      var samples: [Double] = []
      for member in members { samples += member.responsesMs[range] }
      samples.sort()
      return samples
    }
    if !options.views.steps.isEmpty {
      views.stepLatency = ranges.map { LatencyFigures(sorted: $0) }
    }
    // A sort of sorted runs is a merge.
    latency = LatencyFigures(
      sorted: ranges.count == 1 ? ranges[0] : ranges.flatMap(\.self).sorted())
  }
}

extension ServiceState {
  /// Up or degraded.
  var isGood: Bool { self == .up || self == .degraded }
}

extension LatencyFigures {
  /// Nil when there is no sample; they are ascending.
  init?(sorted: [Double]) {
    guard !sorted.isEmpty else { return nil }
    self.init(
      count: sorted.count, p50: NearestRank.value(50, of: sorted),
      p95: NearestRank.value(95, of: sorted), p99: NearestRank.value(99, of: sorted),
      max: NearestRank.value(100, of: sorted))
  }
}
