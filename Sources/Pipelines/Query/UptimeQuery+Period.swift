internal import Reports
internal import Streams

extension UptimeQuery {
  /// A period and the one of the same kind before it, in instants.
  struct AskedPeriod {
    var start: Timestamp
    var end: Timestamp
    /// Nil when it would begin before 1970.
    var previous: Range<Timestamp>?
  }

  /// The period that was asked for; by default the last 90 days, today included.
  ///
  /// Before a named one comes the one of its kind, before local days as many days, before instants as
  /// much time.
  func askedPeriod(_ zone: ReportZone, now: Timestamp) throws(QueryError) -> AskedPeriod {
    let today = zone.localDate(of: now)
    if let period {
      guard start == nil, end == nil, from == nil, to == nil else { throw .periodTwice }
      let calendar = period.period(today: today)
      return try days(calendar.first, calendar.end, previous: calendar.previous.first, zone)
    }
    if start == nil, end == nil {
      let last = to ?? max(today, from ?? today).adding(days: 1)
      let first = from ?? last.adding(days: -Self.defaultDays)
      let before = first.adding(days: first.utcDay - last.utcDay)
      return try days(first, last, previous: before, zone)
    }
    let tomorrow = today.adding(days: 1)
    let end = end ?? zone.startOfDay(to ?? max(tomorrow, from?.adding(days: 1) ?? tomorrow))
    let start =
      start
      ?? zone.startOfDay(from ?? zone.localDate(of: end).adding(days: -Self.defaultDays))
    let before = Timestamp(microseconds: start.microseconds * 2 - end.microseconds)
    return try asked(start, end, previous: before)
  }

  private func days(
    _ first: CivilDate, _ last: CivilDate, previous: CivilDate, _ zone: ReportZone
  ) throws(QueryError) -> AskedPeriod {
    try asked(
      zone.startOfDay(first), zone.startOfDay(last), previous: zone.startOfDay(previous))
  }

  private func asked(
    _ start: Timestamp, _ end: Timestamp, previous: Timestamp
  ) throws(QueryError) -> AskedPeriod {
    guard start < end, start >= .earliest, end <= .latest else { throw .emptyPeriod(start, end) }
    return AskedPeriod(
      start: start, end: end, previous: previous >= .earliest ? previous..<start : nil)
  }
}
