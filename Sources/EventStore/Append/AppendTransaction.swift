public import GRDB
internal import Sealing
public import Streams

/// The appends of one writing transaction.
///
/// Stream rows and day counts are gathered in memory and written once, by ``finish()``; so are the
/// `StreamCreated` entries of `$audit`, which follow the events that made them necessary.
public struct AppendTransaction {
  /// The connection, for what a layer above does in the same transaction.
  public let db: Database
  let now: Timestamp
  let maxEventBytes: Int
  private let keys: SubjectKeys
  private var heads: [StreamHead] = []
  private var headIndex: [StreamName: Int] = [:]
  private var typeIDs: [ExactText: Int64] = [:]
  private var lastType: (name: String, id: Int64) = ("", -1)
  private let firstPosition: Int64
  private var nextPosition: Int64
  private let rows: EventRows
  private let findID: RawStatement

  init(_ db: Database, now: Timestamp, maxEventBytes: Int, keys: SubjectKeys) throws {
    self.db = db
    self.now = now
    self.maxEventBytes = maxEventBytes
    self.keys = keys
    firstPosition =
      try Int64.fetchOne(
        db, sql: "SELECT next FROM sequences WHERE name = 'position'") ?? 0
    nextPosition = firstPosition
    rows = try EventRows(db)
    findID = try RawStatement(
      db, "SELECT revision, fingerprint FROM event_ids WHERE stream = ? AND id = ?")
  }

  /// What became of one event of a bulk load.
  public enum Outcome: Equatable, Sendable {
    case appended
    /// An event with this id and this content is in the stream already.
    case duplicate
  }

  /// Appends one event, whatever the stream's revision; an event that is there already is left.
  ///
  /// - Throws: ``StoreError`` `.streamArchived`, `.streamDeleted`, `.eventIDConflict`,
  ///   `.eventTooLarge`; the transaction is as before and can go on.
  /// - Complexity: O(log n).
  public mutating func append(
    _ draft: EventDraft, to stream: StreamName
  ) throws -> Outcome {
    try checkSize(draft)
    let index = try head(of: stream)
    guard heads[index].status.acceptsEvents else {
      // Of a deleted stream nothing is known, though its ids may be on their way out.
      if heads[index].tombstone == nil, try isThere(draft, at: index) { return .duplicate }
      throw refusal(heads[index])
    }
    guard try insert(draft, at: index) else {
      guard try isThere(draft, at: index) else {
        throw StoreError.eventIDConflict(stream, draft.id)
      }
      return .duplicate
    }
    return .appended
  }

  /// Appends all events of `request`, or throws and appends none.
  ///
  /// The same event ids at the same expected revision answer with the first result.
  public mutating func append(_ request: AppendRequest) throws -> AppendResult {
    guard !request.events.isEmpty else { throw StoreError.noEvents(request.stream) }
    for event in request.events { try event.withDraft { try checkSize($0) } }
    let index = try head(of: request.stream)
    if heads[index].tombstone == nil, let earlier = try repeated(request, at: index) {
      return earlier
    }
    let head = heads[index]
    guard head.status.acceptsEvents else { throw refusal(head) }
    guard request.expected.matches(count: head.events) else {
      throw wrongRevision(request, head)
    }
    heads[index].createdBy = request.principal
    for event in request.events {
      _ = try event.withDraft { try insert($0, at: index) }
    }
    return AppendResult(
      first: Revision(head.events), last: Revision(heads[index].events - 1), isRepeated: false)
  }

  /// Writes what was gathered. To be called once, last, in the same transaction.
  mutating func finish() throws {
    for index in heads.indices
    where heads[index].isNew && heads[index].isChanged && heads[index].name != .audit {
      try audit(
        KnownEventType.streamCreated,
        fields: [("name", heads[index].name.rawValue)], by: heads[index].createdBy)
    }
    for index in heads.indices where heads[index].isChanged {
      heads[index].settle()
      try write(heads[index])
    }
    guard nextPosition != firstPosition else { return }
    try db.execute(
      sql: "UPDATE sequences SET next = ? WHERE name = 'position'", arguments: [nextPosition])
  }

