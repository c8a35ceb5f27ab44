internal import GRDB
public import Streams

extension EventStore {
  /// The erasures that were begun and not completed, by user.
  public func pendingErasures() throws -> [String] {
    try read { try String.fetchAll($0.db, sql: "SELECT user FROM erasures ORDER BY started_at") }
  }

  /// Begins to erase a user: leaves tombstones of all the user's streams, whatever their state, and
  /// then deletes their rows, in slices. Rollups stay, so that figures stay as reported. Begun again,
  /// it goes on.
  ///
  /// - Throws: ``StoreError/onHold(_:reason:)`` when a stream is under legal hold: nothing happened.
  public func beginErasure(
    of user: String, streams: [StreamName], by principal: Principal, reason: String, now: Timestamp
  ) throws {
    // The store overwrites what costs nothing to overwrite; here all of it goes.
    try setSecureDelete("ON")
    defer { try? setSecureDelete("FAST") }
    try transaction(now: now) { transaction in
      let db = transaction.db
      let records = try streams.compactMap { try StreamRecord.fetch(db, $0) }
      for record in records {
        if let hold = record.hold { throw StoreError.onHold(record.name, reason: hold) }
      }
      try db.execute(
        sql: "INSERT INTO erasures VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
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
    }
    try removeDeletedRows()
  }

  private static func erase(_ record: StreamRecord, _ db: Database) throws {
    try scheduleRemoval(of: record.id, db)
    try db.execute(
      sql: """
        UPDATE streams SET description = '', data = NULL, metadata = NULL WHERE id = ?
        """, arguments: [record.id])
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
