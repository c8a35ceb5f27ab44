/// One hour of the clock on one weekday, all its occurrences in the period together.
public struct ActivityHour: Hashable, Sendable {
  /// ISO: Monday 1 to Sunday 7.
  public var weekday: Int
  /// 0...23, as the clocks of the report's zone show it.
  public var hour: Int
  public var actions: Int = 0
  /// Distinct actors.
  public var actors: Int = 0
  /// How long the clocks showed this hour in what is counted of the period, cut to whole seconds: a
  /// weekday may occur more often than another, an hour be skipped or come twice. 0: not at all, and
  /// the counts say nothing.
  public var elapsedSeconds: Int64 = 0

  public init(weekday: Int, hour: Int) {
    self.weekday = weekday
    self.hour = hour
  }

  /// Actions per hour that elapsed; nil when none did.
  public var actionsPerHour: Fraction? {
    elapsedSeconds == 0 ? nil : Fraction(Int128(actions) * 3600, over: Int128(elapsedSeconds))
  }
}
