internal import Foundation
public import GRDB
public import Segments
internal import Streams

/// The store's table of segments, and of which revisions of which stream each one holds.
public enum Catalog {
  /// What a ``CatalogEntry`` is made of.
  private static let columns = """
    archive_seq, segment_id, file, generation, bytes, raw_bytes, sha256, manifest_sha256, state,
    archived_at, verified_at, target, retired, length(manifest) > 0 AS has_manifest, \(version)
    """

  /// The version of the first copy: null in the archive folder, and where none are kept.
  private static let version = """
    (SELECT version FROM segment_copies AS c
     WHERE c.archive_seq = segments.archive_seq AND c.target = segments.target) AS version
    """

  /// Every segment there ever was, retired ones as well: the chain.
  ///
  /// - Complexity: O(segments), some hundred bytes each.
  public static func entries(_ db: Database) throws -> [CatalogEntry] {
    try CatalogEntry.fetchAll(db, sql: "SELECT \(columns) FROM segments ORDER BY archive_seq")
  }

  /// The segments that have a file.
  public static func living(_ db: Database) throws -> [CatalogEntry] {
    try CatalogEntry.fetchAll(
      db, sql: "SELECT \(columns) FROM segments WHERE retired IS NULL ORDER BY archive_seq")
  }

  /// The files that should be in the archive folder, relative to it, newest first.
  static func files(_ db: Database) throws -> [String] {
    try String.fetchAll(
      db,
      sql: """
        SELECT file FROM segments WHERE target IS NULL AND retired IS NULL
        ORDER BY archive_seq DESC
        """)
  }

  public static func entry(_ db: Database, _ archiveSeq: Int64) throws -> CatalogEntry? {
    try CatalogEntry.fetchOne(
      db, sql: "SELECT \(columns) FROM segments WHERE archive_seq = ?", arguments: [archiveSeq])
  }

  /// The segment whose manifest has this hash; nil when there is none.
  static func entry(_ db: Database, ofManifest hash: SHA256Sum) throws -> CatalogEntry? {
    try CatalogEntry.fetchOne(
      db, sql: "SELECT \(columns) FROM segments WHERE manifest_sha256 = ?",
      arguments: [hash.description])
  }

