public import Analytics
public import Streams

extension ReportZone {
  private static let daysShown: Int64 = 90
  private static let monthsShown = 12

  /// The bars and steps of a report on `[start, end)`.
  ///
  /// Bars are those of the last 90 days and 12 months that end with the period, or with `asOf` while
  /// it is running, whatever its length, and of its hours if it has no more than 50. Steps are hours up to there, days up to 93 days, ISO
  /// weeks up to two years, then months; the first and the last are cut to the period.
  ///
  /// - Parameter previous: what it is compared with.
  /// - Complexity: O(bars + steps).
  public func views(
    from start: Timestamp, to end: Timestamp, asOf: Timestamp, previous: Range<Timestamp>?
  ) -> UptimeViews {
    var views = UptimeViews()
    let known = min(end, max(start.adding(seconds: 1), asOf))
    let last = localDate(of: Timestamp(microseconds: known.microseconds - 1))
    views.hours = hours(from: start, to: end)
    views.days = spans(.day, from: last.adding(days: 1 - Self.daysShown), through: last)
    views.months = spans(.month, from: Self.month(last, back: Self.monthsShown - 1), through: last)
    views.previous = previous
    views.step = step(from: start, to: end)
    views.steps = views.hours.isEmpty ? steps(views.step, from: start, to: end) : views.hours
    return views
  }

  private func step(from start: Timestamp, to end: Timestamp) -> UptimeViews.Step {
    switch (end.microseconds - start.microseconds) / Timestamp.microsecondsPerSecond {
    case ...(50 * 3600): .hour
    case ...(93 * 86_400 + 3600): .day
    case ...(732 * 86_400): .week
    default: .month
    }
  }

  private func steps(
    _ step: UptimeViews.Step, from start: Timestamp, to end: Timestamp
  ) -> [LocalSpan] {
    let unit: ReportPeriod.Unit =
      switch step {
      case .hour, .day: .day
      case .week: .week
      case .month: .month
      }
    let last = localDate(of: Timestamp(microseconds: end.microseconds - 1))
    return spans(unit, from: localDate(of: start), through: last).compactMap { span in
      var span = span
      span.start = max(span.start, start)
      span.end = min(span.end, end)
      return span.start < span.end ? span : nil
    }
  }

  /// The first of the month `count` months before that of `date`.
  private static func month(_ date: CivilDate, back count: Int) -> CivilDate {
    var month = ReportPeriod(.month, containing: date)
    for _ in 0..<count { month = month.previous }
    return month.first
  }

  /// Whole units of the calendar; one that the zone skipped is left out.
  private func spans(
    _ unit: ReportPeriod.Unit, from first: CivilDate, through last: CivilDate
  ) -> [LocalSpan] {
    var spans: [LocalSpan] = []
    var period = ReportPeriod(unit, containing: first)
    var start = startOfDay(period.first)
    while period.first <= last {
      let end = startOfDay(period.end)
      if start < end {
        spans.append(LocalSpan(name: period.description, start: start, end: end))
      }
      start = end
      period = ReportPeriod(unit, containing: period.end)
    }
    return spans
  }

  /// Hours of 60 minutes from `start` on; none for a longer period.
  private func hours(from start: Timestamp, to end: Timestamp) -> [LocalSpan] {
    guard step(from: start, to: end) == .hour else { return [] }
    var spans: [LocalSpan] = []
    var at = start
    while at < end {
      let next = min(at.adding(seconds: 3600), end)
      spans.append(LocalSpan(name: text(at), start: at, end: next))
      at = next
    }
    return spans
  }
}
