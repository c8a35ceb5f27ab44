internal import Analytics

/// The hours of a week as squares, tinted by how much happened in an hour of that kind. Shapes only,
/// as SVG: the page puts the names of the days and hours around it.
struct HourHeat {
  let words: ActivityWords

  private static let step = 10
  private static let size = 9
  /// Tints, from little to much.
  static let levels = 5

  func svg(label: String) -> String {
    var out =
      "<svg class=\"hours\" viewBox=\"0 0 \(24 * Self.step) \(7 * Self.step)\""
      + " preserveAspectRatio=\"none\" role=\"img\"><title>\(HTMLEscape.escape(label))</title>"
      + "<desc>\(HTMLEscape.escape(summary))</desc>"
    for hour in words.shown.hours {
      out +=
        "<rect class=\"\(mark(of: hour))\" x=\"\(hour.hour * Self.step)\""
        + " y=\"\((hour.weekday - 1) * Self.step)\" width=\"\(Self.size)\""
        + " height=\"\(Self.size)\"><title>\(HTMLEscape.escape(text(of: hour)))</title></rect>"
    }
    return out + "</svg>"
  }

  /// `Busiest: Tue 10:00, with 32.5 actions an hour.`
  var summary: String {
    guard let busiest, let rate = busiest.actionsPerHour.value else {
      return "Every hour is hidden: too few people were active in it."
    }
    let hidden = words.shown.hours.count { $0.actions.map { !$0.isShown } ?? false }
    return "Busiest: \(Self.name(of: busiest)), with \(rate.shortest(decimals: 1)) actions an hour."
      + (hidden > 0 ? " \(hidden) of 168 hours had too few people and are hidden." : "")
  }

  private var busiest: ShownActivity.Hour? {
    words.shown.hours.filter { $0.actionsPerHour.value != nil }
      .max { ($0.actionsPerHour.value ?? .zero) < ($1.actionsPerHour.value ?? .zero) }
  }

  /// `level-1` to `level-5`, `few` where it is hidden, `none` where there was no such hour.
  private func mark(of hour: ShownActivity.Hour) -> String {
    guard hour.actions != nil else { return "none" }
    guard let rate = hour.actionsPerHour.value, let most = busiest?.actionsPerHour.value else {
      return "few"
    }
    let share = most == .zero ? .zero : rate / most * Fraction(Int128(Self.levels))
    let level = (share.numerator + share.denominator - 1) / share.denominator
    return "level-\(max(1, level))"
  }

  private func text(of hour: ShownActivity.Hour) -> String {
    guard let actions = hour.actions, let actors = hour.actors else {
      return "\(Self.name(of: hour)): no such hour"
    }
    return "\(Self.name(of: hour)): \(words.count(actions)) actions, \(words.count(actors)) people"
  }

  private static func name(of hour: ShownActivity.Hour) -> String {
    "\(ActivityWords.weekdays[hour.weekday - 1]) \(ActivityWords.clock(hour.hour))"
  }
}
