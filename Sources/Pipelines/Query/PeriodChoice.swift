public import Reports
public import Streams

/// Which period a report is asked for by its name: `month` is the last one that is over, `2026-10` is
/// that one.
public enum PeriodChoice: Hashable, Sendable {
  case last(ReportPeriod.Unit)
  case named(ReportPeriod)

  /// - Throws: ``QueryError/wrongValue(field:expected:)`` naming `field`.
  public init(_ text: String, field: String) throws(QueryError) {
    if let unit = ReportPeriod.Unit(rawValue: text) {
      self = .last(unit)
    } else if let period = ReportPeriod(text) {
      self = .named(period)
    } else {
      throw .wrongValue(field: field, expected: Self.expected)
    }
  }

  static let expected =
    "day, week, month, quarter or year (the last one that is over), or one by its name:"
    + " 2026-10-05, 2026-W41, 2026-10, 2026-Q3 or 2026"

  /// The period as of a local date.
  public func period(today: CivilDate) -> ReportPeriod {
    switch self {
    case .last(let unit): .last(unit, before: today)
    case .named(let period): period
    }
  }
}
