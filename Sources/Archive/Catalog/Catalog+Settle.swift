internal import Foundation
public import GRDB
internal import Segments
public import Streams

extension Catalog {
  /// Revisions of streams that were released and are in no segment.
  public static func gaps(_ db: Database) throws -> [(StreamName, ClosedRange<Int64>)] {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT name, pruned_to, first_revision, first, last FROM streams
        LEFT JOIN segment_ranges ON stream = id
        WHERE pruned_to >= 0 AND status <> 'deleted' ORDER BY id, first
        """)
    var gaps: [(StreamName, ClosedRange<Int64>)] = []
    var current: (name: String, prunedTo: Int64, spans: RevisionSpans)?
    func close() throws {
      guard let current else { return }
      let name = try StreamName(current.name)
      gaps += current.spans.gaps(through: current.prunedTo).map { (name, $0) }
    }
    while let row = try rows.next() {
      let name: String = row["name"]
      if current?.name != name {
        try close()
        current = (name, row["pruned_to"], RevisionSpans())
        let begin: Int64 = row["first_revision"]
        if begin > 0 { current?.spans.insert(0...(begin - 1)) }
      }
      if let first = row["first"] as Int64? {
        current?.spans.insert(first...(row["last"] as Int64))
      }
    }
    try close()
    return gaps
  }

  /// Puts a sound segment into the state its streams say: both copies live, or its rows are gone.
  static func settle(_ db: Database, _ archiveSeq: Int64, verifiedAt now: Timestamp) throws {
    try db.execute(
      sql: """
        UPDATE segments SET verified_at = ?, state = iif(EXISTS (
          SELECT * FROM segment_ranges AS r JOIN streams AS s ON s.id = r.stream
          WHERE r.archive_seq = segments.archive_seq AND s.status <> 'deleted'
            AND s.pruned_to < r.last), 'archived', 'pruned')
        WHERE archive_seq = ?
        """, arguments: [now.microseconds, archiveSeq])
  }

  /// Whether the catalog knows where everything in the segment is.
  static func isIndexed(_ db: Database, _ entry: CatalogEntry) throws -> Bool {
    guard SHA256Sum(entry.sha256) != nil, let bytes = try manifest(db, entry.archiveSeq),
      SHA256Sum(of: bytes).description == entry.manifestSHA256,
      let manifest = try? Manifest(decoding: bytes)
    else { return false }
    let chunks = try Int.fetchOne(
      db, sql: "SELECT count(*) FROM segment_chunks WHERE archive_seq = ?",
      arguments: [entry.archiveSeq])
    let ranges = try Row.fetchAll(
      db,
      sql: """
        SELECT name, first, last, stream_index FROM segment_ranges JOIN streams ON id = stream
        WHERE archive_seq = ? ORDER BY stream_index
        """, arguments: [entry.archiveSeq])
    return chunks == manifest.chunks.count && ranges.count == manifest.streams.count
      && zip(ranges, manifest.streams).enumerated().allSatisfy { index, pair in
        pair.0["name"] == pair.1.info.name.rawValue && pair.0["first"] == pair.1.first.rawValue
          && pair.0["last"] == pair.1.last.rawValue && pair.0["stream_index"] == index
      }
  }

  /// Records what a segment is and where to find what in it, in the place of what was there.
  static func reindex(_ db: Database, _ segment: VerifiedSegment, ranges: [JobRange]) throws {
    let sequence = segment.manifest.archiveSeq
    try db.execute(
      sql: """
        UPDATE segments SET bytes = ?, raw_bytes = ?, sha256 = ?, manifest = ?, manifest_sha256 = ?
        WHERE archive_seq = ?
        """,
      arguments: [
        segment.bytes, segment.rawBytes, segment.sha256.description, Data(segment.manifestBytes),
        segment.manifestSHA256.description, sequence,
      ])
    try deleteIndex(db, sequence)
    try insertIndex(db, segment, ranges: ranges)
  }

  static func deleteIndex(_ db: Database, _ archiveSeq: Int64) throws {
    for table in ["segment_ranges", "segment_chunks"] {
      try db.execute(
        sql: "DELETE FROM \(table) WHERE archive_seq = ?", arguments: [archiveSeq])
    }
  }
}
