public import Streams

/// A named stretch of time, `[start, end)`: an hour, day, week or month as the report's zone has it.
///
/// Like ``LocalDay`` it brings its boundaries along: this layer knows no time zones.
public struct LocalSpan: Hashable, Sendable {
  /// `2026-10`, `2026-10-05`: how a reader calls it.
  public var name: String
  public var start: Timestamp
  public var end: Timestamp

  public init(name: String, start: Timestamp, end: Timestamp) {
    self.name = name
    self.start = start
    self.end = end
  }
}

extension LocalSpan {
  var rangeMs: Range<Int64> {
    let startMs = start.millisecondsCut
    return startMs..<Swift.max(startMs, end.millisecondsCut)
  }
}
