internal import Analytics
internal import Streams

extension ActivityReport {
  /// The report for a terminal: headline, figures of the period, the last days, cohorts, and what
  /// was done.
  public func text() -> String {
    let words = ActivityWords(report: self)
    var sections = [
      [title.printable, words.period, "", words.headline].joined(separator: "\n") + "\n",
      periodTable(words),
    ]
    if !words.shown.days.isEmpty { sections.append(dayTable(words)) }
    if !words.shown.cohorts.isEmpty { sections.append(cohortTable(words)) }
    sections += [
      breakdownTable(words.shown.breakdown, words), breakdownTable(words.shown.topics, words),
    ].compactMap { $0 }
    if !words.shown.topActors.isEmpty { sections.append(actorTable(words)) }
    sections.append(words.notes.map { "- \($0)\n" }.joined() + words.standing + "\n")
    return sections.joined(separator: "\n").replacing("\u{A0}", with: " ")
      .replacing("\u{202F}", with: " ")
  }

  private func periodTable(_ words: ActivityWords) -> String {
    let shown = words.shown
    var table = TextTable([("FIGURE", .left), ("VALUE", .right)])
    table.append(["active people", words.count(shown.actors)])
    table.append(["new", words.count(shown.lifecycle.new)])
    table.append(["returning", words.count(shown.lifecycle.returning)])
    table.append(["resurrected", words.count(shown.lifecycle.resurrected)])
    table.append(["dormant", words.count(shown.lifecycle.dormant)])
    table.append(["actions", words.count(shown.actions)])
    table.append(["bytes", words.bytes(shown.bytes)])
    table.append(["stickiness", words.percent(shown.stickiness)])
    table.append(["sessions", words.count(shown.sessions.count)])
    table.append(["session length p50", words.length(shown.sessions.lengthP50)])
    table.append(["session length p95", words.length(shown.sessions.lengthP95)])
    return table.text
  }

  private static let daysShown = 31

  private func dayTable(_ words: ActivityWords) -> String {
    var table = TextTable(
      [("DAY", .left)]
        + ["ACTIONS", "DAU", "WAU", "MAU", "NEW", "RETURNING", "RESURRECTED", "DORMANT"].map {
          ($0, .right)
        })
    for day in words.shown.days.suffix(Self.daysShown) {
      let counts = [
        day.actions, day.dau, day.wau, day.mau, day.lifecycle.new, day.lifecycle.returning,
        day.lifecycle.resurrected, day.lifecycle.dormant,
      ]
      table.append([day.date.description] + counts.map(words.count))
    }
    let hidden = words.shown.days.count - Self.daysShown
    return hidden > 0 ? table.text + "… and \(hidden) days before.\n" : table.text
  }

  private func cohortTable(_ words: ActivityWords) -> String {
    let columns = words.shown.cohorts.map(\.weeks.count).max() ?? 0
    var table = TextTable(
      [("FIRST WEEK", .left), ("SIZE", .right)] + (0..<columns).map { ("+\($0)", .right) })
    for cohort in words.shown.cohorts {
      table.append(
        [cohort.week.description, words.count(cohort.size)] + cohort.weeks.map(words.retention))
    }
    return table.text
  }

  private func breakdownTable(
    _ rows: [ShownActivity.Breakdown], _ words: ActivityWords
  ) -> String? {
    guard !rows.isEmpty else { return nil }
    let hasTopics = rows.contains { $0.topic != nil }
    var table = TextTable(
      [("CATEGORY", .left), ("TYPE", .left)] + (hasTopics ? [("TOPIC", .left)] : [])
        + ["EVENTS", "PEOPLE", "BYTES", "P50", "P95", "MAX"].map { ($0, .right) })
    for row in rows {
      let counts = [row.perActorP50, row.perActorP95, row.perActorMax]
      table.append(
        [row.category, row.type] + (hasTopics ? [row.topic ?? "–"] : [])
          + [words.count(row.events), words.count(row.actors), words.bytes(row.bytes)]
          + counts.map(words.count))
    }
    return table.text
  }

  private func actorTable(_ words: ActivityWords) -> String {
    var table = TextTable([("PERSON", .left), ("ACTIONS", .right)])
    for actor in words.shown.topActors {
      table.append([actor.actor, Wording.grouped(actor.actions)])
    }
    return table.text
  }
}
