internal import GRDB
internal import Streams

/// A report that was put where readers find it, as the store's table `publications` has it.
struct Publication {
  /// What makes two publications ones of the same report: the period, and the rules by which the
  /// figures of a service come about. Title, target and digits are no part of it.
  struct Key: Hashable {
    var kind: String
    var start: Timestamp
    var end: Timestamp
    var zone: String
    /// Canonical JSON.
    var rules: String
  }

  var key: Key
  /// The groups in it, as canonical JSON.
  var groupRules: String
  var asOf: Timestamp
  /// The store's last position then; -1 when it was empty.
  var position: Position
  var madeAt: Timestamp
  var archiveHead: String?
  var path: String

  /// Records that it was published. The same report of the same position is one.
  func record(_ db: Database) throws {
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO publications (kind, period_start, period_end, zone, rules, group_rules,
          as_of, position, made_at, archive_head, path) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        key.kind, key.start.microseconds, key.end.microseconds, key.zone, key.rules, groupRules,
        asOf.microseconds, position.rawValue, madeAt.microseconds, archiveHead, path,
      ])
  }

  /// The first publication of `key` that was made before the store reached `position`; nil when there
  /// is none.
  ///
  /// - Complexity: O(log n + the publications of the period).
  static func first(of key: Key, before position: Position, _ db: Database) throws -> Publication? {
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT * FROM publications WHERE kind = ? AND period_start = ? AND period_end = ?
          AND zone = ? AND rules = ? AND position < ? ORDER BY id LIMIT 1
        """,
      arguments: [
        key.kind, key.start.microseconds, key.end.microseconds, key.zone, key.rules,
        position.rawValue,
      ])
    return row.map { row in
      Publication(
        key: key, groupRules: row["group_rules"], asOf: Timestamp(microseconds: row["as_of"]),
        position: Position(row["position"]), madeAt: Timestamp(microseconds: row["made_at"]),
        archiveHead: row["archive_head"], path: row["path"])
    }
  }
}
