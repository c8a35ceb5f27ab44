public import EventStore
internal import GRDB
internal import Segments
internal import Streams

extension Catalog {
  /// A segment that has events of deleted streams beside those of streams that are not: they go
  /// when it is rewritten.
  public struct PartlyDeleted: Sendable {
    public var archiveSeq: Int64
    /// Relative to the archive folder.
    public var file: String
    /// Streams that were deleted since it was written: their events are still in it.
    public var deleted: [CatalogRange]
    public var living: [CatalogRange]
    /// Why the segment, or what was deleted, must be kept as it is; nil when nothing holds it.
    public var hold: String?
  }

  /// The segments that are to be rewritten, oldest first, so that what was deleted is in no file any
  /// more.
  public static func partlyDeleted(_ snapshot: Snapshot) throws -> [PartlyDeleted] {
    let numbers = try Int64.fetchAll(
      snapshot.db,
      sql: """
        SELECT archive_seq FROM segment_ranges JOIN streams ON streams.id = stream
        GROUP BY archive_seq HAVING count(deleted_at) BETWEEN 1 AND count(*) - 1
        ORDER BY archive_seq
        """)
    return try numbers.compactMap { number in
      guard let entry = try entry(snapshot.db, number), entry.retired == nil,
        let manifest = try entry.readableManifest(snapshot.db)
      else { return nil }
      var part = PartlyDeleted(archiveSeq: number, file: entry.file, deleted: [], living: [])
      for range in try ranges(snapshot.db, in: number) {
        let record = try snapshot.stream(numbered: range.stream)
        if record.status != .deleted {
          part.living.append(range)
        } else if !manifest.hasErased(range.streamIndex) {
          part.deleted.append(range)
          part.hold = part.hold ?? record.hold
        }
      }
      return part.deleted.isEmpty ? nil : part
    }
  }

  /// Segments with a file that nobody needs: every stream in them is deleted, and nothing is held.
  static func disposable(_ snapshot: Snapshot) throws -> [CatalogEntry] {
    let numbers = try Int64.fetchAll(
      snapshot.db,
      sql: """
        SELECT archive_seq FROM segment_ranges JOIN streams ON streams.id = stream
        GROUP BY archive_seq HAVING count(deleted_at) = count(*) ORDER BY archive_seq
        """)
    return try numbers.filter { try isDisposable($0, snapshot) }
      .compactMap { try entry(snapshot.db, $0) }
  }

  static func isDisposable(_ archiveSeq: Int64, _ snapshot: Snapshot) throws -> Bool {
    let isLiving = try Bool.fetchOne(
      snapshot.db, sql: "SELECT retired IS NULL FROM segments WHERE archive_seq = ?",
      arguments: [archiveSeq])
    guard isLiving == true else { return false }
    let ranges = try ranges(snapshot.db, in: archiveSeq)
    return try !ranges.isEmpty
      && ranges.allSatisfy { range in
        let record = try snapshot.stream(numbered: range.stream)
        return record.status == .deleted && record.hold == nil
      }
  }

  /// Says that a segment has no file any more. Its row, ranges and manifest stay; where its chunks
  /// lay is forgotten.
  static func retire(
    _ db: Database, _ archiveSeq: Int64, _ why: CatalogEntry.Retirement
  ) throws {
    try db.execute(
      sql: "UPDATE segments SET retired = ? WHERE archive_seq = ?",
      arguments: [why.rawValue, archiveSeq])
    try db.execute(
      sql: "DELETE FROM segment_chunks WHERE archive_seq = ?", arguments: [archiveSeq])
  }

  /// Nothing of it is released until a check finds it sound again.
  static func quarantine(_ db: Database, _ archiveSeq: Int64) throws {
    try db.execute(
      sql: "UPDATE segments SET state = 'quarantined' WHERE archive_seq = ?",
      arguments: [archiveSeq])
  }
}

extension Manifest {
  /// Whether the events of this stream, by its index, were taken out already.
  func hasErased(_ index: Int) -> Bool {
    streams.indices.contains(index) && streams[index].info.lifecycle == .deleted
  }
}
