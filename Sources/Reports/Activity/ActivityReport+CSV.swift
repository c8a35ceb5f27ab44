internal import Analytics
internal import Streams

extension ActivityReport {
  /// One table of the report; hidden counts are the texts of ``json()``, what does not exist is an
  /// empty cell.
  public func csv(_ table: ActivityTable) -> String {
    let shown = shown
    return switch table {
    case .summary: summary(shown)
    case .days: days(shown)
    case .windows: windows(shown)
    case .cohorts: cohorts(shown)
    case .breakdown: breakdown(shown)
    case .distribution: distribution(shown)
    case .sessions: sessions(shown)
    case .hours: hours(shown)
    }
  }

  /// The figures of the whole period, a row each, beside those of the period before.
  private func summary(_ shown: ShownActivity) -> String {
    var table = CSVTable(columns: ["figure", "value", "previous"])
    func add(_ name: String, _ value: CSVTable.Cell, _ previous: ShownCount? = nil) {
      table.append([.text(name), value, cell(previous)])
    }
    add("actors", cell(shown.actors), shown.previous.actors)
    add("actions", cell(shown.actions), shown.previous.actions)
    add("bytes", cell(shown.bytes), shown.previous.bytes)
    add("new", cell(shown.lifecycle.new))
    add("returning", cell(shown.lifecycle.returning))
    add("resurrected", cell(shown.lifecycle.resurrected))
    add("dormant", cell(shown.lifecycle.dormant))
    add("sessions", cell(shown.sessions.count), shown.previous.sessions)
    add("stickinessPct", cell(shown.stickiness))
    add("sessionP50Seconds", cell(shown.sessions.lengthP50))
    add("sessionP95Seconds", cell(shown.sessions.lengthP95))
    add("perActorP50", cell(shown.distribution.p50))
    add("perActorP95", cell(shown.distribution.p95))
    add("perActorMax", cell(shown.distribution.max))
    return table.text
  }

  private func days(_ shown: ShownActivity) -> String {
    var table = CSVTable(columns: [
      "date", "actions", "dau", "wau", "mau", "new", "returning", "resurrected", "dormant",
      "stickinessPct", "complete",
    ])
    for day in shown.days {
      let counts = [day.actions, day.dau, day.wau, day.mau] + day.lifecycle.counts
      table.append(
        [.text(day.date.description)] + counts.map(cell)
          + [cell(day.stickiness), .flag(day.isComplete)])
    }
    return table.text
  }

  private func windows(_ shown: ShownActivity) -> String {
    var table = CSVTable(columns: [
      "days", "first", "last", "active", "new", "returning", "resurrected", "dormant", "complete",
    ])
    for window in shown.windows {
      table.append(
        [
          .int(window.length), .text(window.first.description), .text(window.last.description),
          cell(window.active),
        ] + window.lifecycle.counts.map(cell) + [.flag(window.isComplete)])
    }
    return table.text
  }

  /// One row for each cohort and week after its first.
  private func cohorts(_ shown: ShownActivity) -> String {
    var table = CSVTable(columns: ["cohort", "size", "week", "active", "sharePct", "complete"])
    for cohort in shown.cohorts {
      for (number, week) in cohort.weeks.enumerated() {
        table.append([
          .text(cohort.week.description), cell(cohort.size), .int(number), cell(week.active),
          cell(week.share), .flag(week.isComplete),
        ])
      }
    }
    return table.text
  }

  /// One row for each category (type empty), for each of its types (topic empty), and for each topic
  /// of a type.
  private func breakdown(_ shown: ShownActivity) -> String {
    var table = CSVTable(columns: [
      "level", "category", "type", "topic", "events", "actors", "bytes", "perActorP50",
      "perActorP95", "perActorMax",
    ])
    let levels = [
      ("category", shown.categories), ("type", shown.breakdown), ("topic", shown.topics),
    ]
    for (level, rows) in levels {
      for row in rows {
        let counts = [
          row.events, row.actors, row.bytes, row.perActorP50, row.perActorP95, row.perActorMax,
        ]
        table.append(
          [.text(level), .text(row.category), .text(row.type), .text(row.topic)]
            + counts.map(cell))
      }
    }
    return table.text
  }

  private func distribution(_ shown: ShownActivity) -> String {
    var table = CSVTable(columns: ["actionsFrom", "actionsTo", "actors"])
    for bucket in shown.distribution.buckets {
      table.append([.int(bucket.from), .int(bucket.to), cell(bucket.actors)])
    }
    return table.text
  }

  /// Lengths in seconds, the end of a row's range not included.
  private func sessions(_ shown: ShownActivity) -> String {
    var table = CSVTable(columns: ["fromSeconds", "toSeconds", "sessions", "actors"])
    for bucket in shown.sessions.buckets {
      table.append([
        .int(bucket.fromSeconds), .number(bucket.toSeconds.map { String($0) }),
        cell(bucket.sessions), cell(bucket.actors),
      ])
    }
    return table.text
  }

  private func hours(_ shown: ShownActivity) -> String {
    var table = CSVTable(columns: ["weekday", "hour", "actions", "actors", "elapsedSeconds"])
    for hour in shown.hours {
      table.append([
        .int(hour.weekday), .int(hour.hour), cell(hour.actions), cell(hour.actors),
        .int(hour.elapsedSeconds),
      ])
    }
    return table.text
  }

  private func cell(_ count: ShownCount?) -> CSVTable.Cell {
    switch count {
    case nil: .empty
    case .value(let value): .int(value)
    case .few: .text("<\(k)")
    case .withheld: .text("hidden")
    }
  }

  private func cell(_ share: ShownShare) -> CSVTable.Cell {
    switch share {
    case .value(let value): .percent(value, decimals: 3)
    case .none: .empty
    case .withheld: .text("hidden")
    }
  }
}

extension ShownActivity.Lifecycle {
  /// New, returning, resurrected, dormant.
  var counts: [ShownCount] { [new, returning, resurrected, dormant] }
}
