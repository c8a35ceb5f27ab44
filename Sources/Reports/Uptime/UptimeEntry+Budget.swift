internal import Analytics
internal import Streams

extension UptimeEntry {
  /// How the error budget went; none without a target, or without a budget to speak of.
  var budget: [UptimePage.Budget] {
    let spans = words.report.options.views.steps
    guard let burnDown = figures.views.burnDown, let first = spans.first, let last = spans.last
    else { return [] }
    let steps = zip(zip(spans, figures.views.steps), burnDown.consumed)
      .map { (span: $0.0.0, figures: $0.0.1, used: $0.1) }
      .filter { $0.figures.durations.elapsed > 0 }
    let chart = BurnDownChart(
      allowance: burnDown.allowance, remaining: steps.map { burnDown.allowance - $0.used },
      steps: spans.count)
    return [
      UptimePage.Budget(
        svg: chart.svg(
          label: "Error budget of \(figures.service)", summary: words.outlook(burnDown)),
        top: Wording.duration(chart.top), bottom: Wording.duration(chart.bottom),
        first: first.name, last: last.name, step: words.report.options.views.step.rawValue,
        sentences: sentences(burnDown),
        rows: steps.map { row($0.span, $0.figures, used: $0.used, of: burnDown.allowance) })
    ]
  }

  private func sentences(_ burnDown: BurnDown) -> [String] {
    let whole = Wording.duration(burnDown.allowance)
    let allowance =
      burnDown.outlook == .over
      ? "The budget is \(whole)."
      : "The budget of the whole period is \(whole), if all the rest of it is measured."
    return [allowance, words.outlook(burnDown)]
  }

  private func row(
    _ span: LocalSpan, _ figures: SpanFigures, used: Fraction, of allowance: Fraction
  ) -> UptimePage.Budget.Row {
    let left = allowance - used
    return UptimePage.Budget.Row(
      name: span.name, used: Wording.duration(used), left: Wording.duration(left),
      leftShare: words.percent(allowance == .zero ? nil : left / allowance),
      coverage: words.percent(figures.durations.coverage))
  }
}
