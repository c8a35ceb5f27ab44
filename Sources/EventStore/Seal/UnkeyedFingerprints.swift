internal import GRDB
internal import Streams

/// The fingerprints of events that were in segments only when their stream was sealed.
///
/// A row is sealed and its fingerprint keyed in one transaction, so that a row that is not sealed
/// tells that its fingerprint is not keyed. These have no row: they are gone through in the order of
/// their ids, and the store keeps how far that has come.
enum UnkeyedFingerprints {
  private static let slice = 4096

  /// Notes which streams have such events, in the transaction that seals them for the first time.
  static func record(matching pattern: String, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO unkeyed_fingerprints SELECT id, pruned_to, x'' FROM streams
        WHERE name GLOB ? AND name NOT GLOB '$*' AND pruned_to >= 0 AND sealed_to IS NULL
          AND deleted_at IS NULL
        ON CONFLICT DO NOTHING
        """, arguments: [pattern])
  }

  /// Keys some of a stream's.
  ///
  /// - Returns: whether there are more.
  static func keySlice(_ name: StreamName, _ stream: Int64, _ store: EventStore) throws -> Bool {
    try store.write { db in
      let task = try Row.fetchOne(
        db, sql: "SELECT through, done FROM unkeyed_fingerprints WHERE stream = ?",
        arguments: [stream])
      guard let task else { return false }
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT id, fingerprint FROM event_ids WHERE stream = ? AND id > ? AND revision <= ?
          ORDER BY id LIMIT ?
          """,
        arguments: [stream, task["done"] as DatabaseValue, task["through"] as Int64, slice])
      let sealer = try StreamSealer(name, numbered: stream, store.subjectKeys, db)
      for row in rows {
        try db.cachedStatement(
          sql: "UPDATE event_ids SET fingerprint = ? WHERE stream = ? AND id = ?"
        ).execute(arguments: [
          sealer.keyed(row["fingerprint"]), stream, row["id"] as DatabaseValue,
        ])
      }
      guard rows.count == slice, let last = rows.last else {
        try db.execute(
          sql: "DELETE FROM unkeyed_fingerprints WHERE stream = ?", arguments: [stream])
        return false
      }
      try db.execute(
        sql: "UPDATE unkeyed_fingerprints SET done = ? WHERE stream = ?",
        arguments: [last["id"] as DatabaseValue, stream])
      return true
    }
  }
}