  /// Records in `$audit` who did what, in this transaction.
  public mutating func audit(
    _ type: String, fields: [(key: String, value: String)], by principal: Principal
  ) throws {
    let members = (fields + [("by", principal.description)])
      .map { JSONEscapes.quote($0.key) + ":" + JSONEscapes.quote($0.value) }
    let event = NewEvent(
      id: .random(), type: type, data: Array("{\(members.joined(separator: ","))}".utf8))
    let index = try head(of: .audit)
    _ = try event.withDraft { try insert($0, at: index) }
  }
}

extension AppendTransaction {
  /// What this transaction sees: the store with what it has written itself.
  public func snapshot(of store: EventStore) -> Snapshot { Snapshot(db: db, store: store) }
}

// MARK: - Checks

extension AppendTransaction {
  private func checkSize(_ draft: EventDraft) throws {
    let bytes = draft.data.count + draft.metadata.count
    guard bytes <= maxEventBytes else {
      throw StoreError.eventTooLarge(bytes: bytes, limit: maxEventBytes)
    }
  }

  private func refusal(_ head: StreamHead) -> StoreError {
    if let stone = head.tombstone { return .streamDeleted(head.name, stone) }
    return .streamArchived(head.name)
  }

  private func wrongRevision(_ request: AppendRequest, _ head: StreamHead) -> StoreError {
    .wrongExpectedRevision(
      request.stream, expected: request.expected,
      last: head.events > 0 ? Revision(head.events - 1) : nil)
  }

  /// Whether the stream has just this event.
  private mutating func isThere(_ draft: EventDraft, at index: Int) throws -> Bool {
    guard let found = try find(draft.id, in: heads[index].id) else { return false }
    return try isSame(found.fingerprint, draft, at: index)
  }

  private mutating func isSame(
    _ kept: Int64, _ draft: EventDraft, at index: Int
  ) throws -> Bool {
    if kept == draft.fingerprint { return true }
    if heads[index].fingerprints == nil {
      let sealedTo = try Int64.fetchOne(
        db, sql: "SELECT sealed_to FROM streams WHERE id = ?", arguments: [heads[index].id])
      guard let sealedTo else { return false }
      heads[index].fingerprints = KeptFingerprints(sealedTo: sealedTo, keys, db)
    }
    return try heads[index].fingerprints?.matches(kept, draft) == true
  }

  private func find(
    _ id: EventID, in stream: Int64
  ) throws -> (revision: Int64, fingerprint: Int64)? {
    try withUnsafeBytes(of: id.rowBytes) { bytes in
      findID.bind(stream, at: 1)
      findID.bind(bytes, at: 2)
      guard try findID.step() else { return nil }
      let found = (findID.int64(0), findID.int64(1))
      findID.reset()
      return found
    }
  }

  /// The first answer, when exactly these events were appended before, at this place.
  private mutating func repeated(_ request: AppendRequest, at index: Int) throws -> AppendResult? {
    let head = heads[index]
    var ids: Set<EventID> = []
    var first: Int64?
    var foundCount = 0
    for (offset, event) in request.events.enumerated() {
      guard ids.insert(event.id).inserted else {
        throw StoreError.eventIDConflict(head.name, event.id)
      }
      guard let found = try find(event.id, in: head.id) else { continue }
      guard try event.withDraft({ try isSame(found.fingerprint, $0, at: index) }) else {
        throw StoreError.eventIDConflict(head.name, event.id)
      }
      if offset == 0 { first = found.revision }
      guard let first, found.revision == first + Int64(offset) else {
        throw wrongRevision(request, head)
      }
      foundCount += 1
    }
    guard foundCount > 0 else { return nil }
    guard let first, foundCount == request.events.count,
      Self.place(first, meets: request.expected)
    else { throw wrongRevision(request, head) }
    return AppendResult(
      first: Revision(first), last: Revision(first + Int64(foundCount) - 1), isRepeated: true)
  }

