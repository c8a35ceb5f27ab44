internal import GRDB
public import Streams

extension StreamName {
  /// The store's record of who did what: `$audit`.
  static let audit = known("$audit")

  private static func known(_ text: StaticString) -> StreamName {
    do { return try StreamName(text.description) } catch {
      preconditionFailure("\(text) is a legal stream name")
    }
  }
}

extension EventStore {
  /// Makes `archived` → `active`, so that the stream takes events again.
  ///
  /// - Throws: ``StoreError`` `.streamNotFound`, `.streamDeleted`, `.illegalTransition`.
  public func reopen(_ name: StreamName, by principal: Principal, reason: String) throws {
    try change(name, to: .active, type: "StreamReopened", by: principal, reason: reason) { _ in }
  }

  /// Makes `active` → `archived`: read-only from now on; its events stay where they are.
  public func archive(_ name: StreamName, by principal: Principal, reason: String) throws {
    try change(name, to: .archived, type: "StreamArchived", by: principal, reason: reason) { _ in }
  }

  /// Makes `archived` → `deleted`: leaves a tombstone at once, and then removes its hot events, by
  /// ``removeDeletedRows(onSlice:)``.
  ///
  /// - Parameters:
  ///   - early: before the time that its policies said when it was archived.
  ///   - onSlice: called after each slice of rows.
  /// - Throws: ``StoreError`` `.streamNotFound`, `.streamDeleted`, `.illegalTransition`,
  ///   `.onHold`, `.restored`, `.retained`.
  public func delete(
    _ name: StreamName, by principal: Principal, reason: String, early: Bool = false,
    now: Timestamp = .now(), onSlice: () -> Void = {}
  ) throws {
    try bury(name, by: principal, reason: reason, early: early, now: now)
    try removeDeletedRows(onSlice: onSlice)
  }

  private func bury(
    _ name: StreamName, by principal: Principal, reason: String, early: Bool, now: Timestamp
  ) throws {
    try change(
      name, to: .deleted, type: "StreamDeleted", by: principal, reason: reason, now: now
    ) { db in
      guard let record = try StreamRecord.fetch(db, name) else { return }
      if let until = record.retainUntil, until > now, !early {
        throw StoreError.retained(name, until: until)
      }
      if let hold = record.hold { throw StoreError.onHold(name, reason: hold) }
      if let until = record.restoredUntil, until > now {
        throw StoreError.restored(name, until: until)
      }
      try Self.scheduleRemoval(of: record.id, db)
      try db.execute(sql: "DELETE FROM rollups WHERE stream = ?", arguments: [record.id])
      try db.execute(
        sql: """
          UPDATE streams SET description = '', data = NULL, metadata = NULL, permissions = NULL,
            deleted_at = ?, deleted_by = ?, deleted_reason = ? WHERE id = ?
          """,
        arguments: [now.microseconds, principal.description, reason, record.id])
    }
  }

  /// Changes what is said about a stream; nil leaves a field as it is.
  ///
  /// - Parameters: data, metadata, permissions: valid JSON texts.
  /// - Throws: `SchemaViolation` when `permissions` is no rule; ``StoreError`` `.streamNotFound`,
  ///   `.streamDeleted`.
  public func describe(
    _ name: StreamName, description: String? = nil, data: String? = nil, metadata: String? = nil,
    permissions: String? = nil, by principal: Principal
  ) throws {
    if let permissions { _ = try Permissions(checking: permissions) }
    try administer { db, transaction in
      let record = try Self.living(db, name)
      try db.execute(
        sql: """
          UPDATE streams SET description = coalesce(?, description), data = coalesce(?, data),
            metadata = coalesce(?, metadata), permissions = coalesce(?, permissions)
          WHERE id = ?
          """, arguments: [description, data, metadata, permissions, record.id])
      try transaction.audit("StreamDescribed", fields: [("name", name.rawValue)], by: principal)
    }
  }

  /// Records in `$audit` that `principal` read user data.
  public func auditRead(of names: String, by principal: Principal) throws {
    try administer { _, transaction in
      try transaction.audit("UserDataRead", fields: [("name", names)], by: principal)
    }
  }

  /// Records in `$audit` that `principal` copied streams out of the store, into `target`.
  public func auditRestore(
    of names: [StreamName], into target: String, by principal: Principal, reason: String
  ) throws {
    try administer { _, transaction in
      for name in names {
        try transaction.audit(
          "StreamRestored",
          fields: [("name", name.rawValue), ("into", target), ("reason", reason)], by: principal)
      }
    }
  }

  private func change(
    _ name: StreamName, to status: Lifecycle, type: String, by principal: Principal,
    reason: String, now: Timestamp = .now(), _ body: (Database) throws -> Void
  ) throws {
    try administer(now: now) { db, transaction in
      let record = try Self.living(db, name)
      guard record.status.canBecome(status) else {
        throw StoreError.illegalTransition(name, from: record.status, to: status)
      }
      try body(db)
      try db.execute(
        sql: "UPDATE streams SET status = ? WHERE id = ?",
        arguments: [status.rawValue, record.id])
      try transaction.audit(
        type, fields: [("name", name.rawValue), ("reason", reason)], by: principal)
    }
  }

  private func administer(
    now: Timestamp = .now(), _ body: (Database, inout AppendTransaction) throws -> Void
  ) throws {
    try transaction(now: now) { transaction in try body(transaction.db, &transaction) }
  }

  private static func living(_ db: Database, _ name: StreamName) throws -> StreamRecord {
    guard let record = try StreamRecord.fetch(db, name) else {
      throw StoreError.streamNotFound(name)
    }
    if let stone = record.tombstone { throw StoreError.streamDeleted(name, stone) }
    return record
  }
}
