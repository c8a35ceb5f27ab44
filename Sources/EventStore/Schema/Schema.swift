internal import GRDB

/// The layout of the store file.
///
/// One SQLite database, WAL, `synchronous=FULL`, `auto_vacuum=INCREMENTAL`, 8 KiB pages.
///
/// - I1. `events.key` is `stream << 38 | revision`: the table is clustered by stream, so that one
///   whole stream is one sequential scan and an append touches one leaf.
/// - I2. `streams.events` is the number of events ever appended: the next revision. Revisions
///   `first_revision ... pruned_to` are in segments, the rest are rows of `events`.
/// - I3. `events.position` and `sequences.next` only ever grow, over all streams.
/// - I4. `event_ids` keeps the id of every event ever appended, released or not, with a
///   fingerprint of its content: a bulk load that is run again finds what it did before.
/// - I5. `stream_days` is updated in the transaction of the append; its sums are `streams.events`, less
///   `first_revision`.
/// - I6. A row of `events` is deleted only in the transaction that advances `pruned_to` past it, and
///   comes back only in one that takes `pruned_to` back before it. Those of a stream that `removals`
///   has are nobody's any more: it is deleted, and they go.
/// - I7. A stream that `seals` covers gets sealed rows only: type, times, id, position and sizes are
///   readable, metadata and data are one age file to the key of the stream's subject. A sealed row's
///   fingerprint is keyed, a plain row's is not.
enum Schema {
  /// "Rook", big-endian, in the database header.
  static let applicationID: Int32 = 0x526F_6F6B

  static let revisionBits: Int64 = 38
  static let maxRevision: Int64 = 1 << revisionBits - 1
  static let maxStream: Int64 = 1 << 25 - 1

  /// To be called before a stream's row is made: its number must fit the keys of its events.
  ///
  /// - Throws: ``StoreError`` `.tooManyStreams`.
  /// - Complexity: O(log n).
  static func checkRoomForStream(_ db: Database) throws {
    let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM streams")) ?? 0
    guard last < maxStream else { throw StoreError.tooManyStreams(limit: maxStream) }
  }

  /// Forward-only: the n-th one takes a store from version n to n + 1.
  static let migrations: [String] = [version1, version2, version3, version4]

  static var version: Int { migrations.count }

  static func migrate(_ db: Database) throws {
    let current = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard current < version else { return }
    for migration in migrations[current...] {
      try db.execute(sql: migration)
    }
    try db.execute(sql: "PRAGMA application_id = \(applicationID)")
    try db.execute(sql: "PRAGMA user_version = \(version)")
  }
}
