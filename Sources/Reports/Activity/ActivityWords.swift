internal import Analytics
internal import Streams

/// An activity report's figures in words, the same on the page and in the terminal.
struct ActivityWords {
  let report: ActivityReport
  let shown: ShownActivity

  init(report: ActivityReport) {
    self.report = report
    shown = report.shown
  }

  /// `12 345`, `<5`, or `hidden`.
  func count(_ count: ShownCount) -> String {
    switch count {
    case .value(let value): Wording.grouped(value)
    case .few: "<\(report.k)"
    case .withheld: "hidden"
    }
  }

  func bytes(_ count: ShownCount) -> String {
    count.value.map(Wording.bytes) ?? self.count(count)
  }

  /// What does not exist is a dash.
  func count(_ count: ShownCount?) -> String { count.map(self.count) ?? "–" }

  func percent(_ share: ShownShare) -> String {
    switch share {
    case .value(let value): Wording.percent(value, decimals: 1)
    case .none: Wording.noData
    case .withheld: "hidden"
    }
  }

  /// A length of time in seconds.
  func length(_ seconds: ShownCount?) -> String {
    guard let seconds else { return Wording.noData }
    return seconds.value.map { Wording.duration(milliseconds: $0 * 1000) } ?? count(seconds)
  }

  /// `under 1 min`, `1 min to 5 min`, `1 h or more`.
  func range(_ bucket: ShownActivity.Sessions.Bucket) -> String {
    let from = Wording.duration(milliseconds: bucket.fromSeconds * 1000)
    guard let to = bucket.toSeconds.map({ Wording.duration(milliseconds: $0 * 1000) }) else {
      return "\(from) or more"
    }
    return bucket.fromSeconds == 0 ? "under \(to)" : "\(from) to \(to)"
  }

  /// `1`, `2 to 3`.
  func range(_ bucket: ShownActivity.Distribution.Bucket) -> String {
    bucket.from == bucket.to
      ? Wording.grouped(bucket.from)
      : "\(Wording.grouped(bucket.from)) to \(Wording.grouped(bucket.to))"
  }

  /// `+12.3 %`, `−4.0 %`, cut; nil where one of the two is hidden or there is nothing to compare with.
  func change(_ now: ShownCount, since before: ShownCount) -> String? {
    guard let now = now.value, let before = before.value, before > 0 else { return nil }
    let text = Wording.percent(
      Fraction(Int128((now - before).magnitude), over: Int128(before)), decimals: 1)
    if now == before { return "±" + text }
    return (now > before ? "+" : "−") + text
  }

  /// `317 (44)`: actions, and the people behind them.
  func hour(_ hour: ShownActivity.Hour) -> String {
    guard let actors = hour.actors, actors.isShown else { return count(hour.actors) }
    return "\(count(hour.actions)) (\(count(actors)))"
  }

  static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  /// `08:00`.
  static func clock(_ hour: Int) -> String { (hour < 10 ? "0" : "") + "\(hour):00" }

  var period: String { "\(report.zone.text(shown.start)) to \(report.zone.text(shown.end))" }

  var headline: String {
    guard shown.asOf > shown.start else { return "The period has not begun." }
    guard report.figures.actors > 0 else { return "No activity." }
    guard let actions = shown.actions.value, let actors = shown.actors.value else {
      return "Fewer than \(report.k) people were active."
    }
    return "\(Wording.count(Int(actors), "active person", plural: "active people")), "
      + "\(Wording.count(Int(actions), "action"))."
  }

  /// How the period compares with the one before; empty where that cannot be said.
  var trend: String {
    guard let change = change(shown.actors, since: shown.previous.actors) else { return "" }
    let running = shown.isComplete ? "" : "; this period is not over yet"
    return "\(change) active people against the period before"
      + " (\(count(shown.previous.actors)))\(running)."
  }

  /// A date, with `…` while the day is running.
  func date(_ date: CivilDate, _ isComplete: Bool) -> String {
    isComplete ? date.description : date.description + "\u{A0}…"
  }

  /// A retention cell: `42.8 %`, with `…` while the week is running.
  func retention(_ week: ShownActivity.Cohort.Week) -> String {
    let text = week.active.isShown ? percent(week.share) : count(week.active)
    return week.isComplete ? text : text + "\u{A0}…"
  }

  var notes: [String] {
    var lines = [
      "Daily, weekly and monthly active people are distinct ones in the day, the 7 and the 28 days "
        + "that end with it. Stickiness is daily over monthly, of the period on the last day that is "
        + "over.",
      "The period before is the equally long one that ends where this one starts, as a whole.",
      "New: first action ever. Returning: also active in the period before. Resurrected: active "
        + "before, but not in the period before. New, returning and resurrected make up the active. "
        + "Dormant: active in the period before, not in this one.",
      "Retention: the share of those whose first action lay in a week (from Monday) who were active "
        + "in a later week; … marks a week that is not over.",
      "A session is a run of one person's actions with gaps of at most 30 minutes.",
      "Hours are those of the clocks in \(report.zone.name): where these change, an hour is missing "
        + "or comes twice.",
      "Percentages are cut, not rounded.",
    ]
    if report.showActors {
      lines.append("Not for publication: this report names people and hides nothing.")
    } else {
      lines.append(
        "<\(report.k) stands for fewer than \(report.k) people. What belongs to so few, or would give "
          + "their number away by subtraction, is hidden.")
    }
    return lines
  }

  var standing: String {
    let position =
      report.throughPosition.map { "Made from the store at position \($0)" }
      ?? "Made from facts outside the store"
    return "\(position), as of \(report.zone.text(shown.asOf)), on "
      + "\(report.zone.text(report.madeAt)). Days are those of \(report.zone.name)."
  }
}
