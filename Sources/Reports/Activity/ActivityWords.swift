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

  func percent(_ share: Fraction?) -> String { Wording.percent(share, decimals: 1) }

  func length(_ seconds: Int64?) -> String {
    seconds.map { Wording.duration(milliseconds: $0 * 1000) } ?? Wording.noData
  }

  var period: String { "\(report.zone.text(shown.start)) to \(report.zone.text(shown.end))" }

  var headline: String {
    guard report.figures.actors > 0 else { return "No activity." }
    guard let actions = shown.actions.value, let actors = shown.actors.value else {
      return "Fewer than \(report.k) people were active."
    }
    return "\(Wording.count(Int(actors), "active person", plural: "active people")), "
      + "\(Wording.count(Int(actions), "action"))."
  }

  /// A retention cell: `42.8 % (12)`, with `…` while the week is running.
  func retention(_ week: ShownActivity.Cohort.Week) -> String {
    let text = week.share.map { percent($0) } ?? count(week.active)
    return week.isComplete ? text : text + "\u{A0}…"
  }

  var notes: [String] {
    var lines = [
      "Daily, weekly and monthly active people are distinct ones in the day, the 7 and the 28 days "
        + "that end with it. Stickiness is daily over monthly on the last day.",
      "New: first action ever. Returning: also active in the period before. Resurrected: active "
        + "before, but not in the period before. New, returning and resurrected make up the active. "
        + "Dormant: active in the period before, not in this one.",
      "Retention: the share of those whose first action lay in a week (from Monday) who were active "
        + "in a later week; … marks a week that is not over.",
      "A session is a run of one person's actions with gaps of at most 30 minutes.",
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
