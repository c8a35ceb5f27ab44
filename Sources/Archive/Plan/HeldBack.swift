internal import EventStore
public import Streams

/// Why rows stay in the store although a segment holds them.
public enum HeldBack: Sendable, Hashable {
  /// The stream is on legal hold.
  case hold(StreamName, reason: String)
  /// Its rows were restored for a while.
  case restored(StreamName, until: Timestamp)
  /// A segment before it, which holds earlier revisions of the stream, still has its rows.
  case earlierRows(StreamName)
  /// The segment failed a check.
  case quarantined
  /// Its grace period ends then.
  case grace(until: Timestamp)

  /// - Parameter prunedTo: the revision up to which the stream's rows are gone by then.
  init?(_ record: StreamRecord, from first: Int64, prunedTo: Int64, now: Timestamp) {
    guard record.status != .deleted else { return nil }
    if let reason = record.hold {
      self = .hold(record.name, reason: reason)
    } else if let until = record.restoredUntil, until > now {
      self = .restored(record.name, until: until)
    } else if prunedTo < first - 1 {
      self = .earlierRows(record.name)
    } else {
      return nil
    }
  }
}
