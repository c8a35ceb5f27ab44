internal import Analytics

extension UptimeEntry {
  /// The period beside the one before it; none where nothing was compared.
  var comparison: [UptimePage.Comparison] {
    guard let change = PeriodChange(figures) else { return [] }
    return [
      UptimePage.Comparison(
        previousName: words.previousName(change.previous), rows: rows(change), notes: notes)
    ]
  }

  private var notes: [String] {
    words.report.isFinal
      ? [] : ["This period is not over: what has elapsed of it stands beside a whole one."]
  }

  private func rows(_ change: PeriodChange) -> [UptimePage.Comparison.Row] {
    typealias Row = UptimePage.Comparison.Row
    let before = change.previous
    return [
      Row(
        label: "Availability", now: words.percent(figures.availability),
        before: words.percent(before.availability), change: words.points(change.availability)),
      Row(
        label: "Coverage", now: words.percent(figures.coverage),
        before: words.percent(before.coverage), change: words.points(change.coverage)),
      Row(
        label: "Down", now: Wording.duration(milliseconds: figures.durations.down),
        before: Wording.duration(milliseconds: before.durations.down),
        change: words.signed(change.downMilliseconds)),
      Row(
        label: "Incidents", now: Wording.grouped(figures.counts.touching),
        before: Wording.grouped(before.counts.touching), change: words.signed(change.incidents)),
      Row(
        label: "Mean time to repair", now: Wording.duration(figures.mttr),
        before: Wording.duration(before.mttr), change: words.signed(change.mttr)),
    ] + budgetRows(change)
  }

  private func budgetRows(_ change: PeriodChange) -> [UptimePage.Comparison.Row] {
    guard words.report.options.sloTarget != nil else { return [] }
    return [
      UptimePage.Comparison.Row(
        label: "Error budget used", now: words.percent(figures.errorBudget?.consumedShare),
        before: words.percent(change.previous.errorBudget?.consumedShare),
        change: words.points(change.budgetConsumed))
    ]
  }
}
