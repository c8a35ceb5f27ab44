internal import Foundation
public import Streams

extension ReportZone {
  /// `2025-01-10 06:00 CET`: to the minute, or to the second or millisecond where the instant has
  /// any, so that nothing is hidden.
  public func text(_ instant: Timestamp) -> String {
    "\(clock(instant)) \(abbreviation(at: instant))"
  }

  /// ``text(_:)`` without the zone, for tables whose caption names it.
  public func clock(_ instant: Timestamp) -> String {
    let local = local(instant).rfc3339
    let seconds = local.dropFirst(16).dropLast()
    return "\(local.prefix(10)) \(local.dropFirst(11).prefix(5))\(seconds == ":00" ? "" : seconds)"
  }

  /// `CET`, `EST`, or `UTC+05:45` where there is no name in use.
  public func abbreviation(at instant: Timestamp) -> String {
    if rules == .gmt { return "UTC" }
    let date = Date(timeIntervalSince1970: Double(instant.wholeSeconds))
    let style: NSTimeZone.NameStyle =
      rules.isDaylightSavingTime(for: date) ? .shortDaylightSaving : .shortStandard
    for locale in Self.locales {
      guard let name = rules.localizedName(for: style, locale: locale) else { continue }
      if !name.hasPrefix("GMT") || name == "GMT" { return name }
    }
    return Self.offsetText(offset(at: instant.wholeSeconds))
  }

  /// An abbreviation is a word of the language of the place: each of these knows those of its own.
  private static let locales = ["en_US", "en_GB", "en_AU", "en_NZ", "en_IN", "en_ZA"].map {
    Locale(identifier: $0)
  }

  private static func offsetText(_ seconds: Int64) -> String {
    func padded(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let size = seconds.magnitude
    let sign = seconds < 0 ? "-" : "+"
    return "UTC\(sign)\(padded(Int64(size / 3600))):\(padded(Int64(size / 60 % 60)))"
  }
}
