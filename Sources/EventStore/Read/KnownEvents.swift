internal import GRDB
public import Streams

/// What the store keeps of every event, after its row is gone, too: id, revision and fingerprint.
public struct KnownEvents {
  private let find: RawStatement
  private let snapshot: Snapshot
  /// Of the stream that was asked for last.
  private var kept: (stream: Int64, fingerprints: KeptFingerprints)?

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

  /// - Throws: `SubjectKeyError` when the stream is sealed and the keys can't be asked.
  /// - Complexity: O(log n + bytes), no allocation.
  public mutating func compare(_ event: EventView, of record: StreamRecord) throws -> Finding {
    guard let known = try find(event.id, record.id) else { return .unknown }
    guard known.revision == event.revision.rawValue else { return .elsewhere(known.revision) }
    if kept?.stream != record.id {
      kept = (record.id, KeptFingerprints(of: record, snapshot.store.subjectKeys, snapshot.db))
    }
    return try kept?.fingerprints.matches(known.fingerprint, EventDraft(event)) == true
      ? .same : .different
  }

  private func find(
    _ id: EventID, _ stream: Int64
  ) throws -> (revision: Int64, fingerprint: Int64)? {
    try withUnsafeBytes(of: id.rowBytes) { id in
      find.bind(stream, at: 1)
      find.bind(id, at: 2)
      defer { find.reset() }
      return try find.step() ? (find.int64(0), find.int64(1)) : nil
    }
  }

  /// How many events of a stream are known.
  public func count(of stream: Int64) throws -> Int64 {
    try Int64.fetchOne(
      snapshot.db, sql: "SELECT count(*) FROM event_ids WHERE stream = ?", arguments: [stream]) ?? 0
  }
}
