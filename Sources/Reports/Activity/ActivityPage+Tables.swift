internal import Analytics
internal import Streams

extension ActivityPage.Table {
  /// - Parameters:
  ///   - barColumn: the column that has bars.
  ///   - values: what the bars are of, a row each; nil has none.
  init(
    _ section: ActivitySection, id: String, heading: String? = nil, caption: String,
    barColumn: Int? = nil, values: [Int64?] = []
  ) {
    let most = values.compactMap { $0 }.max() ?? 0
    tableID = id
    self.heading = heading ?? section.heading
    self.caption = caption
    let columns = section.columns.map { Column(text: $0.0, isNumber: $0.1 == .right) }
    self.columns = columns
    rows = section.rows.enumerated().map { number, texts in
      let cells = texts.enumerated().dropFirst().map { column, text in
        let value = column == barColumn && values.indices.contains(number) ? values[number] : nil
        return Cell(
          text: text, isNumber: columns[column].isNumber,
          bars: value.map { [Self.share($0, of: most)] } ?? [])
      }
      return Row(head: texts.first ?? "", cells: cells)
    }
  }

  private static func share(_ value: Int64, of most: Int64) -> String {
    Fraction(Int128(value), over: Int128(max(most, 1))).truncated(decimals: 3)
  }
}

extension ActivityPage {
  static func cohortTables(_ words: ActivityWords) -> [CohortTable] {
    let cohorts = words.shown.cohorts
    guard !cohorts.isEmpty else { return [] }
    let rows = cohorts.map { cohort in
      CohortTable.Cohort(
        week: cohort.week.description, size: words.count(cohort.size),
        cells: cohort.weeks.map { week in
          CohortTable.Cell(
            share: words.retention(week), tint: week.share.value?.truncated(decimals: 2) ?? "0",
            isRunning: !week.isComplete)
        })
    }
    let width = cohorts.map(\.weeks.count).max() ?? 0
    return [CohortTable(columns: Array(0..<width), cohorts: rows)]
  }

  static func breakdowns(_ words: ActivityWords) -> [Table] {
    [
      ("categories", "Categories", words.shown.categories),
      ("kinds", "Types", words.shown.breakdown),
      ("topics", "Topics", words.shown.topics),
    ].compactMap { id, heading, rows in
      guard !rows.isEmpty else { return nil }
      let section = ActivitySection.breakdown(heading, rows, words)
      return Table(
        section, id: id,
        caption: "Most events first; the last three columns are the events of one person",
        barColumn: section.columns.firstIndex { $0.0 == "Events" }, values: rows.map(\.events.value)
      )
    }
  }

  static func amounts(_ words: ActivityWords) -> [Table] {
    let distribution = ActivitySection.distribution(words)
    let sessions = ActivitySection.sessions(words)
    return [
      Table(
        distribution, id: "distribution", caption: "People by how many actions they had",
        barColumn: 1, values: words.shown.distribution.buckets.map(\.actors.value)),
      Table(
        sessions, id: "sessions", caption: "Sessions by how long they were, and who had any",
        barColumn: 1, values: words.shown.sessions.buckets.map(\.sessions.value)),
    ].filter { !$0.rows.isEmpty }
  }

  static func actorTables(_ words: ActivityWords) -> [Table] {
    let section = ActivitySection.actors(words)
    guard !section.rows.isEmpty else { return [] }
    return [Table(section, id: "actors", caption: "Not for publication")]
  }

  static func hourMaps(_ words: ActivityWords) -> [HourMap] {
    let section = ActivitySection.hours(words)
    guard !section.rows.isEmpty else { return [] }
    let map = HourHeat(words: words)
    return [
      HourMap(
        svg: map.svg(label: "Actions by weekday and hour"), summary: map.summary,
        weekdays: ActivityWords.weekdays,
        table: Table(
          section, id: "hours", caption: "Actions by weekday and hour; in brackets the people"))
    ]
  }
}
