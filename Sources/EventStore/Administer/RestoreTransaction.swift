internal import GRDB
internal import Sealing
public import Streams

/// Puts archived events back at the revisions, positions and times they had, into an audit copy.
///
/// The only way of writing that does not give out revisions and positions itself.
public struct RestoreTransaction {
  private let db: Database
  private let stream: Int64
  private let name: StreamName
  private let rows: EventRows
  private let sealer: StreamSealer?
  private var events: Int64
  private var bytes: Int64
  private var firstAt: Int64?
  private var lastAt: Int64?
  private var nextPosition: Int64
  private var typeIDs: [ExactText: Int64] = [:]
  private var days: [StreamHead.DayCount: StreamHead.DayTotal] = [:]

  init(_ db: Database, _ record: StreamRecord, _ keys: SubjectKeys) throws {
    self.db = db
    stream = record.id
    name = record.name
    events = record.events
    bytes = record.bytes
    firstAt = record.firstAt?.microseconds
    lastAt = record.lastAt?.microseconds
    nextPosition =
      try Int64.fetchOne(
        db, sql: "SELECT next FROM sequences WHERE name = 'position'") ?? 0
    rows = try EventRows(db)
    sealer =
      record.isSealed ? try StreamSealer(record.name, numbered: record.id, keys, db) : nil
  }

  /// - Throws: ``StoreError`` `.corrupt` unless `event` follows the stream's last one.
  public mutating func append(_ event: EventView) throws {
    guard event.revision.rawValue == events else {
      throw StoreError.corrupt(
        detail: "revision \(event.revision) of \(name) can't follow \(events - 1)")
    }
    let type = try typeID(event.type)
    let draft = EventDraft(
      id: event.id, type: event.type, data: event.data, metadata: event.metadata,
      timestamp: event.timestamp, recordedAt: event.recordedAt)
    let isNew = try rows.insert(
      draft,
      at: EventRows.Place(
        stream: stream, revision: events, position: event.position.rawValue, type: type,
        timestamp: event.timestamp, recordedAt: event.recordedAt), sealedBy: sealer)
    guard isNew else {
      throw StoreError.corrupt(detail: "\(name) has event \(event.id) twice")
    }
    count(event, type)
  }

  private mutating func count(_ event: EventView, _ type: Int64) {
    let size = Int64(event.data.count + event.metadata.count)
    let at = event.timestamp.microseconds
    events += 1
    bytes += size
    firstAt = min(firstAt ?? at, at)
    lastAt = max(lastAt ?? at, at)
    // What the copy records itself goes far above any position of the original.
    nextPosition = max(nextPosition, event.position.rawValue + 1, 1 << 50)
    let day = StreamHead.DayCount(day: event.timestamp.utcDay, type: type)
    days[day, default: StreamHead.DayTotal()].events += 1
    days[day, default: StreamHead.DayTotal()].bytes += size
  }

  private mutating func typeID(_ name: String) throws -> Int64 {
    if let id = typeIDs[ExactText(name)] { return id }
    let id = try EventTypes.id(of: name, in: db)
    typeIDs[ExactText(name)] = id
    return id
  }

  func finish() throws {
    try db.execute(
      sql: """
        UPDATE streams SET status = 'active', events = ?, bytes = ?, first_at = ?, last_at = ?
        WHERE id = ?
        """, arguments: [events, bytes, firstAt, lastAt, stream])
    try StreamHead.DayTotal.add(days, stream: stream, in: db)
    try db.execute(
      sql: "UPDATE sequences SET next = ? WHERE name = 'position'", arguments: [nextPosition])
  }
}

extension EventStore {
  private static let source = "SELECT value FROM store WHERE key = 'copy_of'"

  /// Throws unless `path` is free for an audit copy of the store with the id `source`, or has one.
  ///
  /// - Throws: ``StoreError`` `.notACopy`, and what opening it throws; nothing is touched.
  public static func checkCopy(at path: String, of source: String) throws {
    guard try StoreFile.inspect(path) ?? 0 > 0 else { return }
    try EventStore(path: path, mode: .readOnly).read { snapshot in
      _ = try Self.isCopy(of: source, at: path, snapshot.db)
    }
  }

  /// Marks a store as an audit copy of another, unless it is one already. A copy keeps the positions
  /// of the original, for which no store has room that gives out its own.
  ///
  /// - Throws: ``StoreError`` `.notACopy` for one that has streams of its own, or another's.
  public func becomeCopy(of source: String) throws {
    try write { db in
      guard try !Self.isCopy(of: source, at: path, db) else { return }
      try db.execute(sql: "INSERT INTO store VALUES ('copy_of', ?)", arguments: [source])
    }
  }

  /// False for an empty store.
  private static func isCopy(of source: String, at path: String, _ db: Database) throws -> Bool {
    let known = try String.fetchOne(db, sql: Self.source)
    let isEmpty = try Bool.fetchOne(db, sql: "SELECT NOT EXISTS (SELECT 1 FROM streams)") == true
    guard known == source || known == nil && isEmpty else {
      throw StoreError.notACopy(path: path, source: source)
    }
    return known != nil
  }

  /// Makes the row of a stream to be restored from revision `first` on, with what is said about it.
  ///
  /// - Returns: the next revision to restore, which is above `first` after a restore that was broken
  ///   off; nil when the stream is there and begins elsewhere.
  public func prepareRestore(of record: StreamRecord, from first: Int64) throws -> Int64? {
    try write { db in
      if let present = try StreamRecord.fetch(db, record.name) {
        return present.firstRevision == first ? present.events : nil
      }
      try Schema.checkRoomForStream(db)
      try db.execute(
        sql: """
          INSERT INTO streams
            (name, description, data, metadata, permissions, status, created_at, events, pruned_to,
             first_revision)
          VALUES (?, ?, ?, ?, ?, 'created', ?, ?, ?, ?)
          """,
        arguments: [
          record.name.rawValue, record.description, record.data, record.metadata,
          record.permissionsText, record.createdAt.microseconds, first, first - 1, first,
        ])
      return first
    }
  }

  /// One slice of a restore: durable when it returns.
  public func restore<R>(
    into name: StreamName, _ body: (inout RestoreTransaction) throws -> R
  ) throws -> R {
    try write { db in
      guard let record = try StreamRecord.fetch(db, name) else {
        throw StoreError.streamNotFound(name)
      }
      var transaction = try RestoreTransaction(db, record, subjectKeys)
      let result = try body(&transaction)
      try transaction.finish()
      return result
    }
  }
}
