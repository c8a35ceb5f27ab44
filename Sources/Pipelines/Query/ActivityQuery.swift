public import Analytics
internal import EventStore
public import History
public import Reports
public import Streams

/// What an activity report is asked for.
public struct ActivityQuery: Sendable {
  /// Local dates of the zone; `to` is the day after the last.
  public var from: CivilDate?
  public var to: CivilDate?
  public var timezone = "UTC"
  public var asOf: Timestamp?
  public var cohortWeeks = 12
  /// The reader may see user data: names the top actors and hides nothing.
  public var showActors = false
  public var title = "User activity"

  public init() {}

  /// Days of the period when none is given: the last ones, today included.
  static let defaultDays: Int64 = 28

  /// - Throws: `ReportZoneError`; ``QueryError`` when the period is empty.
  public func options(now: Timestamp) throws -> (ActivityOptions, ReportZone) {
    let zone = try ReportZone(timezone)
    let last = to ?? zone.localDate(of: now).adding(days: 1)
    let first = from ?? last.adding(days: -Self.defaultDays)
    let (start, end) = (zone.startOfDay(first), zone.startOfDay(last))
    guard start < end, start >= .earliest, end <= .latest else {
      throw QueryError.emptyPeriod(start, end)
    }
    let length = last.utcDay - first.utcDay
    // The window of 28 days before that of the first day; cohorts start on a Monday.
    let monday = last.adding(days: -Int64(last.isoWeekday) - 7 * Int64(cohortWeeks))
    let earliest = min(first.adding(days: -55), monday)
    var options = ActivityOptions(
      start: start, end: end, asOf: asOf ?? max(start, min(end, now)),
      previousStart: zone.startOfDay(first.adding(days: -length)),
      days: zone.localDays(
        from: earliest.adding(days: 1 - Int64(earliest.isoWeekday)), to: last))
    options.offsets = zone.offsets(from: start, to: end)
    options.cohortWeeks = cohortWeeks
    return (options, zone)
  }

  /// The report, from everything in the store. Of a user who was erased the rollups are left, so that
  /// figures stay as they were reported; other deleted streams have nothing left to count.
  public func report(
    _ snapshot: HistorySnapshot, full: Bool = false, now: Timestamp
  ) throws -> ActivityReport {
    let rollups = Rollups(snapshot)
    var history = ActivityHistory()
    for record in try snapshot.hot.streams(matching: "user-*")
    where record.allows(.system, to: .read) {
      guard case .user = record.name.family else { continue }
      history.merge(
        record.status == .deleted
          ? try rollups.stored(ActivityHistory.self, of: record)
          : try rollups.summary(ActivityHistory.self, of: record, full: full))
    }
    let (options, zone) = try options(now: now)
    let next = try snapshot.hot.nextPosition.rawValue
    return ActivityReport(
      title: title, figures: history.figures(options), zone: zone, madeAt: now,
      throughPosition: next > 0 ? Position(next - 1) : nil, showActors: showActors)
  }
}
