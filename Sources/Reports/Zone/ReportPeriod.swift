public import Streams

/// A day, ISO week, month, quarter or year of the calendar, as local dates: whose zone's, the reader
/// of it says.
public struct ReportPeriod: Hashable, Sendable, CustomStringConvertible {
  public enum Unit: String, CaseIterable, Sendable {
    case day, week, month, quarter, year
  }

  public let unit: Unit
  /// The first day.
  public let first: CivilDate
  /// The day after the last.
  public var end: CivilDate { unit.next(after: first) }
  /// The last day.
  public var last: CivilDate { end.adding(days: -1) }

  /// The period of `unit` in which `date` lies.
  public init(_ unit: Unit, containing date: CivilDate) {
    self.unit = unit
    first = unit.first(of: date)
  }

  /// The last one that was over when `today` began.
  public static func last(_ unit: Unit, before today: CivilDate) -> ReportPeriod {
    ReportPeriod(unit, containing: today).previous
  }

  public var previous: ReportPeriod {
    ReportPeriod(unit, containing: first.adding(days: -1))
  }

  /// `2026-10-05`, `2026-W41`, `2026-10`, `2026-Q3` or `2026`: what ``init(_:)`` reads.
  public var description: String {
    switch unit {
    case .day: "\(first)"
    case .week: "\(first.isoWeekYear)-W\(Self.padded(first.isoWeek))"
    case .month: "\(first)".prefix(7).description
    case .quarter: "\(first)".prefix(4) + "-Q\((first.month - 1) / 3 + 1)"
    case .year: "\(first)".prefix(4).description
    }
  }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension ReportPeriod {
  /// Reads a name such as `2026-10-05`, `2026-W41`, `2026-10`, `2026-Q3` or `2026`; nil for anything
  /// else, and for what the calendar does not have, such as `2026-W54`.
  public init?(_ name: String) {
    if let date = CivilDate(name) {
      self.init(.day, containing: date)
      return
    }
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard let year = Self.number(parts[0], digits: 4),
      let january = CivilDate(year: year, month: 1, day: 1)
    else { return nil }
    guard parts.count > 1 else {
      self.init(.year, containing: january)
      return
    }
    guard parts.count == 2, let found = Self.part(parts[1], of: january) else { return nil }
    self = found
    // Week 53 of a year that has 52 is a week of the next one.
    guard description == name else { return nil }
  }

  private static func part(_ text: Substring, of january: CivilDate) -> ReportPeriod? {
    if text.hasPrefix("W"), let week = number(text.dropFirst(), digits: 2), week >= 1 {
      // 4 January is always in the first week.
      let inFirst = january.adding(days: 3)
      return ReportPeriod(.week, containing: inFirst.adding(days: Int64(week - 1) * 7))
    }
    if text.hasPrefix("Q"), let quarter = number(text.dropFirst(), digits: 1) {
      return CivilDate(year: january.year, month: quarter * 3 - 2, day: 1).map {
        ReportPeriod(.quarter, containing: $0)
      }
    }
    return number(text, digits: 2).flatMap {
      CivilDate(year: january.year, month: $0, day: 1)
    }.map { ReportPeriod(.month, containing: $0) }
  }

  private static func number(_ text: Substring, digits: Int) -> Int? {
    text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
      ? Int(text) : nil
  }
}

extension ReportPeriod.Unit {
  /// The first day of the one in which `date` lies.
  func first(of date: CivilDate) -> CivilDate {
    switch self {
    case .day: date
    case .week: date.adding(days: 1 - Int64(date.isoWeekday))
    case .month: date.first(ofMonth: date.month)
    case .quarter: date.first(ofMonth: (date.month - 1) / 3 * 3 + 1)
    case .year: date.first(ofMonth: 1)
    }
  }

  /// The first day of the one after that which begins on `first`.
  func next(after first: CivilDate) -> CivilDate {
    switch self {
    case .day: first.adding(days: 1)
    case .week: first.adding(days: 7)
    // No month has more than 31 days, no quarter more than 92, no year more than 366.
    case .month: self.first(of: first.adding(days: 31))
    case .quarter: self.first(of: first.adding(days: 92))
    case .year: self.first(of: first.adding(days: 366))
    }
  }
}

extension CivilDate {
  /// - Precondition: `month` is 1 to 12; else this date.
  fileprivate func first(ofMonth month: Int) -> CivilDate {
    CivilDate(year: year, month: month, day: 1) ?? self
  }

  /// The year of the ISO week: that of its Thursday.
  fileprivate var isoWeekYear: Int { adding(days: 4 - Int64(isoWeekday)).year }

  /// The number of the ISO week, 1 to 53: how many Thursdays the year has had with its own.
  fileprivate var isoWeek: Int {
    let thursday = adding(days: 4 - Int64(isoWeekday))
    let january = CivilDate(year: thursday.year, month: 1, day: 1) ?? thursday
    return Int((thursday.utcDay - january.utcDay) / 7) + 1
  }
}
