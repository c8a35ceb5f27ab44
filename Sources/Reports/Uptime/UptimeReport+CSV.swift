internal import Analytics
internal import Streams

extension UptimeReport {
  /// One row for each service, and for overall and the groups before them; the column `kind` tells
  /// which. Names, units and digits are those of ``json()``; an empty cell is "no data".
  public func servicesCSV() -> String {
    var table = CSVTable(
      columns: Self.serviceColumns + warnings.named.map(\.name) + Self.correctionColumns)
    for (kind, figures) in entries {
      table.append(figures.csvCells(kind: kind.rawValue, decimals: decimals))
    }
    return table.text
  }

  /// One row for each local day of each entry.
  public func daysCSV() -> String {
    var table = CSVTable(columns: Self.dayColumns)
    for (kind, figures) in entries {
      for day in figures.days {
        table.append(
          [.text(kind.rawValue), .text(figures.service), .text(figures.stream)]
            + day.csvCells(decimals: decimals))
      }
    }
    return table.text
  }

  /// One row for each incident of each entry.
  public func incidentsCSV() -> String {
    var table = CSVTable(columns: Self.incidentColumns)
    for (kind, figures) in entries {
      for incident in figures.incidents {
        table.append(
          [.text(kind.rawValue), .text(figures.service), .text(figures.stream)]
            + incident.csvCells(of: ReportAnchor.entry(kind, name: figures.service)))
      }
    }
    return table.text
  }

  private static let serviceColumns = [
    "kind", "service", "stream", "start", "end", "asOf", "state", "lastFactAt", "elapsedSeconds",
    "upSeconds", "downSeconds", "degradedSeconds", "maintenanceSeconds", "unknownSeconds",
    "measuredSeconds", "maskedDownSeconds", "availabilityPct", "strictPct", "lenientPct",
    "coveragePct", "lowerBoundPct", "upperBoundPct", "incidentsTouching", "incidentsStarted",
    "incidentsRecovered", "incidentsOpen", "incidentsCensored", "mttrSeconds", "mtbfSeconds",
    "longestDownSeconds", "budgetSeconds", "budgetConsumedSeconds", "budgetRemainingSeconds",
    "budgetConsumedPct", "latencyCount", "latencyP50Ms", "latencyP95Ms", "latencyP99Ms",
    "latencyMaxMs",
  ]

  private static let correctionColumns = ["excludedSeconds", "excludedDownSeconds", "corrections"]

  private static let dayColumns = [
    "kind", "service", "stream", "date", "start", "end", "daySeconds", "upSeconds", "downSeconds",
    "degradedSeconds", "maintenanceSeconds", "unknownSeconds", "availabilityPct",
    "incidentsStarted", "firstRevision", "lastRevision",
  ]

  private static let incidentColumns = [
    "kind", "service", "stream", "start", "end", "downSeconds", "ending", "censored",
    "startedInside", "cause", "firstRevision", "lastRevision", "id", "beganAt",
    "lengthSeconds", "maskedDownSeconds",
  ]
}

extension CSVTable.Cell {
  static func seconds(milliseconds: Int64?) -> Self {
    .number(milliseconds.map { Fraction.seconds(milliseconds: $0).shortest() })
  }

  static func seconds(_ value: Fraction?) -> Self { .number(value?.shortest()) }

  static func percent(_ share: Fraction?, decimals: Int) -> Self {
    .number(share?.percent(decimals: decimals))
  }

  static func time(_ instant: Timestamp?) -> Self { .text(instant?.rfc3339) }

  static func double(_ value: Double?) -> Self {
    guard let value, value.isFinite else { return .empty }
    return .number(Int64(exactly: value).map(String.init) ?? value.description)
  }

  static func flag(_ value: Bool) -> Self { .text(value ? "true" : "false") }
}

extension UptimeFigures {
  fileprivate func csvCells(kind: String, decimals: Int) -> [CSVTable.Cell] {
    [
      .text(kind), .text(service), .text(stream), .time(start), .time(end), .time(asOf),
      .text(lastState?.word), .time(lastFactAt), .seconds(milliseconds: durations.elapsed),
    ] + durations.csvCells + [
      .seconds(milliseconds: durations.measured), .seconds(milliseconds: maskedDownMilliseconds),
    ]
      + [availability, strict, lenient, coverage, lowerBound, upperBound].map {
        .percent($0, decimals: decimals)
      }
      + [counts.touching, counts.started, counts.recovered, counts.open, counts.censored].map {
        .int($0)
      } + [
        .seconds(mttr), .seconds(mtbf), .seconds(milliseconds: longestDownMilliseconds),
        .seconds(errorBudget?.budget), .seconds(errorBudget?.consumed),
        .seconds(errorBudget?.remaining), .percent(errorBudget?.consumedShare, decimals: decimals),
        .number(latency.map { String($0.count) }), .double(latency?.p50), .double(latency?.p95),
        .double(latency?.p99), .double(latency?.max),
      ] + warnings.named.map { .int($0.count) } + [
        .seconds(milliseconds: durations.excluded),
        .seconds(milliseconds: excludedDownMilliseconds), .int(corrections.count),
      ]
  }
}

extension StateDurations {
  var csvCells: [CSVTable.Cell] {
    [up, down, degraded, maintenance, unknown].map { .seconds(milliseconds: $0) }
  }
}

extension DayFigures {
  fileprivate func csvCells(decimals: Int) -> [CSVTable.Cell] {
    [
      .text(date.description), .time(start), .time(end), .seconds(milliseconds: durations.elapsed),
    ] + durations.csvCells + [
      .percent(availability, decimals: decimals), .int(incidentsStarted),
      .number(revisions.map { String($0.lowerBound) }),
      .number(revisions.map { String($0.upperBound) }),
    ]
  }
}

extension Incident {
  fileprivate func csvCells(of anchor: String) -> [CSVTable.Cell] {
    [
      .time(start), .time(end), .seconds(milliseconds: downMilliseconds), .text(ending.rawValue),
      .flag(isCensored), .flag(startedInside), .text(cause),
      .number(firstRevision?.description), .number(lastRevision?.description),
      .text(ReportAnchor.incident(self, of: anchor)), .time(beganAt),
      .seconds(milliseconds: lengthMilliseconds), .seconds(milliseconds: maskedDownMilliseconds),
    ]
  }
}
