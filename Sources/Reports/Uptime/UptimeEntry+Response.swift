internal import Analytics

extension UptimeEntry {
  /// Response times step by step; none where nothing was sampled.
  var response: [UptimePage.Response] {
    let steps = zip(words.report.options.views.steps, figures.views.stepLatency).map(\.self)
    guard let first = steps.first, let last = steps.last, steps.contains(where: { $0.1 != nil })
    else { return [] }
    let chart = ResponseChart(steps.map(\.1))
    let step = words.report.options.views.step.rawValue
    return [
      UptimePage.Response(
        svg: chart.svg(
          label: "Response times of \(figures.service)",
          summary: "The table behind it has the numbers."),
        top: chart.top, bottom: chart.bottom, first: first.0.name, last: last.0.name, step: step,
        rows: steps.compactMap { span, latency in latency.map { row(span.name, $0) } })
    ]
  }

  private func row(_ name: String, _ latency: LatencyFigures) -> UptimePage.Response.Row {
    UptimePage.Response.Row(
      name: name, p50: Wording.milliseconds(latency.p50), p95: Wording.milliseconds(latency.p95),
      p99: Wording.milliseconds(latency.p99), max: Wording.milliseconds(latency.max),
      count: Wording.grouped(latency.count))
  }
}
