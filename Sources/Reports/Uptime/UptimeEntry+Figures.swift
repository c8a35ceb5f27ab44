internal import Analytics
internal import Streams

extension UptimeEntry {
  var availabilityFigures: [UptimePage.Figure] {
    let durations = figures.durations
    return [
      UptimePage.Figure(
        label: "Availability", value: words.percent(figures.availability),
        notes: ["coverage \(words.percent(figures.coverage))"]),
      UptimePage.Figure(
        label: "Bounds", value: words.bounds(figures),
        notes: [
          "\(Wording.duration(milliseconds: durations.unknown)) unknown, counted as down or as up"
        ]),
      UptimePage.Figure(
        label: "Down", value: Wording.duration(milliseconds: durations.down),
        notes: figures.maskedDownMilliseconds > 0
          ? [
            "and \(Wording.duration(milliseconds: figures.maskedDownMilliseconds))"
              + " under maintenance"
          ] : []),
    ] + degradedFigures + maintenanceFigures + excludedFigures
  }

  private var degradedFigures: [UptimePage.Figure] {
    guard figures.durations.degraded > 0 else { return [] }
    return [
      UptimePage.Figure(
        label: "Degraded", value: Wording.duration(milliseconds: figures.durations.degraded),
        notes: [
          "\(words.percent(figures.strict)) if bad, \(words.percent(figures.lenient)) if good"
        ])
    ]
  }

  private var maintenanceFigures: [UptimePage.Figure] {
    guard figures.durations.maintenance > 0 else { return [] }
    return [
      UptimePage.Figure(
        label: "Maintenance",
        value: Wording.duration(milliseconds: figures.durations.maintenance),
        notes: ["left out of the availability"])
    ]
  }

  private var excludedFigures: [UptimePage.Figure] {
    guard figures.durations.excluded > 0 else { return [] }
    let down = Wording.duration(milliseconds: figures.excludedDownMilliseconds)
    return [
      UptimePage.Figure(
        label: "Excluded", value: Wording.duration(milliseconds: figures.durations.excluded),
        notes: ["out of the account, \(down) of it down"])
    ]
  }

  var incidentFigures: [UptimePage.Figure] {
    [
      UptimePage.Figure(
        label: "Incidents", value: Wording.grouped(figures.counts.touching),
        notes: figures.counts.touching == 0 ? [] : [words.incidents(figures.counts)]),
      UptimePage.Figure(
        label: "Mean time to repair", value: Wording.duration(figures.mttr),
        notes: figures.longestDownMilliseconds.map {
          ["longest \(Wording.duration(milliseconds: $0))"]
        } ?? []),
      UptimePage.Figure(
        label: "Mean time between failures", value: Wording.duration(figures.mtbf), notes: []),
    ]
  }

  var otherFigures: [UptimePage.Figure] {
    [latencyFigure] + (figures.errorBudget.map { [budgetFigure($0)] } ?? [])
  }

  private var latencyFigure: UptimePage.Figure {
    guard let latency = figures.latency, latency.count > 0 else {
      return UptimePage.Figure(label: "Response time", value: Wording.noData, notes: [])
    }
    let parts = [("p50", latency.p50), ("p99", latency.p99), ("max", latency.max)]
      .map { "\($0.0) \(Wording.milliseconds($0.1))" }
    return UptimePage.Figure(
      label: "Response time, p95", value: Wording.milliseconds(latency.p95),
      notes: [parts.joined(separator: ", "), Wording.count(latency.count, "sample")])
  }

  private func budgetFigure(_ budget: ErrorBudget) -> UptimePage.Figure {
    let isOverdrawn = budget.remaining < .zero
    let remaining = Wording.duration(isOverdrawn ? -budget.remaining : budget.remaining)
    return UptimePage.Figure(
      label: "Error budget used", value: words.percent(budget.consumedShare),
      notes: [
        "\(Wording.duration(budget.consumed)) of \(Wording.duration(budget.budget)), "
          + "\(remaining) \(isOverdrawn ? "too much" : "left")"
      ])
  }
}
