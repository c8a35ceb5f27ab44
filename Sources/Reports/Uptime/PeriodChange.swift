internal import Analytics

/// What is different from the period before. A difference with one side missing is nil.
struct PeriodChange {
  let previous: PreviousFigures
  /// As shares of 1, exact: what is printed of them is cut once, and so may differ in the last digit
  /// from the difference of two printed figures.
  let availability: Fraction?
  let coverage: Fraction?
  let budgetConsumed: Fraction?
  let downMilliseconds: Int64?
  let incidents: Int?
  /// Seconds.
  let mttr: Fraction?

  /// Nil when nothing was compared.
  init?(_ figures: UptimeFigures) {
    guard let previous = figures.views.previous else { return nil }
    self.previous = previous
    availability = Self.difference(figures.availability, previous.availability)
    coverage = Self.difference(figures.coverage, previous.coverage)
    budgetConsumed = Self.difference(
      figures.errorBudget?.consumedShare, previous.errorBudget?.consumedShare)
    mttr = Self.difference(figures.mttr, previous.mttr)
    // Without a known instant on either side, no downtime and no incident say nothing.
    let isKnown = figures.durations.known > 0 && previous.durations.known > 0
    downMilliseconds = isKnown ? figures.durations.down - previous.durations.down : nil
    incidents = isKnown ? figures.counts.touching - previous.counts.touching : nil
  }

  private static func difference(_ now: Fraction?, _ before: Fraction?) -> Fraction? {
    guard let now, let before else { return nil }
    return now - before
  }
}
