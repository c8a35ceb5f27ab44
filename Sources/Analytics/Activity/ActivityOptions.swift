public import Streams

/// What is asked of an activity history.
public struct ActivityOptions: Hashable, Sendable {
  /// The period, half open, made of whole local days.
  public var start: Timestamp
  public var end: Timestamp
  /// Actions at or after it do not count.
  public var asOf: Timestamp
  /// Where the equally long period before this one starts.
  public var previousStart: Timestamp
  /// The local days in order, without gaps: those of the period, after at least the 55 days before
  /// it, as the first day's window of 28 days and the one before that need. For the cohorts they go back
  /// to the first Monday to be shown; a week that starts before the first of these days is left
  /// out.
  public var days: [LocalDay]
  /// How far the zone's clocks are from UTC over the period, ascending; none is UTC throughout.
  public var offsets: [LocalOffset] = []
  /// The longest pause within a session.
  public var sessionGapSeconds: Int64 = 30 * 60
  /// How many weeks of first actions to follow: those that end with the period's last week.
  public var cohortWeeks = 12
  public var topActors = 10
  /// Topics beyond the most frequent ones become ``otherTopics``.
  public var maxTopics = 1000

  public static let otherTopics = "(other)"

  /// - Parameters:
  ///   - asOf: the end when nil.
  ///   - previousStart: as many seconds before the start as the period has, when nil; give it where
  ///     a change of the clocks makes that wrong.
  public init(
    start: Timestamp, end: Timestamp, asOf: Timestamp? = nil, previousStart: Timestamp? = nil,
    days: [LocalDay]
  ) {
    self.start = start
    self.end = end
    self.asOf = asOf ?? end
    self.previousStart =
      previousStart
      ?? Timestamp(microseconds: start.microseconds - (end.microseconds - start.microseconds))
    self.days = days
  }
}

extension ActivityOptions {
  /// The first instant that is not counted.
  var countedEndUs: Int64 { min(end.microseconds, asOf.microseconds) }

  /// What is counted of the period.
  var countedUs: Range<Int64> {
    start.microseconds..<max(start.microseconds, countedEndUs)
  }

  /// What is counted of the period before.
  var previousUs: Range<Int64> {
    min(previousStart.microseconds, start.microseconds)..<start.microseconds
  }
}
