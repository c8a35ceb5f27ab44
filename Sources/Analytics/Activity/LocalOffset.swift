public import Streams

/// How far the clocks of the report's zone are from UTC, from an instant on until the next change.
public struct LocalOffset: Hashable, Sendable {
  public var start: Timestamp
  /// Seconds east of UTC.
  public var seconds: Int64

  public init(start: Timestamp, seconds: Int64) {
    self.start = start
    self.seconds = seconds
  }
}
