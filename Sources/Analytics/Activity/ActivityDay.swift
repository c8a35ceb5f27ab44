public import Streams

/// One local day of user activity.
public struct ActivityDay: Hashable, Sendable {
  public var date: CivilDate
  public var actions: Int = 0
  /// Distinct actors in the day, in the 7 and in the 28 days that end with it.
  public var dau: Int = 0
  public var wau: Int = 0
  public var mau: Int = 0
  /// new + returning + resurrected = dau; the previous period is the day before.
  public var new: Int = 0
  public var returning: Int = 0
  public var resurrected: Int = 0
  public var dormant: Int = 0
  /// The day was over when the report was made.
  public var isComplete = true

  public init(date: CivilDate) { self.date = date }

  /// DAU / MAU; nil when nobody was active in the 28 days.
  public var stickiness: Fraction? {
    mau == 0 ? nil : Fraction(Int128(dau), over: Int128(mau))
  }
}

/// Several local days taken as one period, against as many days before them.
///
/// A report has the windows of 7 and of 28 days that end with its last day, and those before, without
/// a gap, as long as they end within the period.
public struct ActivityWindow: Hashable, Sendable {
  /// 7 or 28.
  public var length: Int
  public var first: CivilDate
  public var last: CivilDate
  /// Distinct actors; new + returning + resurrected = active.
  public var active: Int = 0
  public var new: Int = 0
  public var returning: Int = 0
  public var resurrected: Int = 0
  public var dormant: Int = 0
  /// The last day was over when the report was made.
  public var isComplete = true

  public init(length: Int, first: CivilDate, last: CivilDate) {
    self.length = length
    self.first = first
    self.last = last
  }
}
