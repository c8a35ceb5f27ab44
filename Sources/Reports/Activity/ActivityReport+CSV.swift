internal import Analytics
internal import Streams

extension ActivityReport {
  /// One row for each local day; hidden counts are the texts of ``json()``.
  public func daysCSV() -> String {
    var table = CSVTable(columns: [
      "date", "actions", "dau", "wau", "mau", "new", "returning", "resurrected", "dormant",
    ])
    for day in shown.days {
      let counts = [
        day.actions, day.dau, day.wau, day.mau, day.lifecycle.new, day.lifecycle.returning,
        day.lifecycle.resurrected, day.lifecycle.dormant,
      ]
      table.append([.text(day.date.description)] + counts.map { $0.csvCell(k) })
    }
    return table.text
  }

  /// One row for each cohort and week after its first.
  public func cohortsCSV() -> String {
    var table = CSVTable(columns: ["cohort", "size", "week", "active", "sharePct", "complete"])
    for cohort in shown.cohorts {
      for (number, week) in cohort.weeks.enumerated() {
        table.append([
          .text(cohort.week.description), cohort.size.csvCell(k), .int(number),
          week.active.csvCell(k), .percent(week.share, decimals: 3), .flag(week.isComplete),
        ])
      }
    }
    return table.text
  }

  /// One row for each category and type (topic empty), then one for each with its topic.
  public func breakdownCSV() -> String {
    let shown = shown
    var table = CSVTable(columns: [
      "level", "category", "type", "topic", "events", "actors", "bytes", "perActorP50",
      "perActorP95", "perActorMax",
    ])
    for (level, rows) in [("type", shown.breakdown), ("topic", shown.topics)] {
      for row in rows {
        let counts = [
          row.events, row.actors, row.bytes, row.perActorP50, row.perActorP95, row.perActorMax,
        ]
        table.append(
          [.text(level), .text(row.category), .text(row.type), .text(row.topic)]
            + counts.map { $0.csvCell(k) })
      }
    }
    return table.text
  }

  /// The figures of the whole period, a row each.
  public func summaryCSV() -> String {
    let shown = shown
    var table = CSVTable(columns: ["figure", "value"])
    let counts = [
      ("actors", shown.actors), ("actions", shown.actions), ("bytes", shown.bytes),
      ("new", shown.lifecycle.new), ("returning", shown.lifecycle.returning),
      ("resurrected", shown.lifecycle.resurrected), ("dormant", shown.lifecycle.dormant),
      ("sessions", shown.sessions.count),
    ]
    for (name, count) in counts { table.append([.text(name), count.csvCell(k)]) }
    table.append([.text("stickinessPct"), .percent(shown.stickiness, decimals: 3)])
    table.append([
      .text("sessionP50Seconds"), .number(shown.sessions.lengthP50.map { String($0) }),
    ])
    table.append([
      .text("sessionP95Seconds"), .number(shown.sessions.lengthP95.map { String($0) }),
    ])
    return table.text
  }
}

extension ShownCount {
  fileprivate func csvCell(_ k: Int) -> CSVTable.Cell {
    switch self {
    case .value(let value): .int(value)
    case .few: .text("<\(k)")
    case .withheld: .text("hidden")
    }
  }
}
