public import Streams

/// Walks hot events, of one stream by revision or of all by position. Each view is valid until the
/// next call.
public struct HotCursor {
  private let snapshot: Snapshot
  private let statement: RawStatement
  private var type: (id: Int64, name: String) = (-1, "")
  private var typeNames: [Int64: String] = [:]
  /// Made for the first sealed row.
  private var opener: RowOpener?

  init(
    _ snapshot: Snapshot, stream: Int64, revisions: ClosedRange<Int64>, backward: Bool
  ) throws {
    self.snapshot = snapshot
    statement = try RawStatement(
      snapshot.db,
      """
      SELECT key, position, id, type, timestamp, recorded_at, metadata, data, sealed FROM events
      WHERE key BETWEEN ? AND ? ORDER BY key \(backward ? "DESC" : "ASC")
      """)
    let base = stream << Schema.revisionBits
    statement.bind(base | revisions.lowerBound, at: 1)
    statement.bind(base | min(revisions.upperBound, Schema.maxRevision), at: 2)
  }

  /// All streams' events at `positions`.
  init(_ snapshot: Snapshot, at positions: ClosedRange<Int64>, backward: Bool) throws {
    self.snapshot = snapshot
    statement = try RawStatement(
      snapshot.db,
      """
      SELECT key, position, id, type, timestamp, recorded_at, metadata, data, sealed
      FROM events INDEXED BY events_position WHERE position BETWEEN ? AND ?
      ORDER BY position \(backward ? "DESC" : "ASC")
      """)
    statement.bind(positions.lowerBound, at: 1)
    statement.bind(positions.upperBound, at: 2)
  }

  /// The number of the stream the last event is of.
  public var stream: Int64 { statement.int64(0) >> Schema.revisionBits }

  /// The last event's position, of one that is erased too.
  public var position: Position { Position(statement.int64(1)) }

  /// - Throws: ``StoreError``; `SubjectKeyError` when a row is sealed and the keys can't be asked. One
  ///   whose key was destroyed is erased, and no error.
  ///
  /// - Parameter isWanted: whether events of the stream of this number are; others are passed over
  ///   before anything of them is read.
  public mutating func next(
    ofStreams isWanted: (Int64) throws -> Bool = { _ in true }
  ) throws -> EventView? {
    repeat {
      guard try statement.step() else { return nil }
    } while try !isWanted(stream)
    guard statement.isNull(8) else { return try openedRow() }
    return try row(metadata: statement.bytes(6), data: statement.bytes(7))
  }

  private mutating func openedRow() throws -> EventView {
    let opener = self.opener ?? RowOpener(snapshot)
    self.opener = opener
    let sealed = SealedRow(column: statement.int64(8))
    guard let payload = try opener.open(statement.bytes(7), sealed) else {
      return .erased(Revision(statement.int64(0) & Schema.maxRevision))
    }
    return try row(metadata: payload.metadata, data: payload.data)
  }

  private mutating func row(
    metadata: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer
  ) throws -> EventView {
    let typeID = statement.int64(3)
    if typeID != type.id { type = (typeID, try name(of: typeID)) }
    return EventView(
      revision: Revision(statement.int64(0) & Schema.maxRevision),
      position: position, id: EventID(rowBytes: statement.bytes(2)),
      type: type.name, timestamp: Timestamp(microseconds: statement.int64(4)),
      recordedAt: Timestamp(microseconds: statement.int64(5)), metadata: metadata, data: data)
  }

  public func close() { statement.reset() }

  private mutating func name(of type: Int64) throws -> String {
    if let name = typeNames[type] { return name }
    let name = try snapshot.typeName(type)
    typeNames[type] = name
    return name
  }
}
