public import Streams

/// A date and the instants between which it lasts in the report's zone: `[start, end)`.
///
/// This layer knows no time zones: whoever makes a report gives the boundaries. A day may have 23,
/// 24 or 25 hours.
public struct LocalDay: Hashable, Sendable {
  public var date: CivilDate
  public var start: Timestamp
  public var end: Timestamp

  public init(date: CivilDate, start: Timestamp, end: Timestamp) {
    self.date = date
    self.start = start
    self.end = end
  }
}
