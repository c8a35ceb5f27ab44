public import GRDB

/// Revisions of one stream that are read from one segment, and between which positions they are.
public struct CatalogSpan: Sendable, Hashable {
  /// The store's number for the stream.
  public var stream: Int64
  public var revisions: ClosedRange<Int64>
  /// The first revision of the range in the segment, and bounds of the positions of all of it.
  public var rangeFirst: Int64
  public var positions: ClosedRange<Int64>
}

extension Catalog {
  /// Calls `body` with what of living streams is in segments only, and may be at `positions`.
  ///
  /// - Complexity: O(ranges that end at these positions or later).
  public static func forEachSpan(
    _ db: Database, at positions: ClosedRange<Int64>, _ body: (CatalogSpan) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT stream, max(first, first_revision), min(last, pruned_to), first, first_position,
          last_position
        FROM segment_ranges JOIN streams ON streams.id = stream
        WHERE last_position >= ? AND first_position <= ? AND deleted_at IS NULL
          AND first <= pruned_to AND last >= first_revision
        """, arguments: [positions.lowerBound, positions.upperBound])
    while let row = try rows.next() {
      try body(
        CatalogSpan(
          stream: row[0], revisions: row[1]...row[2], rangeFirst: row[3],
          positions: row[4]...row[5]))
    }
  }
}
