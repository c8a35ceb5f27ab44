/// An instant: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// The earliest instant Rookery accepts from a writer: 1970-01-01T00:00:00Z.
  public static let earliest = Timestamp(microseconds: 0)
  /// The first instant it no longer accepts, 2200-01-01T00:00:00Z: later ones are broken clocks.
  public static let latest = Timestamp(microseconds: 7_258_118_400_000_000)

  public static let microsecondsPerSecond: Int64 = 1_000_000
  public static let microsecondsPerDay: Int64 = 86_400_000_000

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

  /// Whole days since 1970-01-01, UTC; floored, so that instants before 1970 count down.
  public var utcDay: Int64 {
    let (quotient, remainder) = microseconds.quotientAndRemainder(
      dividingBy: Self.microsecondsPerDay)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// The instant `seconds` later (earlier, when negative).
  public func adding(seconds: Int64) -> Timestamp {
    Timestamp(microseconds: microseconds + seconds * Self.microsecondsPerSecond)
  }
}

/// Why a text is not a timestamp Rookery accepts.
public enum TimestampError: Error, Equatable, Sendable {
  case malformed
  case missingZone
  /// Before 1970 or from the year 2200 on.
  case outOfRange

  /// The reason, to be put after "timestamp".
  public var reason: String {
    switch self {
    case .malformed: "is not RFC 3339, as in 2026-01-31T08:30:00.250Z"
    case .missingZone: "has no zone: end it with Z or an offset such as +02:00"
    case .outOfRange: "lies before 1970-01-01 or after 2199-12-31"
    }
  }
}
