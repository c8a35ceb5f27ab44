public import GRDB
public import Streams

/// The erasure of a user that was begun and is not done.
public struct PendingErasure: Sendable, Hashable {
  public var user: String
  public var reason: String
  public var startedAt: Timestamp
  /// Since when all is done but for copies of segments at targets; nil while more is to be done.
  public var waitingSince: Timestamp?
}

extension PendingErasure: FetchableRecord {
  public init(row: Row) throws {
    user = row["user"]
    reason = row["reason"]
    startedAt = Timestamp(microseconds: row["started_at"])
    waitingSince = (row["waiting_since"] as Int64?).map(Timestamp.init(microseconds:))
  }
}

extension EventStore {
  /// The erasures that were begun and are not done, the oldest first.
  public func pendingErasures() throws -> [PendingErasure] {
    try read {
      try PendingErasure.fetchAll($0.db, sql: "SELECT * FROM erasures ORDER BY started_at, user")
    }
  }

  /// Begins to erase a user: leaves tombstones of all the streams that the user has by then, whatever
  /// their state, and deletes their rows, in slices. Rollups stay, so that figures stay as reported.
  /// Begun again, it goes on.
  ///
  /// - Returns: the streams, as they were.
  /// - Throws: ``StoreError/onHold(_:reason:)`` when a stream is under legal hold: nothing happened.
  public func beginErasure(
    of user: String, by principal: Principal, reason: String, now: Timestamp
  ) throws -> [StreamRecord] {
    // The store overwrites what costs nothing to overwrite; here all of it goes.
    try setSecureDelete("ON")
    defer { try? setSecureDelete("FAST") }
    let records = try transaction(now: now) { transaction in
      let db = transaction.db
      let records = try transaction.snapshot(of: self).erasableStreams(of: user)
      try db.execute(
        sql: """
          INSERT INTO erasures VALUES (?, ?, ?, ?, NULL)
          ON CONFLICT DO UPDATE SET waiting_since = NULL
          """,
        arguments: [user, reason, principal.description, now.microseconds])
      for record in records {
        try Self.erase(record, db)
        guard record.tombstone == nil else { continue }
        try db.execute(
          sql: """
            UPDATE streams SET status = 'deleted', deleted_at = ?, deleted_by = ?,
              deleted_reason = ? WHERE id = ?
            """, arguments: [now.microseconds, principal.description, reason, record.id])
        try transaction.audit(
          "StreamDeleted", fields: [("name", record.name.rawValue), ("reason", reason)],
          by: principal)
      }
      return records
    }
    try removeDeletedRows()
    return records
  }

  private static func erase(_ record: StreamRecord, _ db: Database) throws {
    try scheduleRemoval(of: record.id, db)
    try db.execute(
      sql: """
        UPDATE streams SET description = '', data = NULL, metadata = NULL WHERE id = ?
        """, arguments: [record.id])
  }

  /// Records, in `$audit` too, that all of a user is erased but for copies of segments at targets.
  public func keepErasureWaiting(
    of user: String, fields: [(key: String, value: String)], by principal: Principal,
    now: Timestamp
  ) throws {
    try transaction(now: now) { transaction in
      try transaction.db.execute(
        sql: "UPDATE erasures SET waiting_since = ? WHERE user = ?",
        arguments: [now.microseconds, user])
      try transaction.audit("ErasureWaits", fields: [("user", user)] + fields, by: principal)
    }
  }

  /// Records in `$audit` that all of a user is erased.
  public func endErasure(
    of user: String, fields: [(key: String, value: String)], by principal: Principal,
    now: Timestamp
  ) throws {
    try transaction(now: now) { transaction in
      try transaction.db.execute(sql: "DELETE FROM erasures WHERE user = ?", arguments: [user])
      guard transaction.db.changesCount == 1 else { return }
      try transaction.audit("SubjectErased", fields: [("user", user)] + fields, by: principal)
    }
  }

  /// Overwrites what is left of rows that were deleted or sealed. SQLite overwrites a row where it was,
  /// but not the copies that moving it to another page leaves in the unused part of the old one: the
  /// whole file is written anew.
  ///
  /// Appends wait meanwhile, and the disk needs room for a second store.
  ///
  /// - Returns: whether nothing is left in the write-ahead log either.
  /// - Complexity: O(bytes of the store).
  public func scrub() throws -> Bool {
    do {
      try database.writeWithoutTransaction { try $0.execute(sql: "VACUUM") }
    } catch {
      throw StoreError.translating(error)
    }
    var left = Int.max
    while case let now = try vacuum(pages: 4096), now > 0, now < left { left = now }
    return !StoreFile.hasLog(path)
  }

  func setSecureDelete(_ mode: String) throws {
    do {
      try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA secure_delete = \(mode)") }
    } catch {
      throw StoreError.translating(error)
    }
  }
}

extension Snapshot {
  /// All streams of a user, those deleted before too: their events may still be in segments.
  public func streams(ofUser user: String) throws -> [StreamRecord] {
    try streams(matching: "user-*").filter { record in
      if case .user(user, _) = record.name.family { true } else { false }
    }
  }

  /// The same, as long as none is held.
  ///
  /// - Throws: ``StoreError/onHold(_:reason:)``.
  public func erasableStreams(of user: String) throws -> [StreamRecord] {
    let records = try streams(ofUser: user)
    for record in records {
      if let hold = record.hold { throw StoreError.onHold(record.name, reason: hold) }
    }
    return records
  }
}
