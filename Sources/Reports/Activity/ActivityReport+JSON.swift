internal import Analytics
internal import Streams

extension ActivityReport {
  /// The report as one compact JSON document, the same bytes for the same report.
  ///
  /// A hidden count is the text `<5` (fewer than k actors) or `hidden` (it belongs to so few, or
  /// would give a hidden one away), so is a hidden share; shares are percentages as text, cut to
  /// three digits; what does not exist is null. `reports/schemas/activity.schema.json` says it all.
  public func json() -> String {
    let shown = shown
    let value: JSONValue = [
      "report": description(shown),
      "actors": shown.actors.json(k),
      "actions": shown.actions.json(k),
      "bytes": shown.bytes.json(k),
      "new": shown.lifecycle.new.json(k),
      "returning": shown.lifecycle.returning.json(k),
      "resurrected": shown.lifecycle.resurrected.json(k),
      "dormant": shown.lifecycle.dormant.json(k),
      "stickinessPct": shown.stickiness.json,
      "previous": shown.previous.json(k),
      "perActor": shown.distribution.json(k),
      "sessions": shown.sessions.json(k),
      "days": .array(shown.days.map { $0.json(k) }),
      "windows": .array(shown.windows.map { $0.json(k) }),
      "cohorts": .array(shown.cohorts.map { $0.json(k) }),
      "categories": .array(shown.categories.map { $0.json(k) }),
      "breakdown": .array(shown.breakdown.map { $0.json(k) }),
      "topics": .array(shown.topics.map { $0.json(k) }),
      "hours": .array(shown.hours.map { $0.json(k) }),
      "topActors": topActors(shown),
    ]
    return value.document
  }

  private func topActors(_ shown: ShownActivity) -> JSONValue {
    guard showActors else { return .null }
    return .array(
      shown.topActors.map { ["actor": .string($0.actor), "actions": .int($0.actions)] })
  }

  private func description(_ shown: ShownActivity) -> JSONValue {
    [
      "title": .string(title),
      "zone": .string(zone.name),
      "start": .time(shown.start),
      "end": .time(shown.end),
      "asOf": .time(shown.asOf),
      "complete": .bool(shown.isComplete),
      "madeAt": .time(madeAt),
      "throughPosition": .optional(throughPosition) { .int($0.rawValue) },
      "hidesBelowActors": .int(shown.k),
    ]
  }
}
