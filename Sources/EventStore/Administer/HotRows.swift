public import GRDB
internal import Streams

/// What the archiver does to rows, inside its own transactions.
public enum HotRows {
  /// Deletes the rows of `revisions` and moves the stream's `pruned_to` to their end.
  ///
  /// To be called in the transaction that has just compared them with their segment.
  ///
  /// - Returns: how many rows went.
  public static func release(
    _ db: Database, stream: Int64, revisions: ClosedRange<Int64>
  ) throws -> Int {
    let base = stream << Schema.revisionBits
    try db.execute(
      sql: "DELETE FROM events WHERE key BETWEEN ? AND ?",
      arguments: [base | revisions.lowerBound, base | revisions.upperBound])
    let count = db.changesCount
    try db.execute(
      sql: "UPDATE streams SET pruned_to = ? WHERE id = ? AND pruned_to = ?",
      arguments: [revisions.upperBound, stream, revisions.lowerBound - 1])
    guard db.changesCount == 1 else {
      throw StoreError.corrupt(detail: "rows of stream \(stream) would be released out of order")
    }
    return count
  }

  /// The first revision at or after `from` whose event happened at `cutoff` or later.
  ///
  /// - Complexity: O(rows before it).
  public static func firstRevision(
    _ db: Database, stream: Int64, from: Int64, notBefore cutoff: Int64
  ) throws -> Int64? {
    let base = stream << Schema.revisionBits
    return try Int64.fetchOne(
      db,
      sql: """
        SELECT key FROM events WHERE key BETWEEN ? AND ? AND timestamp >= ? ORDER BY key LIMIT 1
        """, arguments: [base | from, base | Schema.maxRevision, cutoff]
    ).map { $0 & Schema.maxRevision }
  }

  /// What the rows of `revisions` take in the store file.
  ///
  /// - Complexity: O(rows); no payload is read.
  public static func footprint(
    _ db: Database, stream: Int64, revisions: ClosedRange<Int64>
  ) throws -> RowFootprint {
    let base = stream << Schema.revisionBits
    var footprint = RowFootprint()
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT length(metadata) + length(data), sealed IS NOT NULL FROM events
        WHERE key BETWEEN ? AND ? ORDER BY key
        """, arguments: [base | revisions.lowerBound, base | revisions.upperBound])
    while let row = try rows.next() {
      footprint.add(
        stored: row[0], payload: SealedRow.payloadBytes(stored: row[0], isSealed: row[1]))
    }
    return footprint
  }
}