  private static func place(_ first: Int64, meets expected: ExpectedRevision) -> Bool {
    switch expected {
    case .any: true
    case .noStream: first == 0
    case .streamExists: first > 0
    case .exact(let revision): first - 1 == revision.rawValue
    }
  }
}

// MARK: - Rows

extension AppendTransaction {
  /// Inserts one event; false, and nothing changed, when the stream has its id already.
  private mutating func insert(_ draft: EventDraft, at index: Int) throws -> Bool {
    let type = try typeID(draft.type)
    let recordedAt = draft.recordedAt ?? now
    if heads[index].id == StreamHead.noRow { try createRow(at: index, createdAt: recordedAt) }
    let revision = heads[index].events
    guard revision <= Schema.maxRevision else { throw StoreError.full }
    let timestamp = draft.timestamp ?? recordedAt
    let isNew = try rows.insert(
      draft,
      at: EventRows.Place(
        stream: heads[index].id, revision: revision, position: nextPosition, type: type,
        timestamp: timestamp, recordedAt: recordedAt),
      sealedBy: heads[index].isSealed ? sealer(at: index) : nil)
    guard isNew else { return false }
    nextPosition += 1
    heads[index].status = .active
    heads[index].count(
      type: type, timestamp: timestamp, bytes: Int64(draft.data.count + draft.metadata.count))
    return true
  }

  private mutating func sealer(at index: Int) throws -> StreamSealer {
    if let sealer = heads[index].sealer { return sealer }
    let sealer = try StreamSealer(heads[index].name, numbered: heads[index].id, keys, db)
    heads[index].sealer = sealer
    return sealer
  }

  private mutating func typeID(_ name: String) throws -> Int64 {
    let exact = ExactText(name)
    if ExactText(lastType.name) == exact { return lastType.id }
    let id: Int64
    if let known = typeIDs[exact] {
      id = known
    } else {
      id = try EventTypes.id(of: name, in: db)
      typeIDs[exact] = id
    }
    lastType = (name, id)
    return id
  }

  /// The index of the stream's head; a stream that is not there gets its row with its first event,
  /// so that a refused append leaves nothing behind.
  private mutating func head(of name: StreamName) throws -> Int {
    if let index = headIndex[name] { return index }
    heads.append(try Self.loadHead(db, name) ?? newHead(name))
    headIndex[name] = heads.count - 1
    return heads.count - 1
  }

  private func newHead(_ name: StreamName) throws -> StreamHead {
    var head = StreamHead(new: name)
    head.isSealed = try Seal.covers(name, db)
    return head
  }

  private mutating func createRow(at index: Int, createdAt: Timestamp) throws {
    try Schema.checkRoomForStream(db)
    try db.execute(
      sql: "INSERT INTO streams (name, status, created_at) VALUES (?, 'created', ?)",
      arguments: [heads[index].name.rawValue, createdAt.microseconds])
    heads[index].id = db.lastInsertedRowID
  }

  private static func loadHead(_ db: Database, _ name: StreamName) throws -> StreamHead? {
    guard let record = try StreamRecord.fetch(db, name) else { return nil }
    guard record.id <= Schema.maxStream else {
      throw StoreError.tooManyStreams(limit: Schema.maxStream)
    }
    var head = StreamHead(
      id: record.id, name: name, status: record.status, tombstone: record.tombstone,
      events: record.events, bytes: record.bytes, firstAt: record.firstAt?.microseconds,
      lastAt: record.lastAt?.microseconds, isNew: false)
    head.isSealed = record.isSealed
    return head
  }

  private func write(_ head: StreamHead) throws {
    try db.cachedStatement(
      sql: """
        UPDATE streams SET status = ?, events = ?, bytes = ?, first_at = ?, last_at = ?
        WHERE id = ?
        """
    ).execute(arguments: [
      head.status.rawValue, head.events, head.bytes, head.firstAt, head.lastAt, head.id,
    ])
    try StreamHead.DayTotal.add(head.days, stream: head.id, in: db)
  }
}
