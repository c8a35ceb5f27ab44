internal import GRDB
public import Streams

/// What the store keeps of every event, after its row is gone, too: id, revision and fingerprint.
public struct KnownEvents {
  private let find: RawStatement
  private let snapshot: Snapshot

  /// How an event compares with what is known of it.
  public enum Finding: Hashable, Sendable {
    case same
    /// The stream has no event of this id.
    case unknown
    /// The stream has this id at another revision.
    case elsewhere(Int64)
    /// Type, metadata, data or timestamp are not those that were appended.
    case different
  }

  public init(_ snapshot: Snapshot) throws {
    self.snapshot = snapshot
    find = try RawStatement(
      snapshot.db, "SELECT revision, fingerprint FROM event_ids WHERE stream = ? AND id = ?")
  }

  /// - Parameter stream: the store's number for the stream.
  /// - Complexity: O(log n + bytes), no allocation.
  public func compare(_ event: EventView, of stream: Int64) throws -> Finding {
    try withUnsafeBytes(of: event.id.rowBytes) { id in
      find.bind(stream, at: 1)
      find.bind(id, at: 2)
      guard try find.step() else { return .unknown }
      let (revision, fingerprint) = (find.int64(0), find.int64(1))
      find.reset()
      guard revision == event.revision.rawValue else { return .elsewhere(revision) }
      return EventDraft(event).mayHave(fingerprint) ? .same : .different
    }
  }

  /// How many events of a stream are known.
  public func count(of stream: Int64) throws -> Int64 {
    try Int64.fetchOne(
      snapshot.db, sql: "SELECT count(*) FROM event_ids WHERE stream = ?", arguments: [stream]) ?? 0
  }
}
