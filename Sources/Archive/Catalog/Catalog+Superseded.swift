internal import GRDB
internal import Segments

extension Catalog {
  /// Gives segments that were superseded, and whose files are gone, their place in the chain again.
  ///
  /// The segment after such a one names its number and hash, and the one that took its place names
  /// its hash. Where the segment after is gone as well only the hash is known: it gets the number that
  /// is left, if there is just one.
  static func insertSuperseded(_ db: Database) throws {
    let manifests = try entries(db).compactMap { try? Manifest(decoding: $0.manifest) }
    var hashes = Set(manifests.compactMap { $0.supersedes?.manifestSHA256 })
    let rows = try Row.fetchAll(db, sql: "SELECT archive_seq, manifest_sha256 FROM segments")
    var known = Set(rows.map { $0["archive_seq"] as Int64 })
    for row in rows { SHA256Sum(row["manifest_sha256"] as String).map { _ = hashes.remove($0) } }
    for prev in manifests.compactMap(\.prev) where !known.contains(prev.archiveSeq) {
      guard hashes.remove(prev.manifestSHA256) != nil else { continue }
      known.insert(prev.archiveSeq)
      try insertSuperseded(db, prev.archiveSeq, prev.manifestSHA256)
    }
    guard known.max() ?? 0 == Int64(known.count) + 1, hashes.count == 1, let hash = hashes.first,
      let missing = (1...Int64(known.count)).first(where: { !known.contains($0) })
    else { return }
    try insertSuperseded(db, missing, hash)
  }

  private static func insertSuperseded(
    _ db: Database, _ archiveSeq: Int64, _ hash: SHA256Sum
  ) throws {
    let name = "superseded-\(archiveSeq)"
    try db.execute(
      sql: """
        INSERT INTO segments
          (archive_seq, segment_id, file, generation, bytes, raw_bytes, sha256, manifest,
           manifest_sha256, state, archived_at, verified_at, retired)
        VALUES (?, ?, ?, 1, 0, 0, '', x'', ?, 'pruned', 0, 0, 'superseded')
        """, arguments: [archiveSeq, name, name, hash.description])
  }
}
