public import Streams

/// The actors whose first action ever lay in one ISO week (Monday to Sunday).
public struct RetentionCohort: Hashable, Sendable {
  public struct Week: Hashable, Sendable {
    public var active: Int
    /// The week was over when the report was made.
    public var isComplete: Bool

    public init(active: Int, isComplete: Bool) {
      self.active = active
      self.isComplete = isComplete
    }
  }

  /// The Monday.
  public var week: CivilDate
  public var size: Int
  /// Index n: the actors active in the n-th week after the first (index 0 is that week itself).
  public var weeks: [Week]

  public init(week: CivilDate, size: Int, weeks: [Week]) {
    self.week = week
    self.size = size
    self.weeks = weeks
  }
}
