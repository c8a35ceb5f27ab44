public import GRDB
public import Streams

/// Streams whose events are encrypted from their append on, those to come as well.
public struct Seal: Sendable, Hashable {
  /// A glob of stream names; the store's own (`$…`) are never among them.
  public var pattern: String
  public var reason: String
  public var addedAt: Timestamp
  public var addedBy: Principal
  /// Nothing of the rows from before is plain any more.
  public var isComplete: Bool

  /// Whether the stream called `name` in the query around it is sealed.
  static let coversName =
    "EXISTS (SELECT * FROM seals WHERE name GLOB pattern AND name NOT GLOB '$*')"

  static func covers(_ name: StreamName, _ db: Database) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT \(coversName) FROM (SELECT ? AS name)"),
      arguments: [name.rawValue]) ?? false
  }
}

extension Seal: FetchableRecord {
  public init(row: Row) throws {
    pattern = row["pattern"]
    reason = row["reason"]
    addedAt = Timestamp(microseconds: row["added_at"])
    addedBy = Principal(row["added_by"] as String) ?? .system
    isComplete = row["completed_at"] != nil
  }
}

extension Snapshot {
  /// Oldest first.
  public func seals() throws -> [Seal] {
    try Seal.fetchAll(db, sql: "SELECT * FROM seals ORDER BY added_at, pattern")
  }
}

extension EventStore {
  /// What is appended to the streams that match is encrypted from now on. A seal that is there already
  /// stays as it is.
  ///
  /// - Returns: whether an earlier call got as far as this, and no further.
  func recordSeal(
    _ pattern: String, reason: String, by principal: Principal, now: Timestamp
  ) throws -> Bool {
    guard !pattern.isEmpty, !pattern.hasPrefix("$") else { throw StoreError.notSealable(pattern) }
    return try transaction(now: now) { transaction in
      try transaction.db.execute(
        sql: "INSERT INTO seals VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING",
        arguments: [pattern, reason, now.microseconds, principal.description])
      guard transaction.db.changesCount == 1 else {
        return try Bool.fetchOne(
          transaction.db, sql: "SELECT completed_at IS NULL FROM seals WHERE pattern = ?",
          arguments: [pattern]) ?? false
      }
      try UnkeyedFingerprints.record(matching: pattern, transaction.db)
      try transaction.audit(
        "StreamsSealed", fields: [("pattern", pattern), ("reason", reason)], by: principal)
      return false
    }
  }

  /// Stops sealing what is appended from now on. What is sealed stays so.
  ///
  /// - Throws: ``StoreError`` `.notSealed`.
  public func removeSeal(
    _ pattern: String, reason: String, by principal: Principal, now: Timestamp = .now()
  ) throws {
    try transaction(now: now) { transaction in
      try transaction.db.execute(sql: "DELETE FROM seals WHERE pattern = ?", arguments: [pattern])
      guard transaction.db.changesCount == 1 else { throw StoreError.notSealed(pattern) }
      try transaction.audit(
        "StreamsUnsealed", fields: [("pattern", pattern), ("reason", reason)], by: principal)
    }
  }
}
