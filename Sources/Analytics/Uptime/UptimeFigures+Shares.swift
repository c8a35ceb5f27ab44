extension UptimeFigures {
  /// Fills in the shares of time and the error budget.
  mutating func addShares(_ options: UptimeOptions) {
    let weight = options.degradedWeight
    let seen = durations.measured + durations.unknown
    let good = durations.good(degradedWeight: weight)
    availability = durations.availability(degradedWeight: weight)
    strict = durations.availability(degradedWeight: .one)
    lenient = durations.availability(degradedWeight: .zero)
    coverage = .share(Fraction(Int128(durations.known)), of: durations.accounted)
    lowerBound = .share(good, of: seen)
    upperBound = .share(good + Fraction(Int128(durations.unknown)), of: seen)
    errorBudget = options.sloTarget.flatMap {
      ErrorBudget(target: $0, durations: durations, degradedWeight: weight)
    }
  }
}

extension StateDurations {
  /// up + (1 − w)·degraded, in milliseconds.
  fileprivate func good(degradedWeight: Fraction) -> Fraction {
    Fraction(Int128(up)) + (.one - degradedWeight) * Fraction(Int128(degraded))
  }

  /// (up + (1 − w)·degraded) / measured; nil when nothing was measured.
  public func availability(degradedWeight: Fraction) -> Fraction? {
    .share(good(degradedWeight: degradedWeight), of: measured)
  }
}

extension ErrorBudget {
  /// (1 − target)·measured against down + w·degraded; nil when nothing was measured.
  fileprivate init?(target: Fraction, durations: StateDurations, degradedWeight: Fraction) {
    guard durations.measured > 0 else { return nil }
    let budget = (.one - target) * .seconds(milliseconds: durations.measured)
    let consumed = durations.consumed(degradedWeight: degradedWeight)
    self.init(
      budget: budget, consumed: consumed, remaining: budget - consumed,
      consumedShare: budget == .zero ? nil : consumed / budget)
  }
}
