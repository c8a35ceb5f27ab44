public import Streams

/// How the error budget of a whole period went, step by step.
///
/// The allowance is (1 − target) of what was measured of the period plus what of it has not elapsed:
/// of a period that is over, exactly its error budget. Of one that is running it is what the period
/// may cost if all the rest of it is measured.
public struct BurnDown: Hashable, Sendable {
  /// What is to be expected of a running period.
  public enum Outlook: Hashable, Sendable {
    /// The period is over: nothing is left to expect.
    case over
    /// It is used up already.
    case exhausted
    /// At the rate so far, it is used up at this instant, within the period.
    case exhausts(Timestamp)
    /// At the rate so far, it lasts to the end.
    case lasts
    /// A rate would say nothing.
    case unclear(Doubt)
  }

  /// Why no date is named.
  public enum Doubt: String, Sendable {
    /// Less than a quarter of the period, or than a day, has elapsed.
    case tooEarly
    /// Less than 95 % of what has elapsed is known.
    case littleKnown
    /// Fewer than three incidents: one outage is no rate.
    case fewIncidents
  }

  /// Seconds, exact.
  public var allowance: Fraction
  /// Seconds used by the end of each step; a step that has not begun repeats the one before.
  public var consumed: [Fraction]
  /// From when on more was used than the allowance; nil while it lasts.
  public var exhaustedAt: Timestamp?
  public var outlook: Outlook

  public init(
    allowance: Fraction, consumed: [Fraction], exhaustedAt: Timestamp? = nil,
    outlook: Outlook = .over
  ) {
    self.allowance = allowance
    self.consumed = consumed
    self.exhaustedAt = exhaustedAt
    self.outlook = outlook
  }
}

extension BurnDown {
  /// - Parameter figures: with the period's durations, counts and steps filled in.
  init?(of figures: UptimeFigures, _ timeline: StateTimeline, _ options: UptimeOptions) {
    guard let target = options.sloTarget, figures.durations.measured > 0 else { return nil }
    let counted = options.countedMs
    let restMs = options.end.millisecondsCut - counted.upperBound
    let allowance = (.one - target) * .seconds(milliseconds: figures.durations.measured + restMs)
    let weight = options.degradedWeight
    var sum = Fraction.zero
    let consumed = figures.views.steps.map { step in
      sum = sum + step.durations.consumed(degradedWeight: weight)
      return sum
    }
    let used = figures.durations.consumed(degradedWeight: weight)
    self.init(allowance: allowance, consumed: consumed)
    if used > allowance {
      exhaustedAt = timeline.instant(
        ofConsuming: allowance, in: counted, degradedWeight: weight)
    }
    outlook = Self.outlook(
      used: used, allowance: allowance, figures: figures, counted: counted, restMs: restMs)
  }

  private static func outlook(
    used: Fraction, allowance: Fraction, figures: UptimeFigures, counted: Range<Int64>,
    restMs: Int64
  ) -> Outlook {
    if restMs <= 0 { return .over }
    if used >= allowance { return .exhausted }
    if let doubt = doubt(figures, elapsedMs: figures.durations.elapsed, restMs: restMs) {
      return .unclear(doubt)
    }
    // used > 0, as there were incidents.
    let leftMs = (allowance - used) / used * Fraction(Int128(figures.durations.elapsed))
    guard leftMs < Fraction(Int128(restMs)) else { return .lasts }
    let wholeMs = Int64(leftMs.numerator / leftMs.denominator)
    return .exhausts(Timestamp(milliseconds: counted.upperBound + wholeMs))
  }

  private static func doubt(
    _ figures: UptimeFigures, elapsedMs: Int64, restMs: Int64
  ) -> Doubt? {
    if elapsedMs < 86_400_000 || elapsedMs * 3 < restMs { return .tooEarly }
    if figures.durations.known * 100 < elapsedMs * 95 { return .littleKnown }
    return figures.counts.started < 3 ? .fewIncidents : nil
  }
}

extension StateDurations {
  /// Seconds of error budget: down + w·degraded.
  public func consumed(degradedWeight: Fraction) -> Fraction {
    .seconds(milliseconds: down) + degradedWeight * .seconds(milliseconds: degraded)
  }
}

extension StateTimeline {
  /// When down + w·degraded since the start of `range` reaches `allowance` seconds, cut to the
  /// millisecond; nil when it does not.
  ///
  /// - Complexity: O(log n + the spans in `range`).
  func instant(
    ofConsuming allowance: Fraction, in range: Range<Int64>, degradedWeight: Fraction
  ) -> Timestamp? {
    var left = allowance * Fraction(1000)
    for index in index(at: range.lowerBound)..<spans.count {
      let startMs = max(spans[index].startMs, range.lowerBound)
      guard startMs < range.upperBound else { return nil }
      let rate = spans[index].state.consumption(degradedWeight: degradedWeight)
      guard rate > .zero else { continue }
      let length = min(endMs(at: index), range.upperBound) - startMs
      let used = rate * Fraction(Int128(length))
      guard used >= left else {
        left = left - used
        continue
      }
      let untilMs = left / rate
      return Timestamp(milliseconds: startMs + Int64(untilMs.numerator / untilMs.denominator))
    }
    return nil
  }
}

extension ServiceState {
  /// How much of the budget a unit of time in this state costs.
  fileprivate func consumption(degradedWeight: Fraction) -> Fraction {
    switch self {
    case .down: .one
    case .degraded: degradedWeight
    case .up, .maintenance, .unknown: .zero
    }
  }
}
