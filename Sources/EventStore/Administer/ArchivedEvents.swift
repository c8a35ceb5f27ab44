public import GRDB
public import Streams

/// Makes events of one stream known to the store that a segment holds: the stream's row, their ids
/// and fingerprints, the counts by day and type. They get no rows of their own; they are read from
/// the segment.
///
/// For a store that was lost, or has lost its catalog. Ranges may come in any order, and ones that
/// are known come to nothing.
public struct ArchivedEvents {
  /// What the store says of an event that a segment holds.
  public enum Verdict: Sendable {
    /// It has just this event at just this revision.
    case known
    /// It had never heard of it, and now has.
    case added
    /// It has another event there, or this one elsewhere.
    case contradicted
  }

  /// What a segment says of a stream beside its events.
  public struct Description: Sendable {
    public var status: Lifecycle
    public var permissions: String?
    public var metadata: String?
    public var hold: String?
    /// Of a stream whose events were taken out of the segment, as it is deleted.
    public var tombstone: Tombstone?

    public init(
      status: Lifecycle, permissions: String?, metadata: String?, hold: String?,
      tombstone: Tombstone? = nil
    ) {
      self.status = status
      self.permissions = permissions
      self.metadata = metadata
      self.hold = hold
      self.tombstone = tombstone
    }
  }

  /// The store's number for the stream.
  public let stream: Int64
  /// The stream was deleted: its ids are gone, and nothing of it is added.
  public let isDeleted: Bool
  private let db: Database
  private var head: StreamHead
  private let hotFrom: Int64?
  /// The events known before; their ids may be fewer, when a range before this one is lost.
  private let known: Int64
  private var hasAllIDs: Bool?
  private var nextPosition: Int64 = 0
  private var createdAt: Timestamp?
  private var addedCount: Int64 = 0
  private var typeIDs: [ExactText: Int64] = [:]
  private var fingerprints: KeptFingerprints
  /// In a sealed stream.
  private let sealer: StreamSealer?
  private let insertID: RawStatement
  private let findID: RawStatement

