internal import Analytics
internal import Streams

extension UptimeReport {
  /// The report as one compact JSON document, the same bytes for the same report.
  ///
  /// Seconds are numbers cut at the millisecond, percentages are text cut to `decimals`, instants
  /// RFC 3339 in UTC, and a figure over nothing is null.
  ///
  /// - Complexity: O(the text); of one service at a time there is more in memory than its text.
  public func json() -> String {
    var out = #"{"report":"# + description.text
    out += #","overall":"# + JSONValue.optional(overall) { json(of: $0, .overall) }.text
    write(services, .service, as: "services", into: &out)
    write(groups, .group, as: "groups", into: &out)
    out += #","warnings":"# + warnings.json.text
    out += #","corrections":"# + correctionsJSON.text
    return out + #","published":"# + publishedJSON.text + "}\n"
  }

  private func write(
    _ entries: [UptimeFigures], _ kind: UptimeEntry.Kind, as name: String, into out: inout String
  ) {
    out += ",\"\(name)\":["
    for (index, figures) in entries.enumerated() {
      if index > 0 { out += "," }
      out += json(of: figures, kind).text
    }
    out += "]"
  }

  private var description: JSONValue {
    [
      "title": .string(title),
      "zone": .string(zone.name),
      "period": .optional(period) { .string($0.description) },
      "start": .time(options.start),
      "end": .time(options.end),
      "asOf": .time(options.asOf),
      "madeAt": .time(madeAt),
      "throughPosition": .optional(throughPosition) { .int($0.rawValue) },
      "archiveHead": .optional(archiveHead, JSONValue.string),
      "options": options.json(decimals: decimals),
      "groups": .array(groupRules.map(\.json)),
      "reproduce": .string(checkCommand),
    ]
  }
}

extension UptimeReport.GroupDefinition {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "rule": .string(rule.rawValue),
      "members": .array(members.map { .string($0) }),
    ]
  }
}

extension UptimeReport {
  private func json(of figures: UptimeFigures, _ kind: UptimeEntry.Kind) -> JSONValue {
    let anchor = ReportAnchor.entry(kind, name: figures.service)
    return .object(
      figures.members(decimals: decimals) + viewMembers(of: figures) + [
        ("incidentList", .array(figures.incidents.map { $0.json(of: anchor) })),
        ("warnings", figures.warnings.json),
      ])
  }
}

extension UptimeOptions {
  fileprivate func json(decimals: Int) -> JSONValue {
    [
      "decimals": .int(decimals),
      "degradedWeight": .string(degradedWeight.shortest(decimals: 9)),
      "staleAfterSeconds": .optional(staleAfterSeconds) { .int($0) },
      "mergeGapSeconds": .int(mergeGapSeconds),
      "minIncidentSeconds": .int(minIncidentSeconds),
      "skewSeconds": .int(skewSeconds),
      "sloTargetPct": .optional(sloTarget) {
        .string(($0 * Fraction(100)).shortest(decimals: 9))
      },
      "maintenance": .array(
        maintenance.map { window in
          [
            "service": .optional(window.service) { .string($0) },
            "start": .time(window.start), "end": .time(window.end),
          ]
        }),
    ]
  }
}

extension UptimeFigures {
  fileprivate func members(decimals: Int) -> [(String, JSONValue)] {
    let value: KeyValuePairs<String, JSONValue> = [
      "service": .string(service),
      "stream": .optional(stream) { .string($0) },
      "start": .time(start),
      "end": .time(end),
      "asOf": .time(asOf),
      "state": .optional(lastState) { .string($0.word) },
      "lastFactAt": .optional(lastFactAt) { .time($0) },
      "elapsedSeconds": .seconds(milliseconds: durations.elapsed),
      "seconds": durations.json,
      "measuredSeconds": .seconds(milliseconds: durations.measured),
      "maskedDownSeconds": .seconds(milliseconds: maskedDownMilliseconds),
      "availabilityPct": .percent(availability, decimals: decimals),
      "strictPct": .percent(strict, decimals: decimals),
      "lenientPct": .percent(lenient, decimals: decimals),
      "coveragePct": .percent(coverage, decimals: decimals),
      "lowerBoundPct": .percent(lowerBound, decimals: decimals),
      "upperBoundPct": .percent(upperBound, decimals: decimals),
      "incidents": counts.json,
      "mttrSeconds": .optional(mttr) { .seconds($0) },
      "mtbfSeconds": .optional(mtbf) { .seconds($0) },
      "longestDownSeconds": .optional(longestDownMilliseconds) { .seconds(milliseconds: $0) },
      "errorBudget": .optional(errorBudget) { $0.json(decimals: decimals) },
      "latencyMs": .optional(latency) { $0.json },
      "days": .array(days.map { $0.json(decimals: decimals) }),
    ]
    return value.map { ($0.key, $0.value) } + durations.excludedMembers
      + (durations.excluded > 0
        ? [("excludedDownSeconds", .seconds(milliseconds: excludedDownMilliseconds))] : [])
  }
}

