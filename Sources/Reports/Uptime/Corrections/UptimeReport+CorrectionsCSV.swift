internal import Analytics
internal import Streams

extension UptimeReport {
  /// One row for each correction that touches the report; `standingEnd` is where it ends now.
  public func correctionsCSV() -> String {
    var table = CSVTable(columns: [
      "id", "kind", "service", "start", "end", "standingEnd", "says", "reason", "principal", "at",
      "stream", "revision", "position",
    ])
    for correction in corrections {
      table.append([
        .text(correction.id.description), .text(correction.kind), .text(correction.service),
        .time(correction.start), .time(correction.end), .time(correction.standingEnd),
        .text(correction.says), .text(correction.reason), .text(correction.principal),
        .time(correction.source.recordedAt), .text(correction.source.stream.rawValue),
        .int(correction.source.revision.rawValue), .int(correction.source.position.rawValue),
      ])
    }
    return table.text
  }

  /// One row for each entry that differs between two readings: `facts` and `corrected`, or
  /// `published` and `restated`.
  public func restatementsCSV() -> String {
    var table = CSVTable(columns: [
      "reading", "kind", "service", "availabilityPct", "coveragePct", "downSeconds",
      "maintenanceSeconds", "excludedSeconds", "incidentsTouching", "mttrSeconds",
    ])
    let pairs = [
      (factsAlone, "facts", "corrected"), (published?.comparison, "published", "restated"),
    ]
    for (comparison, before, after) in pairs {
      for entry in comparison?.entries ?? [] {
        for (reading, figures) in [(before, entry.before), (after, entry.after)] {
          guard let figures else { continue }
          table.append(
            [.text(reading), .text(entry.kind.rawValue)] + figures.comparedCells(decimals: decimals)
          )
        }
      }
    }
    return table.text
  }
}

extension UptimeFigures {
  fileprivate func comparedCells(decimals: Int) -> [CSVTable.Cell] {
    [
      .text(service), .percent(availability, decimals: decimals),
      .percent(coverage, decimals: decimals), .seconds(milliseconds: durations.down),
      .seconds(milliseconds: durations.maintenance), .seconds(milliseconds: durations.excluded),
      .int(counts.touching), .seconds(mttr),
    ]
  }
}