  /// - Parameter createdAt: for a stream the store does not have, until its first event is known.
  public init(
    _ db: Database, of name: StreamName, in store: EventStore, createdAt: Timestamp
  ) throws {
    self.db = db
    let record = try StreamRecord.fetch(db, name) ?? Self.create(db, name, createdAt)
    fingerprints = KeptFingerprints(of: record, store.subjectKeys, db)
    sealer =
      record.isSealed && record.tombstone == nil
      ? try StreamSealer(name, numbered: record.id, store.subjectKeys, db) : nil
    stream = record.id
    isDeleted = record.tombstone != nil
    known = record.events
    hotFrom = record.hotEvents > 0 ? record.prunedTo + 1 : nil
    head = StreamHead(
      id: record.id, name: name, status: record.status, tombstone: record.tombstone,
      events: record.events, bytes: record.bytes, firstAt: record.firstAt?.microseconds,
      lastAt: record.lastAt?.microseconds, isNew: false)
    insertID = try RawStatement(
      db, "INSERT INTO event_ids VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
    findID = try RawStatement(
      db, "SELECT revision, fingerprint FROM event_ids WHERE stream = ? AND id = ?")
  }

  private static func create(
    _ db: Database, _ name: StreamName, _ createdAt: Timestamp
  ) throws -> StreamRecord {
    try Schema.checkRoomForStream(db)
    try db.execute(
      sql: "INSERT INTO streams (name, status, created_at) VALUES (?, 'created', ?)",
      arguments: [name.rawValue, createdAt.microseconds])
    guard let record = try StreamRecord.fetch(db, name) else {
      throw StoreError.streamNotFound(name)
    }
    return record
  }

  /// Takes one event, and says what the store makes of it.
  ///
  /// An event the store never heard of must not stand where the stream's rows are, nor behind them.
  ///
  /// - Complexity: O(log n).
  public mutating func add(_ event: EventView) throws -> Verdict {
    let draft = EventDraft(event)
    let revision = event.revision.rawValue
    guard revision <= Schema.maxRevision else { throw StoreError.full }
    let isNew = try withUnsafeBytes(of: event.id.rowBytes) { id in
      insertID.bind(stream, at: 1)
      insertID.bind(id, at: 2)
      insertID.bind(revision, at: 3)
      insertID.bind(sealer?.keyed(draft.fingerprint) ?? draft.fingerprint, at: 4)
      return try insertID.run() == 1
    }
    guard isNew else {
      guard let known = try find(event.id), known.revision == revision else { return .contradicted }
      return try fingerprints.matches(known.fingerprint, draft) ? .known : .contradicted
    }
    if let hotFrom, revision >= hotFrom { return .contradicted }
    if revision < known, try hadAllIDs() { return .contradicted }
    try count(event)
    return .added
  }

  /// Whether the store has an id for each event it knows: then a new one can't be among them.
  private mutating func hadAllIDs() throws -> Bool {
    if let hasAllIDs { return hasAllIDs }
    let ids =
      try Int64.fetchOne(
        db, sql: "SELECT count(*) FROM event_ids WHERE stream = ?", arguments: [stream]) ?? 0
    let result = ids - addedCount - 1 >= known
    hasAllIDs = result
    return result
  }

  /// Makes the stream as long as its segment says, though some of the events can't be read: a stream
  /// must not come back shorter than it was.
  ///
  /// - Returns: false when the stream's rows end before `last`: the store is older than the segment;
  ///   and when no store has that many revisions.
  public mutating func reaches(_ last: Revision, _ position: Position) -> Bool {
    guard last.rawValue <= Schema.maxRevision else { return false }
    nextPosition = max(nextPosition, position.rawValue + 1)
    guard last.rawValue >= head.events else { return true }
    guard hotFrom == nil else { return false }
    head.events = last.rawValue + 1
    return true
  }

  private func find(_ id: EventID) throws -> (revision: Int64, fingerprint: Int64)? {
    try withUnsafeBytes(of: id.rowBytes) { bytes in
      findID.bind(stream, at: 1)
      findID.bind(bytes, at: 2)
      defer { findID.reset() }
      return try findID.step() ? (findID.int64(0), findID.int64(1)) : nil
    }
  }

  private mutating func count(_ event: EventView) throws {
    let length = head.events
    head.count(
      type: try typeID(event.type), timestamp: event.timestamp,
      bytes: Int64(event.data.count + event.metadata.count))
    // Ranges come in any order: the stream is as long as its last revision says.
    head.events = max(length, event.revision.rawValue + 1)
    addedCount += 1
    nextPosition = max(nextPosition, event.position.rawValue + 1)
    if event.revision.rawValue == 0 { createdAt = event.recordedAt }
  }

  private mutating func typeID(_ name: String) throws -> Int64 {
    if let id = typeIDs[ExactText(name)] { return id }
    let id = try EventTypes.id(of: name, in: db)
    typeIDs[ExactText(name)] = id
    return id
  }

  /// Writes what was gathered; to be called once, last, in the same transaction.
  ///
  /// - Parameters:
  ///   - last: the last revision of the range that `description` was written with: the newest one
  ///     tells what the stream is like.
  /// - Returns: how many events were added.
  public mutating func finish(last: Revision, _ description: Description) throws -> Int64 {
    guard addedCount > 0 || head.events > known else {
      try bury(description.tombstone)
      return 0
    }
    head.settle()
    try db.execute(
      sql: """
        UPDATE streams SET events = ?, bytes = ?, first_at = ?, last_at = ?, pruned_to = ?,
          created_at = coalesce(?, created_at) WHERE id = ?
        """,
      arguments: [
        head.events, head.bytes, head.firstAt, head.lastAt, (hotFrom ?? head.events) - 1,
        createdAt?.microseconds, stream,
      ])
    try StreamHead.DayTotal.add(head.days, stream: stream, in: db)
    try db.execute(
      sql: "UPDATE sequences SET next = max(next, ?) WHERE name = 'position'",
      arguments: [nextPosition])
    if last.rawValue == head.events - 1, hotFrom == nil { try describe(description) }
    try bury(description.tombstone)
    return addedCount
  }

  /// A stream that a segment knows as deleted is deleted, whatever older segments hold of it: names
  /// are never used again. Rows of its own tell that the store is older than the segment.
  private func bury(_ tombstone: Tombstone?) throws {
    guard let tombstone, hotFrom == nil else { return }
    try db.execute(sql: "DELETE FROM event_ids WHERE stream = ?", arguments: [stream])
    try db.execute(
      sql: """
        UPDATE streams SET status = 'deleted', metadata = NULL, permissions = NULL,
          hold_reason = NULL, deleted_at = ?, deleted_by = ?, deleted_reason = ? WHERE id = ?
        """,
      arguments: [
        tombstone.deletedAt.microseconds, tombstone.deletedBy.description, tombstone.reason, stream,
      ])
  }

  private func describe(_ description: Description) throws {
    try db.execute(
      sql: """
        UPDATE streams SET status = ?, permissions = ?, metadata = ?, hold_reason = ?
        WHERE id = ?
        """,
      arguments: [
        // A stream with events is active at least.
        (description.status == .archived ? Lifecycle.archived : .active).rawValue,
        description.permissions, description.metadata, description.hold, stream,
      ])
  }
}
