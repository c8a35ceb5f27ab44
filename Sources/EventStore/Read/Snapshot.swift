public import GRDB
internal import Sealing
public import Streams
internal import Synchronization

/// One consistent view of the store, valid inside the call to ``EventStore/read(_:)``.
public struct Snapshot {
  /// The connection, for the layers that keep their tables in the store.
  public let db: Database
  let store: EventStore

  /// Opens the store once more, to read it on another thread at the same time.
  public func reopenedStore() throws -> EventStore {
    try EventStore(
      path: store.path, mode: .readOnly, maxEventBytes: store.maxEventBytes,
      keyFiles: store.subjectKeys.files)
  }

  /// The stream, whatever its state; nil if nothing was ever appended to it.
  public func stream(_ name: StreamName) throws -> StreamRecord? {
    try StreamRecord.fetch(db, name)
  }

  /// The stream that has this number in the store.
  public func stream(numbered id: Int64) throws -> StreamRecord {
    guard
      let record = try StreamRecord.fetchOne(
        db.cachedStatement(sql: "\(StreamRecord.query) WHERE id = ?"), arguments: [id])
    else { throw StoreError.corrupt(detail: "there is no stream number \(id)") }
    return record
  }

  /// The stream, which must exist and not be deleted.
  ///
  /// - Throws: ``StoreError`` `.streamNotFound`, `.streamDeleted`.
  public func readableStream(_ name: StreamName) throws -> StreamRecord {
    guard let record = try stream(name) else { throw StoreError.streamNotFound(name) }
    if let stone = record.tombstone { throw StoreError.streamDeleted(name, stone) }
    return record
  }

  /// The stream's own rule; nil when its family's holds, or there is no such stream.
  ///
  /// - Complexity: O(log n), of one index.
  public func permissions(of name: StreamName) throws -> Permissions? {
    try String.fetchOne(
      db.cachedStatement(sql: "SELECT permissions FROM streams WHERE name = ?"),
      arguments: [name.rawValue]
    ).flatMap(Permissions.init(json:))
  }

  /// All streams whose names match the glob `pattern` (`*`, `?`, `[…]`), by name.
  public func streams(matching pattern: String = "*") throws -> [StreamRecord] {
    try StreamRecord.fetchAll(
      db, sql: "\(StreamRecord.query) WHERE name GLOB ? ORDER BY name", arguments: [pattern])
  }

  /// Whether the glob `pattern` matches a name, as in ``streams(matching:)``.
  func matches(_ name: StreamName, _ pattern: String) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT ? GLOB ?"), arguments: [name.rawValue, pattern]) ?? false
  }

  /// The position the next event will get: every event seen here has a smaller one.
  public var nextPosition: Position {
    get throws {
      Position(
        try Int64.fetchOne(db, sql: "SELECT next FROM sequences WHERE name = 'position'") ?? 0)
    }
  }

  /// Calls `body` with the hot events of `stream` in `revisions`, in order, until it returns false.
  ///
  /// - Parameter backward: newest first.
  /// - Returns: false when `body` stopped it.
  /// - Complexity: O(log n + events), one index seek, no sort, no allocation an event.
  @discardableResult
  public func forEachHotEvent(
    of stream: Int64, in revisions: ClosedRange<Int64>, backward: Bool = false,
    _ body: (EventView) throws -> Bool
  ) throws -> Bool {
    var cursor = try hotEvents(of: stream, in: revisions, backward: backward)
    defer { cursor.close() }
    while let event = try cursor.next() {
      guard try body(event) else { return false }
    }
    return true
  }

  /// The same, one event at a time. One cursor at a time: a second one ends the first.
  public func hotEvents(
    of stream: Int64, in revisions: ClosedRange<Int64>, backward: Bool = false
  ) throws -> HotCursor {
    try HotCursor(self, stream: stream, revisions: revisions, backward: backward)
  }

  /// The hot events of all streams at `positions`, in order. One cursor at a time, as of one stream.
  ///
  /// - Parameter backward: newest first.
  public func hotEvents(
    at positions: ClosedRange<Int64>, backward: Bool = false
  ) throws -> HotCursor {
    try HotCursor(self, at: positions, backward: backward)
  }

  /// The first of `positions` that has a row, or the last when `backward`; nil when none has.
  ///
  /// - Complexity: O(log n).
  public func firstHotPosition(
    in positions: ClosedRange<Int64>, backward: Bool = false
  ) throws -> Int64? {
    try Int64.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT \(backward ? "max" : "min")(position) FROM events WHERE position BETWEEN ? AND ?
          """), arguments: [positions.lowerBound, positions.upperBound])
  }

  /// How often events were released, restored or deleted: while it stays the same, whatever was hot
  /// is hot still, and whatever was cold is cold.
  public var moves: Int64 {
    get throws {
      try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT next FROM sequences WHERE name = 'moves'")) ?? 0
    }
  }

  /// How many rows of a stream there are.
  public func hotCount(of stream: Int64) throws -> Int64 {
    let base = stream << Schema.revisionBits
    return try Int64.fetchOne(
      db, sql: "SELECT count(*) FROM events WHERE key BETWEEN ? AND ?",
      arguments: [base, base | Schema.maxRevision]) ?? 0
  }

  /// Events and bytes of one day and type, from the counts kept with every append.
  public struct DayCount: Hashable, Sendable {
    /// Days since 1970-01-01, UTC, of the event's own timestamp.
    public var day: Int64
    public var type: String
    public var events: Int64
    public var bytes: Int64
  }

  /// How much of what, when, without opening a payload.
  public func dayCounts(of stream: Int64) throws -> [DayCount] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT day, name, events, bytes FROM stream_days
        JOIN event_types ON event_types.id = type WHERE stream = ? ORDER BY day, name
        """, arguments: [stream]
    ).map { DayCount(day: $0[0], type: $0[1], events: $0[2], bytes: $0[3]) }
  }

  func typeName(_ id: Int64) throws -> String {
    if let name = store.types.withLock({ $0[id] }) { return name }
    let name =
      try String.fetchOne(
        db, sql: "SELECT name FROM event_types WHERE id = ?", arguments: [id]) ?? ""
    // A writer's transaction may yet be rolled back, and its numbers given out again.
    if db.configuration.readonly { store.types.withLock { $0[id] = name } }
    return name
  }
}
