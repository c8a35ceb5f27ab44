public import Analytics
internal import EventStore
public import History
public import Streams

/// The streams that hold corrections, read whole: hot or cold, they are small.
public enum CorrectionLog {
  public static var incidents: StreamName {
    get throws(StreamNameError) { try StreamName("system-incidents") }
  }

  public static var maintenance: StreamName {
    get throws(StreamNameError) { try StreamName("system-maintenance") }
  }

  /// Every correction that `principal` may read.
  ///
  /// - Complexity: O(n log n) in the events of both streams.
  public static func read(
    _ snapshot: HistorySnapshot, for principal: Principal = .system
  ) throws -> Corrections {
    var corrections = Corrections()
    for stream in [try incidents, try maintenance] {
      guard let record = try snapshot.hot.stream(stream), record.status != .deleted,
        record.allows(principal, to: .read)
      else { continue }
      try snapshot.forEachEvent(of: record) { event in
        corrections.receive(event, of: stream)
        return true
      }
    }
    return corrections
  }
}
