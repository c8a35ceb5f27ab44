public import GRDB
public import Streams

/// A mark that forbids deleting, beside the one that a stream may have itself.
public struct LegalHold: Sendable, Hashable {
  public enum Subject: Sendable, Hashable {
    /// All streams whose names match the glob, those to come as well.
    case streams(matching: String)
    /// A segment, by its number, and so every stream that is in it.
    case segment(Int64)
  }

  public var subject: Subject
  public var reason: String
  public var placedAt: Timestamp
  public var placedBy: Principal
}

extension LegalHold: FetchableRecord {
  public init(row: Row) throws {
    if let pattern = row["pattern"] as String? {
      subject = .streams(matching: pattern)
    } else {
      subject = .segment(row["segment"])
    }
    reason = row["reason"]
    placedAt = Timestamp(microseconds: row["placed_at"])
    placedBy = Principal(row["placed_by"] as String) ?? .system
  }
}

extension Snapshot {
  /// The holds on patterns and segments, oldest first; those of single streams are in their records.
  public func legalHolds() throws -> [LegalHold] {
    try LegalHold.fetchAll(db, sql: "SELECT * FROM holds ORDER BY id")
  }
}

extension EventStore {
  /// Forbids deleting, and records who did so and why in `$audit`.
  ///
  /// - Throws: ``StoreError`` `.heldAlready`: one case must not lift what another needs.
  public func placeHold(
    on subject: LegalHold.Subject, reason: String, by principal: Principal, now: Timestamp = .now()
  ) throws {
    try transaction(now: now) { transaction in
      if let held = try subject.fetch(transaction.db) {
        throw StoreError.heldAlready(subject.description, reason: held.reason)
      }
      let (pattern, segment) = subject.columns
      try transaction.db.execute(
        sql: """
          INSERT INTO holds (pattern, segment, reason, placed_at, placed_by) VALUES (?, ?, ?, ?, ?)
          """, arguments: [pattern, segment, reason, now.microseconds, principal.description])
      try transaction.audit(
        "HoldPlaced", fields: [subject.field, ("reason", reason)], by: principal)
    }
  }

  /// Lifts such a hold, and records who did so and why in `$audit`.
  ///
  /// - Throws: ``StoreError`` `.notHeld`.
  public func liftHold(
    on subject: LegalHold.Subject, reason: String, by principal: Principal, now: Timestamp = .now()
  ) throws {
    try transaction(now: now) { transaction in
      guard let held = try subject.fetch(transaction.db) else {
        throw StoreError.notHeld(subject.description)
      }
      let (pattern, segment) = subject.columns
      try transaction.db.execute(
        sql: "DELETE FROM holds WHERE pattern IS ? AND segment IS ?", arguments: [pattern, segment])
      try transaction.audit(
        "HoldLifted", fields: [subject.field, ("held", held.reason), ("reason", reason)],
        by: principal)
    }
  }

  /// Forbids deleting one stream, and records who did so and why in `$audit`.
  ///
  /// - Throws: ``StoreError`` `.streamNotFound`, `.streamDeleted`, `.heldAlready`.
  public func placeHold(on name: StreamName, reason: String, by principal: Principal) throws {
    try changeHold(name, to: reason) { own, transaction in
      if let own { throw StoreError.heldAlready("stream \(name)", reason: own) }
      try transaction.audit(
        "HoldPlaced", fields: [("name", name.rawValue), ("reason", reason)], by: principal)
    }
  }

  /// Lifts the hold of one stream. What holds it by a pattern or in a segment stays.
  ///
  /// - Throws: ``StoreError`` `.streamNotFound`, `.streamDeleted`, `.notHeld`.
  public func liftHold(on name: StreamName, reason: String, by principal: Principal) throws {
    try changeHold(name, to: nil) { own, transaction in
      guard let own else { throw StoreError.notHeld("stream \(name)") }
      try transaction.audit(
        "HoldLifted", fields: [("name", name.rawValue), ("held", own), ("reason", reason)],
        by: principal)
    }
  }

  private func changeHold(
    _ name: StreamName, to reason: String?,
    _ audit: (_ own: String?, inout AppendTransaction) throws -> Void
  ) throws {
    try transaction { transaction in
      let record = try transaction.snapshot(of: self).readableStream(name)
      try audit(record.ownHold, &transaction)
      try transaction.db.execute(
        sql: "UPDATE streams SET hold_reason = ? WHERE id = ?", arguments: [reason, record.id])
    }
  }
}

extension LegalHold.Subject: CustomStringConvertible {
  public var description: String {
    switch self {
    case .streams(let pattern): "streams \(pattern)"
    case .segment(let number): "segment \(number)"
    }
  }

  fileprivate var columns: (pattern: String?, segment: Int64?) {
    switch self {
    case .streams(let pattern): (pattern, nil)
    case .segment(let number): (nil, number)
    }
  }

  fileprivate var field: (key: String, value: String) {
    switch self {
    case .streams(let pattern): ("pattern", pattern)
    case .segment(let number): ("archiveSeq", String(number))
    }
  }

  fileprivate func fetch(_ db: Database) throws -> LegalHold? {
    try LegalHold.fetchOne(
      db, sql: "SELECT * FROM holds WHERE pattern IS ? AND segment IS ?",
      arguments: [columns.pattern, columns.segment])
  }
}