extension StateDurations {
  var json: JSONValue {
    [
      "up": .seconds(milliseconds: up),
      "down": .seconds(milliseconds: down),
      "degraded": .seconds(milliseconds: degraded),
      "maintenance": .seconds(milliseconds: maintenance),
      "unknown": .seconds(milliseconds: unknown),
    ]
  }
}

extension StateDurations {
  /// There where anything is excluded.
  var excludedMembers: [(String, JSONValue)] {
    excluded > 0 ? [("excludedSeconds", .seconds(milliseconds: excluded))] : []
  }
}

extension IncidentCounts {
  var json: JSONValue {
    [
      "touching": .int(touching), "started": .int(started), "recovered": .int(recovered),
      "open": .int(open), "censored": .int(censored),
    ]
  }
}

extension ErrorBudget {
  func json(decimals: Int) -> JSONValue {
    [
      "budgetSeconds": .seconds(budget),
      "consumedSeconds": .seconds(consumed),
      "remainingSeconds": .seconds(remaining),
      "consumedPct": .percent(consumedShare, decimals: decimals),
    ]
  }
}

extension LatencyFigures {
  var json: JSONValue {
    [
      "count": .int(count), "p50": .double(p50), "p95": .double(p95), "p99": .double(p99),
      "max": .double(max),
    ]
  }
}

extension DayFigures {
  /// `daySeconds` is what has elapsed of the day.
  fileprivate func json(decimals: Int) -> JSONValue {
    let members: KeyValuePairs<String, JSONValue> = [
      "date": .string(date.description),
      "start": .time(start),
      "end": .time(end),
      "daySeconds": .seconds(milliseconds: durations.elapsed),
      "seconds": durations.json,
      "availabilityPct": .percent(availability, decimals: decimals),
      "incidentsStarted": .int(incidentsStarted),
      "firstRevision": .optional(revisions) { .int($0.lowerBound) },
      "lastRevision": .optional(revisions) { .int($0.upperBound) },
    ]
    return .object(members.map { ($0.key, $0.value) } + durations.excludedMembers)
  }
}

extension Incident {
  /// `id` is the incident's anchor on the page; `corrections` is there where anything was said of it.
  fileprivate func json(of anchor: String) -> JSONValue {
    let members: KeyValuePairs<String, JSONValue> = [
      "id": .string(ReportAnchor.incident(self, of: anchor)),
      "beganAt": .time(beganAt),
      "start": .time(start),
      "end": .optional(end) { .time($0) },
      "lengthSeconds": .seconds(milliseconds: lengthMilliseconds),
      "downSeconds": .seconds(milliseconds: downMilliseconds),
      "maskedDownSeconds": .seconds(milliseconds: maskedDownMilliseconds),
      "ending": .string(ending.rawValue),
      "censored": .bool(isCensored),
      "startedInside": .bool(startedInside),
      "cause": .optional(cause) { .string($0) },
      "firstRevision": .optional(firstRevision) { .int($0.rawValue) },
      "lastRevision": .optional(lastRevision) { .int($0.rawValue) },
    ]
    let said: [(String, JSONValue)] =
      corrections.isEmpty ? [] : [("corrections", .array(corrections.map(\.json)))]
    return .object(members.map { ($0.key, $0.value) } + said)
  }
}

extension UptimeWarnings {
  var json: JSONValue { .object(named.map { ($0.name, .int($0.count)) }) }
}
