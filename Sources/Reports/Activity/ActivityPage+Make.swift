internal import Analytics
internal import Streams

extension ActivityPage {
  init(_ report: ActivityReport, style: String) {
    let words = ActivityWords(report: report)
    self.style = style
    title = report.title
    period = words.period
    headline = words.headline
    tiles = Self.tiles(words)
    charts = Self.charts(words)
    dayTables = Self.dayTables(words)
    cohortTables = Self.cohortTables(words)
    breakdowns = Self.breakdowns(words)
    actorTables = Self.actorTables(words)
    options = words.notes
    standing = words.standing
    checkCommand = report.checkCommand
    readCommand = "rookery read STREAM --from N"
  }

  private static func tiles(_ words: ActivityWords) -> [Figure] {
    let shown = words.shown
    let lifecycle = shown.lifecycle
    return [
      Figure(
        label: "Active people", value: words.count(shown.actors),
        notes: [
          "\(words.count(lifecycle.new)) new, \(words.count(lifecycle.returning)) returning, "
            + "\(words.count(lifecycle.resurrected)) resurrected",
          "\(words.count(lifecycle.dormant)) dormant",
        ]),
      Figure(
        label: "Actions", value: words.count(shown.actions), notes: [words.bytes(shown.bytes)]),
      Figure(
        label: "Stickiness", value: words.percent(shown.stickiness),
        notes: ["daily over monthly active people, last day"]),
      Figure(
        label: "Sessions", value: words.count(shown.sessions.count),
        notes: [
          "length p50 \(words.length(shown.sessions.lengthP50)), "
            + "p95 \(words.length(shown.sessions.lengthP95))"
        ]),
    ]
  }

  private static func dayTables(_ words: ActivityWords) -> [DayTable] {
    guard !words.shown.days.isEmpty else { return [] }
    let days = words.shown.days.map { day in
      DayTable.Day(
        date: day.date.description,
        counts: [
          day.actions, day.dau, day.wau, day.mau, day.lifecycle.new, day.lifecycle.returning,
          day.lifecycle.resurrected, day.lifecycle.dormant,
        ].map(words.count))
    }
    return [DayTable(days: days)]
  }

  private static func cohortTables(_ words: ActivityWords) -> [CohortTable] {
    let cohorts = words.shown.cohorts
    guard !cohorts.isEmpty else { return [] }
    let rows = cohorts.map { cohort in
      CohortTable.Cohort(
        week: cohort.week.description, size: words.count(cohort.size),
        cells: cohort.weeks.map { week in
          CohortTable.Cell(
            share: words.retention(week), tint: week.share?.truncated(decimals: 2) ?? "0",
            isRunning: !week.isComplete)
        })
    }
    let width = cohorts.map(\.weeks.count).max() ?? 0
    return [CohortTable(columns: Array(0..<width), cohorts: rows)]
  }

  private static func breakdowns(_ words: ActivityWords) -> [BreakdownTable] {
    [
      ("kinds", "What was done", false, words.shown.breakdown),
      ("topics", "Topics", true, words.shown.topics),
    ].compactMap { id, heading, hasTopics, rows in
      guard !rows.isEmpty else { return nil }
      return BreakdownTable(
        tableID: id, heading: heading, hasTopics: hasTopics,
        rows: rows.map { BreakdownTable.Row($0, words) })
    }
  }

  private static func actorTables(_ words: ActivityWords) -> [ActorTable] {
    let actors = words.shown.topActors.map {
      ActorTable.Actor(actor: $0.actor, actions: Wording.grouped($0.actions))
    }
    return actors.isEmpty ? [] : [ActorTable(actors: actors)]
  }
}

extension ActivityPage.BreakdownTable.Row {
  fileprivate init(_ row: ShownActivity.Breakdown, _ words: ActivityWords) {
    category = row.category
    type = row.type
    topic = row.topic ?? "–"
    events = words.count(row.events)
    people = words.count(row.actors)
    bytes = words.bytes(row.bytes)
    p50 = words.count(row.perActorP50)
    p95 = words.count(row.perActorP95)
    most = words.count(row.perActorMax)
  }
}
