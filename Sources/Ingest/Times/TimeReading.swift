internal import Streams

/// How the times of another tool are written.
public struct TimeReading: Sendable {
  public enum Format: Sendable {
    /// RFC 3339 and its relatives, the time of an access log, or Unix time, told by its length.
    case automatic
    /// Unix time, with or without a fraction.
    case seconds, milliseconds, microseconds
    case pattern(TimePattern)
  }

  public var format: Format
  /// The zone of times that name none; without it they are refused.
  public var zone: WallClock?

  public init(_ format: Format = .automatic, zone: WallClock? = nil) {
    self.format = format
    self.zone = zone
  }

  /// Reads the name of a format, or a pattern: `epoch`, `epoch-ms`, `epoch-us`, `rfc3339`, `clf`,
  /// or as ``TimePattern``.
  public init(_ text: String?, zone: WallClock?) throws(MappingError) {
    switch text {
    case nil, "auto", "rfc3339", "clf": self.init(.automatic, zone: zone)
    case "epoch": self.init(.seconds, zone: zone)
    case "epoch-ms": self.init(.milliseconds, zone: zone)
    case "epoch-us": self.init(.microseconds, zone: zone)
    case .some(let pattern): self.init(.pattern(try TimePattern(pattern)), zone: zone)
    }
  }

  /// - Parameter field: what a refusal is about.
  /// - Throws: ``Rejection`` `invalid-timestamp`.
  func read(
    _ text: UnsafeRawBufferPointer, field: String = "timestamp"
  ) throws(Rejection) -> Timestamp {
    do throws(TimeProblem) {
      let time = try reading(text.trimmed)
      guard time >= .earliest, time < .latest else { throw TimeProblem.of(.outOfRange) }
      return time
    } catch {
      throw Rejection(.invalidTimestamp, field: field, error.reason)
    }
  }

  private func reading(_ text: UnsafeRawBufferPointer) throws(TimeProblem) -> Timestamp {
    switch format {
    case .automatic: try automatic(text)
    case .seconds: try UnixTime.read(text, unit: Timestamp.microsecondsPerSecond)
    case .milliseconds: try UnixTime.read(text, unit: 1000)
    case .microseconds: try UnixTime.read(text, unit: 1)
    case .pattern(let pattern): try pattern.read(text).instant(in: zone)
    }
  }

  private func automatic(_ text: UnsafeRawBufferPointer) throws(TimeProblem) -> Timestamp {
    if UnixTime.isNumber(text) { return try UnixTime.read(text) }
    if let time = ClockReading(accessLog: text) { return try time.instant(in: zone) }
    do { return try Timestamp(rfc3339: text) } catch {
      return try GoTime.read(text, zone: zone)
    }
  }
}

/// Why a time can't be read, to be put after its field's name.
struct TimeProblem: Error {
  let reason: String

  static func of(_ error: TimestampError) -> TimeProblem { TimeProblem(reason: error.reason) }

  static let noZone = TimeProblem(reason: "names no zone: give --tz")
  static func malformed(_ expected: String) -> TimeProblem {
    TimeProblem(reason: "is not \(expected)")
  }
}
