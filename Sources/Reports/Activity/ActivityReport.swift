public import Analytics
public import Streams

/// Everything an activity report says, in whatever form it is written.
public struct ActivityReport: Sendable {
  public var title: String
  public var figures: ActivityFigures
  public var zone: ReportZone
  public var madeAt: Timestamp
  /// The store position the report was made at; nil when it was made from a file.
  public var throughPosition: Position?
  /// Counts of fewer actors than this are hidden in a published report.
  public var k: Int
  /// The reader may see user data: top actors are named and nothing is hidden. Such a report is not
  /// for publication.
  public var showActors: Bool
  /// The command that gives the same figures as data.
  public var checkCommand: String

  public init(
    title: String, figures: ActivityFigures, zone: ReportZone, madeAt: Timestamp,
    throughPosition: Position?, k: Int = 5, showActors: Bool = false,
    checkCommand: String = "rookery report activity --format json"
  ) {
    self.title = title
    self.figures = figures
    self.zone = zone
    self.madeAt = madeAt
    self.throughPosition = throughPosition
    self.k = k
    self.showActors = showActors
    self.checkCommand = checkCommand
  }

  /// The figures this report's reader may see.
  var shown: ShownActivity { ShownActivity(figures, hidingBelow: showActors ? 0 : k) }
}