  /// The ranges of a stream that are in segments, oldest first.
  public static func ranges(_ db: Database, of stream: Int64) throws -> [CatalogRange] {
    try CatalogRange.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM segment_ranges WHERE stream = ? ORDER BY first"),
      arguments: [stream])
  }

  /// The range of a stream that holds one revision; nil when none does.
  ///
  /// - Complexity: O(log n), one index seek.
  public static func range(
    _ db: Database, of stream: Int64, holding revision: Int64
  ) throws -> CatalogRange? {
    let query = """
      SELECT * FROM segment_ranges WHERE stream = ? AND first <= ? ORDER BY first DESC LIMIT 1
      """
    let range = try CatalogRange.fetchOne(
      db.cachedStatement(sql: query), arguments: [stream, revision])
    return range.flatMap { $0.last >= revision ? $0 : nil }
  }

  /// Where a segment is, without its manifest, which grows with the segment.
  public static func place(_ db: Database, _ archiveSeq: Int64) throws -> SegmentPlace? {
    let query = """
      SELECT archive_seq, file, bytes, target, manifest_sha256, state, \(version) FROM segments
      WHERE archive_seq = ?
      """
    return try SegmentPlace.fetchOne(
      db.cachedStatement(sql: query), arguments: [archiveSeq])
  }

  /// A segment's manifest, as it was archived; empty when it told of somebody who was erased.
  ///
  /// - Complexity: O(chunks of the segment).
  public static func manifest(_ db: Database, _ archiveSeq: Int64) throws -> [UInt8]? {
    try Data.fetchOne(
      db, sql: "SELECT manifest FROM segments WHERE archive_seq = ?", arguments: [archiveSeq]
    ).map { Array($0) }
  }

  /// The ranges of all streams in one segment, in the manifest's order.
  public static func ranges(_ db: Database, in archiveSeq: Int64) throws -> [CatalogRange] {
    try CatalogRange.fetchAll(
      db, sql: "SELECT * FROM segment_ranges WHERE archive_seq = ? ORDER BY stream_index",
      arguments: [archiveSeq])
  }

  /// The last revision of `stream` that is in a segment; -1 when none is.
  static func archivedThrough(_ db: Database, _ stream: Int64) throws -> Int64 {
    try Int64.fetchOne(
      db, sql: "SELECT max(last) FROM segment_ranges WHERE stream = ?", arguments: [stream]) ?? -1
  }

  /// Whether some of these revisions are in a segment already.
  static func holds(
    _ db: Database, stream: Int64, revisions: ClosedRange<Int64>
  ) throws -> Bool {
    try Bool.fetchOne(
      db,
      sql: """
        SELECT EXISTS (
          SELECT * FROM segment_ranges WHERE stream = ? AND first <= ? AND last >= ?)
        """, arguments: [stream, revisions.upperBound, revisions.lowerBound]) ?? false
  }

  /// Where each chunk of a segment lies, in the manifest's order.
  public static func chunks(_ db: Database, of archiveSeq: Int64) throws -> [SegmentChunk] {
    try chunks(db, where: "archive_seq = ?", [archiveSeq])
  }

  /// Those of one stream that touch `revisions`.
  ///
  /// - Complexity: O(log n + their number), whatever else the segment holds.
  public static func chunks(
    _ db: Database, of archiveSeq: Int64, stream index: Int, in revisions: ClosedRange<Int64>
  ) throws -> [SegmentChunk] {
    let (first, last) = (revisions.lowerBound, revisions.upperBound)
    return try chunks(
      db,
      where: """
        archive_seq = ? AND stream_index = ? AND last BETWEEN ? AND coalesce(
          (SELECT min(last) FROM segment_chunks
           WHERE archive_seq = ? AND stream_index = ? AND last >= ?), ?)
        """,
      [archiveSeq, index, first, archiveSeq, index, last, last])
  }

  private static func chunks(
    _ db: Database, where condition: String, _ arguments: StatementArguments
  ) throws -> [SegmentChunk] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT * FROM segment_chunks WHERE \(condition) ORDER BY chunk"),
      arguments: arguments
    ).map { row in
      guard let sha256 = SHA256Sum(row["sha256"] as String) else {
        throw ArchiveError.folder(path: "catalog", detail: "a chunk's SHA-256 is not one")
      }
      return SegmentChunk(
        member: row["member"], stream: row["stream_index"], first: Revision(row["first"]),
        last: Revision(row["last"]), count: row["events"], offset: row["offset"],
        compressedBytes: row["compressed"], bytes: row["raw"], sha256: sha256,
        subject: row["subject"])
    }
  }

  /// The newest segment: what the next one's `prev` names.
  static func head(_ db: Database) throws -> CatalogEntry? {
    try CatalogEntry.fetchOne(
      db, sql: "SELECT \(columns) FROM segments ORDER BY archive_seq DESC LIMIT 1")
  }

  static func insert(
    _ db: Database, _ segment: VerifiedSegment, ranges: [JobRange], target: String? = nil,
    copies: [CatalogCopy] = [], at now: Timestamp
  ) throws {
    try db.execute(
      sql: """
        INSERT INTO segments
          (archive_seq, segment_id, file, generation, bytes, raw_bytes, sha256, manifest,
           manifest_sha256, state, archived_at, verified_at, target)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'archived', ?, ?, ?)
        """,
      arguments: [
        segment.manifest.archiveSeq, segment.name.id, segment.name.relativePath,
        segment.manifest.generation, segment.bytes, segment.rawBytes, segment.sha256.description,
        Data(segment.manifestBytes), segment.manifestSHA256.description, now.microseconds,
        now.microseconds, target,
      ])
    for copy in copies { try insert(db, copy, of: segment.manifest.archiveSeq) }
    try insertIndex(db, segment, ranges: ranges)
  }

  /// Where to find what in the segment.
  static func insertIndex(
    _ db: Database, _ segment: VerifiedSegment, ranges: [JobRange]
  ) throws {
    for (index, range) in ranges.enumerated() {
      try db.execute(
        sql: "INSERT INTO segment_ranges VALUES (?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          range.stream, range.first, range.last, segment.manifest.archiveSeq, index,
          segment.manifest.streams[index].firstPosition.rawValue,
          segment.manifest.streams[index].lastPosition.rawValue,
        ])
    }
    let statement = try db.cachedStatement(
      sql: "INSERT INTO segment_chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    for (index, chunk) in segment.chunks.enumerated() {
      try statement.execute(arguments: [
        segment.manifest.archiveSeq, index, chunk.stream, chunk.member, chunk.first.rawValue,
        chunk.last.rawValue, chunk.count, chunk.offset, chunk.compressedBytes, chunk.bytes,
        chunk.sha256.description, chunk.subject,
      ])
    }
  }
}
