internal import Analytics
internal import Streams

extension ShownCount {
  func json(_ k: Int) -> JSONValue {
    switch self {
    case .value(let value): .int(value)
    case .few: .string("<\(k)")
    case .withheld: .string("hidden")
    }
  }
}

extension ShownShare {
  var json: JSONValue {
    switch self {
    case .value(let value): .percent(value, decimals: 3)
    case .none: .null
    case .withheld: .string("hidden")
    }
  }
}

extension ShownActivity.Day {
  func json(_ k: Int) -> JSONValue {
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
      "stickinessPct": stickiness.json,
      "complete": .bool(isComplete),
    ]
  }
}

extension ShownActivity.Window {
  func json(_ k: Int) -> JSONValue {
    [
      "days": .int(length),
      "first": .string(first.description),
      "last": .string(last.description),
      "active": active.json(k),
      "new": lifecycle.new.json(k),
      "returning": lifecycle.returning.json(k),
      "resurrected": lifecycle.resurrected.json(k),
      "dormant": lifecycle.dormant.json(k),
      "complete": .bool(isComplete),
    ]
  }
}

extension ShownActivity.Totals {
  func json(_ k: Int) -> JSONValue {
    [
      "start": .time(start),
      "end": .time(end),
      "actors": actors.json(k),
      "actions": actions.json(k),
      "bytes": bytes.json(k),
      "sessions": sessions.json(k),
    ]
  }
}

extension ShownActivity.Distribution {
  func json(_ k: Int) -> JSONValue {
    [
      "p50": .optional(p50) { $0.json(k) },
      "p95": .optional(p95) { $0.json(k) },
      "max": .optional(max) { $0.json(k) },
      "histogram": .array(
        buckets.map {
          [
            "fromActions": .int($0.from), "toActions": .int($0.to),
            "actors": $0.actors.json(k),
          ]
        }),
    ]
  }
}

extension ShownActivity.Sessions {
  func json(_ k: Int) -> JSONValue {
    [
      "count": count.json(k),
      "lengthP50Seconds": .optional(lengthP50) { $0.json(k) },
      "lengthP95Seconds": .optional(lengthP95) { $0.json(k) },
      "histogram": .array(
        buckets.map {
          [
            "fromSeconds": .int($0.fromSeconds),
            "toSeconds": .optional($0.toSeconds) { .int($0) },
            "sessions": $0.sessions.json(k),
            "actors": $0.actors.json(k),
          ]
        }),
    ]
  }
}

extension ShownActivity.Hour {
  func json(_ k: Int) -> JSONValue {
    [
      "weekday": .int(weekday),
      "hour": .int(hour),
      "actions": .optional(actions) { $0.json(k) },
      "actors": .optional(actors) { $0.json(k) },
      "elapsedSeconds": .int(elapsedSeconds),
    ]
  }
}

extension ShownActivity.Cohort {
  func json(_ k: Int) -> JSONValue {
    [
      "week": .string(week.description),
      "size": size.json(k),
      "weeks": .array(
        weeks.map { week in
          [
            "active": week.active.json(k), "sharePct": week.share.json,
            "complete": .bool(week.isComplete),
          ]
        }),
    ]
  }
}

extension ShownActivity.Breakdown {
  func json(_ k: Int) -> JSONValue {
    [
      "category": .string(category),
      "type": .optional(type) { .string($0) },
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
