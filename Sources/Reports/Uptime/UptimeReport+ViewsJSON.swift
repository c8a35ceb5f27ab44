internal import Analytics

extension UptimeReport {
  /// The verdict, bars, steps, budget and comparison of an entry.
  func viewMembers(of figures: UptimeFigures) -> [(String, JSONValue)] {
    let views = options.views
    return [
      ("sla", .optional(verdict(on: figures)) { sla($0) }),
      (
        "bars",
        [
          "hours": bars(views.hours, figures.views.hours),
          "days": bars(views.days, figures.views.days),
          "months": bars(views.months, figures.views.months),
        ]
      ),
      ("step", .string(views.step.rawValue)),
      ("steps", steps(of: figures)),
      ("burnDown", .optional(figures.views.burnDown) { $0.json }),
      ("previous", .optional(figures.views.previous) { $0.json(decimals: decimals) }),
      ("change", .optional(PeriodChange(figures)) { $0.json(decimals: decimals) }),
    ]
  }

  private func sla(_ verdict: SLAVerdict) -> JSONValue {
    ["verdict": .string(verdict.rawValue), "final": .bool(isFinal)]
  }

  private func bars(_ spans: [LocalSpan], _ figures: [SpanFigures]) -> JSONValue {
    .array(zip(spans, figures).map { .object(members(of: $0, $1)) })
  }

  private func members(of span: LocalSpan, _ figures: SpanFigures) -> [(String, JSONValue)] {
    let durations = figures.durations
    return [
      ("name", .string(span.name)), ("start", .time(span.start)), ("end", .time(span.end)),
      ("elapsedSeconds", .seconds(milliseconds: durations.elapsed)), ("seconds", durations.json),
      ("maskedDownSeconds", .seconds(milliseconds: figures.maskedDownMilliseconds)),
      (
        "availabilityPct",
        .percent(
          durations.availability(degradedWeight: options.degradedWeight), decimals: decimals)
      ),
      ("coveragePct", .percent(durations.coverage, decimals: decimals)),
      ("incidentsStarted", .int(figures.incidentsStarted)),
      ("firstRevision", .optional(figures.revisions) { .int($0.lowerBound) }),
      ("lastRevision", .optional(figures.revisions) { .int($0.upperBound) }),
    ] + durations.excludedMembers
  }

  private func steps(of figures: UptimeFigures) -> JSONValue {
    let burnDown = figures.views.burnDown
    return .array(
      zip(options.views.steps, figures.views.steps).enumerated().map { index, step in
        let latency = figures.views.stepLatency[index]
        let consumed = burnDown?.consumed[index]
        return .object(
          members(of: step.0, step.1) + [
            ("latencyMs", .optional(latency) { $0.json }),
            ("budgetConsumedSeconds", .optional(consumed) { .seconds($0) }),
            (
              "budgetRemainingSeconds",
              .optional(burnDown) { burnDown in
                .optional(consumed) { .seconds(burnDown.allowance - $0) }
              }
            ),
          ])
      })
  }
}

extension BurnDown {
  fileprivate var json: JSONValue {
    var outlook: String
    var projected: JSONValue = .null
    var doubt: JSONValue = .null
    switch self.outlook {
    case .over: outlook = "over"
    case .exhausted: outlook = "exhausted"
    case .lasts: outlook = "lasts"
    case .exhausts(let instant):
      outlook = "exhausts"
      projected = .time(instant)
    case .unclear(let reason):
      outlook = "unclear"
      doubt = .string(reason.rawValue)
    }
    return [
      "allowanceSeconds": .seconds(allowance),
      "exhaustedAt": .optional(exhaustedAt) { .time($0) },
      "outlook": .string(outlook),
      "projectedExhaustionAt": projected,
      "doubt": doubt,
    ]
  }
}

extension PreviousFigures {
  fileprivate func json(decimals: Int) -> JSONValue {
    let members: KeyValuePairs<String, JSONValue> = [
      "start": .time(start),
      "end": .time(end),
      "elapsedSeconds": .seconds(milliseconds: durations.elapsed),
      "seconds": durations.json,
      "availabilityPct": .percent(availability, decimals: decimals),
      "coveragePct": .percent(coverage, decimals: decimals),
      "incidents": counts.json,
      "mttrSeconds": .optional(mttr) { .seconds($0) },
      "errorBudget": .optional(errorBudget) { $0.json(decimals: decimals) },
    ]
    return .object(members.map { ($0.key, $0.value) } + durations.excludedMembers)
  }
}

extension PeriodChange {
  /// Differences in percentage points, as text like the percentages themselves.
  fileprivate func json(decimals: Int) -> JSONValue {
    [
      "availabilityPoints": .percent(availability, decimals: decimals),
      "coveragePoints": .percent(coverage, decimals: decimals),
      "downSeconds": .optional(downMilliseconds) { .seconds(milliseconds: $0) },
      "incidentsTouching": .optional(incidents) { .int($0) },
      "mttrSeconds": .optional(mttr) { .seconds($0) },
      "budgetConsumedPoints": .percent(budgetConsumed, decimals: decimals),
    ]
  }
}
