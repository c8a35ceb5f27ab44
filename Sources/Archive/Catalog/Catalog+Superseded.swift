internal import GRDB
internal import Segments

extension Catalog {
  /// What a rewrite of `entry` says of it and of all that stood in its place before.
  ///
  /// Where an earlier version wrote a manifest that names its predecessor only by its hash, the
  /// catalog still knows the number.
  static func supersession(
    _ db: Database, of entry: CatalogEntry, _ manifest: Manifest, reason: String
  ) throws -> Manifest.Supersession? {
    guard let hash = SHA256Sum(entry.manifestSHA256) else { return nil }
    let generation = Manifest.Generation(
      archiveSeq: entry.archiveSeq, manifestSHA256: hash, prev: manifest.prev?.manifestSHA256)
    return Manifest.Supersession(
      manifestSHA256: hash, reason: reason,
      generations: try generations(db, before: manifest) + [generation])
  }

  private static func generations(
    _ db: Database, before manifest: Manifest
  ) throws -> [Manifest.Generation] {
    guard let supersedes = manifest.supersedes else { return [] }
    guard supersedes.generations.isEmpty else { return supersedes.generations }
    guard let old = try entry(db, ofManifest: supersedes.manifestSHA256) else { return [] }
    let before = try entry(db, old.archiveSeq - 1)
    let known = try old.readableManifest(db)
    let earlier = try known.map { try generations(db, before: $0) } ?? []
    return earlier + [
      Manifest.Generation(
        archiveSeq: old.archiveSeq, manifestSHA256: supersedes.manifestSHA256,
        prev: before.flatMap { SHA256Sum($0.manifestSHA256) })
    ]
  }

  /// Gives segments that were superseded, and whose files are gone, their place in the chain again.
  ///
  /// The one that took the place of such a segment names its number and hash. One written by an
  /// earlier version names only the hash: there the segment after it tells the number, and where
  /// that is gone as well the hash gets the number that is left, if there is just one.
  static func insertSuperseded(_ db: Database) throws {
    let manifests = try entries(db).compactMap { entry in
      try entry.readableManifest(db).map {
        (generation: $0.generation, supersedes: $0.supersedes, prev: $0.prev)
      }
    }
    var hashes = Set(manifests.compactMap { $0.supersedes?.manifestSHA256 })
    let rows = try Row.fetchAll(db, sql: "SELECT archive_seq, manifest_sha256 FROM segments")
    var known = Set(rows.map { $0["archive_seq"] as Int64 })
    for row in rows { SHA256Sum(row["manifest_sha256"] as String).map { _ = hashes.remove($0) } }
    for manifest in manifests {
      let generations = manifest.supersedes?.generations ?? []
      for (index, place) in generations.enumerated() {
        hashes.remove(place.manifestSHA256)
        guard known.insert(place.archiveSeq).inserted else { continue }
        try insertSuperseded(
          db, place.archiveSeq, place.manifestSHA256,
          generation: manifest.generation - Int64(generations.count - index))
      }
    }
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
    _ db: Database, _ archiveSeq: Int64, _ hash: SHA256Sum, generation: Int64 = 1
  ) throws {
    let name = "superseded-\(archiveSeq)"
    try db.execute(
      sql: """
        INSERT INTO segments
          (archive_seq, segment_id, file, generation, bytes, raw_bytes, sha256, manifest,
           manifest_sha256, state, archived_at, verified_at, retired)
        VALUES (?, ?, ?, ?, 0, 0, '', x'', ?, 'pruned', 0, 0, 'superseded')
        """, arguments: [archiveSeq, name, name, generation, hash.description])
  }
}
