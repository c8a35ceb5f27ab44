internal import Analytics

extension UptimeReport {
  /// One row for each bar of each entry; the column `bar` tells hours, days and months apart.
  public func barsCSV() -> String {
    var table = CSVTable(columns: Self.entryColumns + ["bar"] + Self.spanColumns)
    let views = options.views
    for (kind, figures) in entries {
      let rows = [
        ("hour", views.hours, figures.views.hours), ("day", views.days, figures.views.days),
        ("month", views.months, figures.views.months),
      ]
      for (bar, spans, bars) in rows {
        for (span, one) in zip(spans, bars) {
          table.append(head(kind, figures) + [.text(bar)] + cells(span, one))
        }
      }
    }
    return table.text
  }

  /// One row for each step of the period of each entry, with response times and error budget; the
  /// column `step` tells what a step is.
  public func stepsCSV() -> String {
    var table = CSVTable(
      columns: Self.entryColumns + ["step"] + Self.spanColumns + Self.stepColumns)
    for (kind, figures) in entries {
      for (index, step) in zip(options.views.steps, figures.views.steps).enumerated() {
        table.append(
          head(kind, figures) + [.text(options.views.step.rawValue)] + cells(step.0, step.1)
            + stepCells(figures.views, index))
      }
    }
    return table.text
  }

  /// One row for each entry: verdict, the period before, and what is different.
  public func comparisonCSV() -> String {
    var table = CSVTable(columns: Self.entryColumns + Self.comparisonColumns)
    for (kind, figures) in entries {
      table.append(head(kind, figures) + comparisonCells(figures))
    }
    return table.text
  }

  private func head(_ kind: UptimeEntry.Kind, _ figures: UptimeFigures) -> [CSVTable.Cell] {
    [.text(kind.rawValue), .text(figures.service), .text(figures.stream)]
  }

  private static let entryColumns = ["kind", "service", "stream"]

  private static let spanColumns = [
    "name", "start", "end", "elapsedSeconds", "upSeconds", "downSeconds", "degradedSeconds",
    "maintenanceSeconds", "unknownSeconds", "maskedDownSeconds", "availabilityPct", "coveragePct",
    "incidentsStarted", "firstRevision", "lastRevision",
  ]

  private func cells(_ span: LocalSpan, _ figures: SpanFigures) -> [CSVTable.Cell] {
    let durations = figures.durations
    return [
      .text(span.name), .time(span.start), .time(span.end),
      .seconds(milliseconds: durations.elapsed),
    ] + durations.csvCells + [
      .seconds(milliseconds: figures.maskedDownMilliseconds),
      .percent(
        durations.availability(degradedWeight: options.degradedWeight), decimals: decimals),
      .percent(durations.coverage, decimals: decimals), .int(figures.incidentsStarted),
      .number(figures.revisions.map { String($0.lowerBound) }),
      .number(figures.revisions.map { String($0.upperBound) }),
    ]
  }

  private static let stepColumns = [
    "latencyCount", "latencyP50Ms", "latencyP95Ms", "latencyP99Ms", "latencyMaxMs",
    "budgetConsumedSeconds", "budgetRemainingSeconds",
  ]

  private func stepCells(_ views: UptimeViewFigures, _ index: Int) -> [CSVTable.Cell] {
    let latency = views.stepLatency[index]
    let consumed = views.burnDown?.consumed[index]
    return [
      .number(latency.map { String($0.count) }), .double(latency?.p50), .double(latency?.p95),
      .double(latency?.p99), .double(latency?.max), .seconds(consumed),
      .seconds(views.burnDown.flatMap { burnDown in consumed.map { burnDown.allowance - $0 } }),
    ]
  }

  private static let comparisonColumns = [
    "slaVerdict", "previousStart", "previousEnd", "availabilityPct", "previousAvailabilityPct",
    "availabilityPoints", "coveragePct", "previousCoveragePct", "coveragePoints", "downSeconds",
    "previousDownSeconds", "changeDownSeconds", "incidentsTouching", "previousIncidentsTouching",
    "changeIncidentsTouching", "mttrSeconds", "previousMttrSeconds", "changeMttrSeconds",
    "budgetConsumedPct", "previousBudgetConsumedPct", "budgetConsumedPoints",
  ]

  private func comparisonCells(_ figures: UptimeFigures) -> [CSVTable.Cell] {
    let change = PeriodChange(figures)
    let before = change?.previous
    let percent = { (share: Fraction?) in CSVTable.Cell.percent(share, decimals: decimals) }
    return [
      .text(verdict(on: figures)?.rawValue), .time(before?.start), .time(before?.end),
      percent(figures.availability), percent(before?.availability), percent(change?.availability),
      percent(figures.coverage), percent(before?.coverage), percent(change?.coverage),
      .seconds(milliseconds: figures.durations.down),
      .seconds(milliseconds: before?.durations.down),
      .seconds(milliseconds: change?.downMilliseconds),
      .int(figures.counts.touching), .number(before.map { String($0.counts.touching) }),
      .number(change?.incidents.map(String.init)), .seconds(figures.mttr), .seconds(before?.mttr),
      .seconds(change?.mttr), percent(figures.errorBudget?.consumedShare),
      percent(before?.errorBudget?.consumedShare), percent(change?.budgetConsumed),
    ]
  }
}
