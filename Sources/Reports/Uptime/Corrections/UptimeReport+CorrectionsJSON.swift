internal import Analytics
internal import Streams

extension UptimeReport {
  /// What was corrected: the corrections, and for each entry that differs the figures of the facts
  /// alone (`before`) and as corrected (`after`).
  var correctionsJSON: JSONValue {
    [
      "list": .array(corrections.map(\.json)),
      "unreadable": .array(unreadableCorrections.map(\.json)),
      "differences": factsAlone.map { $0.json(decimals: decimals) } ?? [],
    ]
  }

  /// As published (`before`) against as restated (`after`); null when nothing was published.
  var publishedJSON: JSONValue {
    .optional(published) { published in
      [
        "throughPosition": .int(published.position.rawValue), "asOf": .time(published.asOf),
        "madeAt": .optional(published.publication) { .time($0.madeAt) },
        "archiveHead": .optional(published.publication?.archiveHead, JSONValue.string),
        "path": .optional(published.publication) { .string($0.path) },
        "differences": published.comparison.json(decimals: decimals),
        "events": .array(published.events.map(\.json)),
        "eventCount": .int(published.eventCount),
      ]
    }
  }
}

extension UptimeComparison {
  fileprivate func json(decimals: Int) -> JSONValue {
    .array(
      entries.map { entry in
        [
          "kind": .string(entry.kind.rawValue), "service": .string(entry.name),
          "before": .optional(entry.before) { $0.comparedJSON(decimals: decimals) },
          "after": .optional(entry.after) { $0.comparedJSON(decimals: decimals) },
          "difference": entry.differenceJSON(decimals: decimals),
        ]
      })
  }
}

extension UptimeComparison.Entry {
  /// After less before, of the exact figures; null where one of them is.
  fileprivate func differenceJSON(decimals: Int) -> JSONValue {
    guard let before, let after else { return .null }
    return [
      "availabilityPct": .optional(
        before.availability.flatMap { a in after.availability.map { $0 - a } }
      ) {
        .string($0.percent(decimals: decimals))
      },
      "downSeconds": .seconds(milliseconds: after.durations.down - before.durations.down),
      "excludedSeconds": .seconds(
        milliseconds: after.durations.excluded - before.durations.excluded),
      "incidentsTouching": .int(after.counts.touching - before.counts.touching),
    ]
  }
}

extension UptimeFigures {
  fileprivate func comparedJSON(decimals: Int) -> JSONValue {
    [
      "availabilityPct": .percent(availability, decimals: decimals),
      "coveragePct": .percent(coverage, decimals: decimals),
      "downSeconds": .seconds(milliseconds: durations.down),
      "maintenanceSeconds": .seconds(milliseconds: durations.maintenance),
      "excludedSeconds": .seconds(milliseconds: durations.excluded),
      "excludedDownSeconds": .seconds(milliseconds: excludedDownMilliseconds),
      "incidentsTouching": .int(counts.touching),
      "mttrSeconds": .optional(mttr) { .seconds($0) },
    ]
  }
}

extension UptimeRestatement.LateEvent {
  fileprivate var json: JSONValue {
    [
      "stream": .string(stream), "revision": .int(revision), "time": .time(time),
      "service": .optional(service, JSONValue.string), "says": .string(says),
    ]
  }
}
