internal import EventStore
internal import GRDB
internal import Segments
internal import Streams

/// Whether the catalog's segments form one chain that nothing was taken out of.
///
/// A segment without a file must be accounted for: that its row says so proves nothing, as whoever
/// takes a segment away can write the catalog, too. See ``Succession``.
struct ChainCheck {
  private let storeID: String
  /// All of the catalog, in the order of their numbers; retired ones keep their place. Their
  /// manifests are read one by one.
  private let entries: [CatalogEntry]
  private let snapshot: Snapshot

  init(storeID: String, _ snapshot: Snapshot) throws {
    self.storeID = storeID
    self.snapshot = snapshot
    entries = try Catalog.entries(snapshot.db)
  }

  /// What is wrong, as sentences without a full stop; empty when the chain closes.
  ///
  /// The heads at which signing keys were retired must still be in it, too: up to them the signatures of
  /// those keys count.
  ///
  /// - Parameter published: heads that were kept elsewhere; each must still be in the chain.
  func problems(published: [ChainHead] = []) throws -> [String] {
    var problems: [String] = []
    var succession = Succession()
    var before: CatalogEntry?
    for entry in entries {
      let expected = (before?.archiveSeq ?? 0) + 1
      if entry.archiveSeq != expected {
        problems.append("segment \(expected) is missing from the catalog")
      }
      let manifest = try manifest(of: entry, &problems)
      if let manifest, entry.archiveSeq == expected, !follows(manifest, before) {
        problems.append("\(entry.file) does not follow the segment before it")
      }
      succession.add(entry, manifest, after: before)
      before = entry
    }
    problems += try succession.problems { stream, entry in try isGone(stream, in: entry) }
    let retirements = try SigningKeys.entries(snapshot.db).compactMap { key in
      try key.retiredHead.flatMap {
        try problem(with: $0, "was the head when key \(key.id) was retired")
      }
    }
    return try problems
      + published.compactMap { try problem(with: $0, "was published as the head") } + retirements
  }

  /// The catalog's copy of a manifest; nil when there is none that can be believed.
  private func manifest(
    of entry: CatalogEntry, _ problems: inout [String]
  ) throws -> Manifest? {
    // Of a segment that was rewritten to erase somebody the hash may be all that is kept.
    guard !entry.isManifestErased else { return nil }
    let bytes = try Catalog.manifest(snapshot.db, entry.archiveSeq) ?? []
    let isSound = SHA256Sum(of: bytes).description == entry.manifestSHA256
    if !isSound {
      problems.append("the catalog's manifest of \(entry.file) does not match its hash")
    }
    guard let manifest = try? Manifest(decoding: bytes) else {
      problems.append("the catalog's manifest of \(entry.file) can't be read")
      return nil
    }
    if manifest.archiveSeq != entry.archiveSeq || manifest.storeID != storeID
      || manifest.generation != entry.generation || manifest.segmentID != entry.segmentID
    {
      problems.append("the catalog's manifest of \(entry.file) is another segment's")
    }
    return isSound ? manifest : nil
  }

  private func follows(_ manifest: Manifest, _ before: CatalogEntry?) -> Bool {
    manifest.prev?.manifestSHA256.description == before?.manifestSHA256
      && manifest.prev?.archiveSeq == before?.archiveSeq
  }

  /// Whether a stream of a segment that was deleted is a tombstone, and was not held when it became
  /// one: a hold that came later does not bring it back.
  private func isGone(_ stream: StreamName, in entry: CatalogEntry) throws -> Bool {
    try Bool.fetchOne(
      snapshot.db,
      sql: """
        SELECT EXISTS (
          SELECT * FROM streams WHERE name = ? AND status = 'deleted' AND hold_reason IS NULL
            AND NOT EXISTS (
              SELECT * FROM holds
              WHERE placed_at <= deleted_at AND (name GLOB pattern OR segment = ?)))
        """, arguments: [stream.rawValue, entry.archiveSeq]) ?? false
  }

  /// - Parameter past: what it once was, as the end of a sentence.
  private func problem(with head: ChainHead, _ past: String) throws -> String? {
    guard let entry = entries.first(where: { $0.archiveSeq == head.archiveSeq }) else {
      return "segment \(head.archiveSeq) \(past), and is not in the catalog"
    }
    let hash =
      entry.isManifestErased
      ? SHA256Sum(entry.manifestSHA256)
      : try Catalog.manifest(snapshot.db, entry.archiveSeq).map { SHA256Sum(of: $0) }
    guard hash == head.manifestSHA256 else {
      return "segment \(head.archiveSeq) is not the one that \(past)"
    }
    return nil
  }
}
