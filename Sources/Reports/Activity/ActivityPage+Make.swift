internal import Analytics
internal import Streams

extension ActivityPage {
  init(_ report: ActivityReport, style: String) {
    let words = ActivityWords(report: report)
    self.style = style
    title = report.title
    period = words.period
    headline = words.headline
    trends = words.trend.isEmpty ? [] : [words.trend]
    tiles = Self.tiles(words)
    charts = Self.charts(words)
    cohortTables = Self.cohortTables(words)
    breakdowns = Self.breakdowns(words)
    amounts = Self.amounts(words)
    hourMaps = Self.hourMaps(words)
    actorTables = Self.actorTables(words)
    options = words.notes
    standing = words.standing
    checkCommand = report.checkCommand
    readCommand = "rookery read STREAM --from N"
  }

  private static func tiles(_ words: ActivityWords) -> [Figure] {
    let shown = words.shown
    let (now, before) = (shown, shown.previous)
    return [
      Figure(
        label: "Active people", value: words.count(now.actors),
        notes: change(words, now.actors, before.actors) + [lifecycle(words)]),
      lastDay(words),
      Figure(
        label: "Actions", value: words.count(now.actions),
        notes: change(words, now.actions, before.actions) + [
          words.bytes(now.bytes),
          "p50 \(words.count(now.distribution.p50)), p95 \(words.count(now.distribution.p95)), "
            + "most \(words.count(now.distribution.max)) a person",
        ]),
      Figure(
        label: "Sessions", value: words.count(now.sessions.count),
        notes: change(words, now.sessions.count, before.sessions) + [
          "length p50 \(words.length(now.sessions.lengthP50)), "
            + "p95 \(words.length(now.sessions.lengthP95))"
        ]),
    ]
  }

  private static func change(
    _ words: ActivityWords, _ now: ShownCount, _ before: ShownCount
  ) -> [String] {
    words.change(now, since: before).map { ["\($0) against \(words.count(before))"] } ?? []
  }

  private static func lifecycle(_ words: ActivityWords) -> String {
    let lifecycle = words.shown.lifecycle
    return "\(words.count(lifecycle.new)) new, \(words.count(lifecycle.returning)) returning, "
      + "\(words.count(lifecycle.resurrected)) resurrected; \(words.count(lifecycle.dormant)) dormant"
  }

  private static func lastDay(_ words: ActivityWords) -> Figure {
    let days = words.shown.days
    let day = days.last { $0.isComplete } ?? days.last
    let notes = day.map { day in
      [
        "\(words.count(day.dau)) of \(words.count(day.mau)) monthly, "
          + "\(words.count(day.wau)) weekly active people",
        "on \(words.date(day.date, day.isComplete))",
      ]
    }
    return Figure(
      label: "Stickiness", value: words.percent(words.shown.stickiness), notes: notes ?? [])
  }
}
