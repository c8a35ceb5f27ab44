internal import Analytics
internal import Streams

/// A table of the report with its heading, for forms that are read as text.
struct ActivitySection {
  let heading: String
  let columns: [(String, TextTable.Alignment)]
  var rows: [[String]]
  /// What is left out, if anything.
  var note: String?

  /// All that have anything to show, in the order in which they are read.
  static func all(_ words: ActivityWords) -> [ActivitySection] {
    [
      period(words), windows(words), days(words, atMost: 31), cohorts(words),
      breakdown("Categories", words.shown.categories, words),
      breakdown("Types", words.shown.breakdown, words),
      breakdown("Topics", words.shown.topics, words), distribution(words), sessions(words),
      hours(words), actors(words),
    ].filter { !$0.rows.isEmpty }
  }

  private static func period(_ words: ActivityWords) -> ActivitySection {
    let shown = words.shown
    let before = shown.previous
    func row(_ name: String, _ now: ShownCount, _ then: ShownCount) -> [String] {
      [name, words.count(now), words.count(then), words.change(now, since: then) ?? ""]
    }
    return ActivitySection(
      heading: "The period", columns: columns(["Figure"], ["Value", "Before", "Change"]),
      rows: [
        row("active people", shown.actors, before.actors),
        ["new", words.count(shown.lifecycle.new)],
        ["returning", words.count(shown.lifecycle.returning)],
        ["resurrected", words.count(shown.lifecycle.resurrected)],
        ["dormant", words.count(shown.lifecycle.dormant)],
        row("actions", shown.actions, before.actions),
        [
          "bytes", words.bytes(shown.bytes), words.bytes(before.bytes),
          words.change(shown.bytes, since: before.bytes) ?? "",
        ],
        ["stickiness", words.percent(shown.stickiness)],
        row("sessions", shown.sessions.count, before.sessions),
        ["session length p50", words.length(shown.sessions.lengthP50)],
        ["session length p95", words.length(shown.sessions.lengthP95)],
        ["actions a person p50", words.count(shown.distribution.p50)],
        ["actions a person p95", words.count(shown.distribution.p95)],
        ["actions a person, most", words.count(shown.distribution.max)],
      ])
  }

  static func windows(_ words: ActivityWords) -> ActivitySection {
    ActivitySection(
      heading: "Weeks and four weeks",
      columns: columns(
        ["Days", "From", "To"], ["Active", "New", "Returning", "Resurrected", "Dormant"]),
      rows: words.shown.windows.map { window in
        ["\(window.length)", window.first.description, words.date(window.last, window.isComplete)]
          + ([window.active] + window.lifecycle.counts).map(words.count)
      })
  }

  /// - Parameter limit: the newest days are shown when there are more.
  static func days(_ words: ActivityWords, atMost limit: Int) -> ActivitySection {
    let hidden = words.shown.days.count - limit
    return ActivitySection(
      heading: "Days",
      columns: columns(
        ["Day"],
        [
          "Actions", "DAU", "WAU", "MAU", "New", "Returning", "Resurrected", "Dormant",
          "Stickiness",
        ]),
      rows: words.shown.days.suffix(limit).map { day in
        [words.date(day.date, day.isComplete)]
          + ([day.actions, day.dau, day.wau, day.mau] + day.lifecycle.counts).map(words.count)
          + [words.percent(day.stickiness)]
      }, note: hidden > 0 ? "… and \(hidden) days before." : nil)
  }

  private static func cohorts(_ words: ActivityWords) -> ActivitySection {
    let weeks = words.shown.cohorts.map(\.weeks.count).max() ?? 0
    return ActivitySection(
      heading: "Retention by the week of the first action",
      columns: columns(["First week"], ["Size"] + (0..<weeks).map { "+\($0)" }),
      rows: words.shown.cohorts.map { cohort in
        [cohort.week.description, words.count(cohort.size)] + cohort.weeks.map(words.retention)
      })
  }

  static func breakdown(
    _ heading: String, _ rows: [ShownActivity.Breakdown], _ words: ActivityWords
  ) -> ActivitySection {
    let hasTypes = rows.contains { $0.type != nil }
    let hasTopics = rows.contains { $0.topic != nil }
    let names = ["Category"] + (hasTypes ? ["Type"] : []) + (hasTopics ? ["Topic"] : [])
    return ActivitySection(
      heading: heading,
      columns: columns(names, ["Events", "People", "Bytes", "p50", "p95", "Max"]),
      rows: rows.map { row in
        [row.category] + (hasTypes ? [row.type ?? "–"] : []) + (hasTopics ? [row.topic ?? "–"] : [])
          + [words.count(row.events), words.count(row.actors), words.bytes(row.bytes)]
          + [row.perActorP50, row.perActorP95, row.perActorMax].map(words.count)
      })
  }

  static func distribution(_ words: ActivityWords) -> ActivitySection {
    ActivitySection(
      heading: "Actions a person", columns: columns(["Actions"], ["People"]),
      rows: words.shown.distribution.buckets.map { [words.range($0), words.count($0.actors)] })
  }

  static func sessions(_ words: ActivityWords) -> ActivitySection {
    let buckets = words.report.figures.sessions.count > 0 ? words.shown.sessions.buckets : []
    return ActivitySection(
      heading: "Sessions by length", columns: columns(["Length"], ["Sessions", "People"]),
      rows: buckets.map {
        [words.range($0), words.count($0.sessions), words.count($0.actors)]
      })
  }

  static func hours(_ words: ActivityWords) -> ActivitySection {
    let hours = words.report.figures.actions > 0 ? words.shown.hours : []
    return ActivitySection(
      heading: "Hours: actions (people)",
      columns: columns(["Hour"], ActivityWords.weekdays),
      rows: (0..<(hours.isEmpty ? 0 : 24)).map { number in
        [ActivityWords.clock(number)] + hours.filter { $0.hour == number }.map(words.hour)
      })
  }

  static func actors(_ words: ActivityWords) -> ActivitySection {
    ActivitySection(
      heading: "Most active people", columns: columns(["Person"], ["Actions"]),
      rows: words.shown.topActors.map { [$0.actor, Wording.grouped($0.actions)] })
  }

  private static func columns(
    _ names: [String], _ figures: [String]
  ) -> [(String, TextTable.Alignment)] {
    names.map { ($0, .left) } + figures.map { ($0, .right) }
  }
}
