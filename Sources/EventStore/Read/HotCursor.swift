public import Streams

/// Walks the hot events of one stream. Each view is valid until the next call.
public struct HotCursor {
  private let snapshot: Snapshot
  private let statement: RawStatement
  private var type: (id: Int64, name: String) = (-1, "")

  init(
    _ snapshot: Snapshot, stream: Int64, revisions: ClosedRange<Int64>, backward: Bool
  ) throws {
    self.snapshot = snapshot
    statement = try RawStatement(
      snapshot.db,
      """
      SELECT key, position, id, type, timestamp, recorded_at, metadata, data FROM events
      WHERE key BETWEEN ? AND ? ORDER BY key \(backward ? "DESC" : "ASC")
      """)
    let base = stream << Schema.revisionBits
    statement.bind(base | revisions.lowerBound, at: 1)
    statement.bind(base | min(revisions.upperBound, Schema.maxRevision), at: 2)
  }

  public mutating func next() throws -> EventView? {
    guard try statement.step() else { return nil }
    let typeID = statement.int64(3)
    if typeID != type.id { type = (typeID, try snapshot.typeName(typeID)) }
    return EventView(
      revision: Revision(statement.int64(0) & Schema.maxRevision),
      position: Position(statement.int64(1)), id: EventID(rowBytes: statement.bytes(2)),
      type: type.name, timestamp: Timestamp(microseconds: statement.int64(4)),
      recordedAt: Timestamp(microseconds: statement.int64(5)), metadata: statement.bytes(6),
      data: statement.bytes(7))
  }

  public func close() { statement.reset() }
}
