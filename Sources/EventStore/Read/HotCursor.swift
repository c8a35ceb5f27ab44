public import Streams

/// Walks hot events, of one stream by revision or of all by position. Each view is valid until the
/// next call.
public struct HotCursor {
  private let snapshot: Snapshot
  private let statement: RawStatement
  private var type: (id: Int64, name: String) = (-1, "")
  private var typeNames: [Int64: String] = [:]

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

  /// All streams' events from `position` on.
  init(_ snapshot: Snapshot, from position: Position) throws {
    self.snapshot = snapshot
    statement = try RawStatement(
      snapshot.db,
      """
      SELECT key, position, id, type, timestamp, recorded_at, metadata, data
      FROM events INDEXED BY events_position WHERE position >= ? ORDER BY position
      """)
    statement.bind(position.rawValue, at: 1)
  }

  /// The number of the stream the last event is of.
  var stream: Int64 { statement.int64(0) >> Schema.revisionBits }

  public mutating func next() throws -> EventView? {
    guard try statement.step() else { return nil }
    let typeID = statement.int64(3)
    if typeID != type.id { type = (typeID, try name(of: typeID)) }
    return EventView(
      revision: Revision(statement.int64(0) & Schema.maxRevision),
      position: Position(statement.int64(1)), id: EventID(rowBytes: statement.bytes(2)),
      type: type.name, timestamp: Timestamp(microseconds: statement.int64(4)),
      recordedAt: Timestamp(microseconds: statement.int64(5)), metadata: statement.bytes(6),
      data: statement.bytes(7))
  }

  public func close() { statement.reset() }

  private mutating func name(of type: Int64) throws -> String {
    if let name = typeNames[type] { return name }
    let name = try snapshot.typeName(type)
    typeNames[type] = name
    return name
  }
}
