internal import Foundation
public import Streams

/// The time zone a report is read in: it turns instants into local dates and texts, and local dates
/// into instants. The only place where Rookery asks for a zone's rules.
public struct ReportZone: Hashable, Sendable, CustomStringConvertible {
  /// The IANA name as it was given, for example `Europe/Berlin`.
  public let name: String
  let rules: TimeZone

  public static let utc = ReportZone(name: "UTC", rules: .gmt)

  /// - Parameter name: an IANA name of the form `Area/Place`, or `UTC` or `GMT`. Fixed offsets such
  ///   as `+02:00` and abbreviations such as `PST` are refused: they know nothing of summer time.
  /// - Throws: ``ReportZoneError`` for a name the zone database does not hold.
  public init(_ name: String) throws(ReportZoneError) {
    if name == "UTC" {
      self = .utc
      return
    }
    guard name.contains("/") || name == "GMT", let rules = TimeZone(identifier: name) else {
      throw ReportZoneError(name: name)
    }
    self.init(name: name, rules: rules)
  }

  private init(name: String, rules: TimeZone) {
    self.name = name
    self.rules = rules
  }

  public var description: String { name }

  /// Seconds east of UTC at a second since 1970.
  public func offset(at second: Int64) -> Int64 {
    Int64(rules.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
  }
}

/// A zone name that no database of zones holds.
public struct ReportZoneError: CodedError, Hashable {
  public let name: String

  public var code: ErrorCode { .invalidOption }
  public var message: String { "There is no time zone called \(JSONEscapes.quote(name))." }
  public var remedy: String { "Give an IANA name such as Europe/Berlin, or UTC." }
}
