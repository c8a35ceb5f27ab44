internal import Analytics
internal import Streams

extension ActivityReport {
  /// The report as one compact JSON document, the same bytes for the same report.
  ///
  /// A hidden count is the text `<5` (fewer than k actors) or `hidden` (it belongs to so few, or
  /// would give a hidden one away); shares are percentages as text, cut to three digits; what does
  /// not exist is null.
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
      "stickinessPct": .percent(shown.stickiness, decimals: 3),
      "sessions": [
        "count": shown.sessions.count.json(k),
        "lengthP50Seconds": .optional(shown.sessions.lengthP50) { .int($0) },
        "lengthP95Seconds": .optional(shown.sessions.lengthP95) { .int($0) },
      ],
      "days": .array(shown.days.map { $0.json(k) }),
      "cohorts": .array(shown.cohorts.map { $0.json(k) }),
      "breakdown": .array(shown.breakdown.map { $0.json(k) }),
      "topics": .array(shown.topics.map { $0.json(k) }),
      "topActors": showActors
        ? .array(
          shown.topActors.map { ["actor": .string($0.actor), "actions": .int($0.actions)] }) : .null
        ,
    ]
    return value.document
  }

  private func description(_ shown: ShownActivity) -> JSONValue {
    [
      "title": .string(title),
      "zone": .string(zone.name),
      "start": .time(shown.start),
      "end": .time(shown.end),
      "asOf": .time(shown.asOf),
      "madeAt": .time(madeAt),
      "throughPosition": .optional(throughPosition) { .int($0.rawValue) },
      "hidesBelowActors": .int(shown.k),
    ]
  }
}

extension ShownCount {
  fileprivate func json(_ k: Int) -> JSONValue {
    switch self {
    case .value(let value): .int(value)
    case .few: .string("<\(k)")
    case .withheld: .string("hidden")
    }
  }
}

extension ShownActivity.Day {
  fileprivate func json(_ k: Int) -> JSONValue {
    [
      "date": .string(date.description),
      "actions": actions.json(k),
      "dau": dau.json(k),
      "wau": wau.json(k),
      "mau": mau.json(k),
      "new": lifecycle.new.json(k),
      "returning": lifecycle.returning.json(k),
      "resurrected": lifecycle.resurrected.json(k),
      "dormant": lifecycle.dormant.json(k),
    ]
  }
}

extension ShownActivity.Cohort {
  fileprivate func json(_ k: Int) -> JSONValue {
    [
      "week": .string(week.description),
      "size": size.json(k),
      "weeks": .array(
        weeks.map { week in
          [
            "active": week.active.json(k), "sharePct": .percent(week.share, decimals: 3),
            "complete": .bool(week.isComplete),
          ]
        }),
    ]
  }
}

extension ShownActivity.Breakdown {
  fileprivate func json(_ k: Int) -> JSONValue {
    [
      "category": .string(category),
      "type": .string(type),
      "topic": .optional(topic) { .string($0) },
      "events": events.json(k),
      "actors": actors.json(k),
      "bytes": bytes.json(k),
      "perActorP50": perActorP50.json(k),
      "perActorP95": perActorP95.json(k),
      "perActorMax": perActorMax.json(k),
    ]
  }
}
