public import GRDB
public import Streams

/// A copy of a segment at a target: it was read back whole after it was written.
public struct CatalogCopy: Sendable, Hashable {
  /// The target's address.
  public var target: String
  /// The object's version, where the target keeps versions.
  public var version: String?
  /// Until when nobody can delete it.
  public var lockedUntil: Timestamp?
  public var verifiedAt: Timestamp
}

extension CatalogCopy: FetchableRecord {
  public init(row: Row) throws {
    target = row["target"]
    version = row["version"]
    lockedUntil = (row["locked_until"] as Int64?).map { Timestamp(microseconds: $0) }
    verifiedAt = Timestamp(microseconds: row["verified_at"])
  }
}

extension Catalog {
  /// The copies at targets. The first copy is among them when it is not in the archive folder.
  public static func copies(_ db: Database, of archiveSeq: Int64) throws -> [CatalogCopy] {
    try CatalogCopy.fetchAll(
      db.cachedStatement(
        sql: "SELECT * FROM segment_copies WHERE archive_seq = ? ORDER BY target"),
      arguments: [archiveSeq])
  }

  /// Where a segment can be read, the first copy first: nil is the archive folder.
  public static func places(_ db: Database, of place: SegmentPlace) throws -> [CatalogCopy?] {
    let copies = try copies(db, of: place.archiveSeq)
    let others = copies.filter { $0.target != place.target }
    return [copies.first { $0.target == place.target }] + others
  }

  static func delete(_ db: Database, _ copy: CatalogCopy, of archiveSeq: Int64) throws {
    try db.execute(
      sql: "DELETE FROM segment_copies WHERE archive_seq = ? AND target = ?",
      arguments: [archiveSeq, copy.target])
  }

  static func setVerified(
    _ db: Database, _ copy: CatalogCopy, of archiveSeq: Int64, at now: Timestamp
  ) throws {
    try db.execute(
      sql: "UPDATE segment_copies SET verified_at = ? WHERE archive_seq = ? AND target = ?",
      arguments: [now.microseconds, archiveSeq, copy.target])
  }

  static func insert(_ db: Database, _ copy: CatalogCopy, of archiveSeq: Int64) throws {
    try db.execute(
      sql: "INSERT INTO segment_copies VALUES (?, ?, ?, ?, ?)",
      arguments: [
        archiveSeq, copy.target, copy.version, copy.lockedUntil?.microseconds,
        copy.verifiedAt.microseconds,
      ])
  }
}
