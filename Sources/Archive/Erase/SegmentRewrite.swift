internal import EventStore
internal import GRDB
internal import Segments
internal import Streams

/// Puts a new generation in the place of a segment, with the events of some streams replaced by lines
/// that say they are erased, and all other streams byte for byte.
///
/// - I1. The old file goes after the new one was synced, read again whole from disk and compared with
///   the old one chunk by chunk, and after the catalog, in one transaction, names the new one.
/// - I2. The new segment is appended to the chain; the old one's row stays, so that it closes.
/// - I3. A crash leaves the old segment in place, or the new one and perhaps the old file, which the
///   next run deletes. What it leaves half-written holds none of the erased events.
struct SegmentRewrite {
  let archiver: Archiver
  let onStep: @Sendable (RewriteStep) -> Void

  private var store: EventStore { archiver.store }
  private var folder: ArchiveFolder { archiver.folder }

  /// Where the new file is made: it goes from there when its first copy is elsewhere.
  private func home(of entry: CatalogEntry) -> ArchiveFolder {
    entry.target == nil ? folder : folder.staging
  }

  /// - Parameter streams: the store's numbers of the streams to be erased.
  /// - Returns: the new segment's file.
  /// - Throws: `SegmentError` `.damaged` when the old one can't be copied; nothing was changed.
  func rewrite(_ entry: CatalogEntry, erasing streams: Set<Int64>, reason: String) throws -> String
  {
    let ranges = try store.read { try Catalog.ranges($0.db, in: entry.archiveSeq) }
    let erased = Set(ranges.filter { streams.contains($0.stream) }.map(\.streamIndex))
    let old = try SegmentFile(
      source: try folder.source(of: entry.place, at: nil, isWhole: true),
      standInManifest: entry.manifest)
    guard let manifest = old.manifest, old.manifestSHA256?.description == entry.manifestSHA256
    else {
      throw ArchiveError.damaged(segment: entry.file, damage: old.damage)
    }
    let name = try write(entry, old, manifest, erasing: erased, reason)
    onStep(.written)
    let segment = try verify(name, entry, manifest, erased)
    onStep(.verified)
    let copies = try store.read { try Catalog.copies($0.db, of: entry.archiveSeq) }
      .map { try archiver.copy(segment, to: try folder.targets.target($0.target)) }
    try record(segment, copies, in: entry, manifest, erased)
    onStep(.recorded)
    try archiver.removeStaged()
    try removeRetired()
    onStep(.removed)
    return name.relativePath
  }

  private func write(
    _ entry: CatalogEntry, _ old: SegmentFile, _ manifest: Manifest, erasing erased: Set<Int>,
    _ reason: String
  ) throws -> SegmentName {
    let head = try store.read { try Catalog.head($0.db) }
    guard let head, let headHash = SHA256Sum(head.manifestSHA256),
      let oldHash = SHA256Sum(entry.manifestSHA256)
    else { throw ArchiveError.chain(problem: "the catalog has no sound head") }
    let identity = SegmentIdentity(
      storeID: store.id, archiveSeq: head.archiveSeq + 1, generation: entry.generation + 1,
      createdAt: archiver.now, writerVersion: archiver.version,
      prev: Manifest.Link(archiveSeq: head.archiveSeq, manifestSHA256: headHash),
      supersedes: Manifest.Supersession(manifestSHA256: oldHash, reason: reason))
    let name = SegmentName(rewriteOf: manifest, identity)
    let job = "rewrite-\(entry.archiveSeq)"
    let home = home(of: entry)
    try SegmentWriter.removePartials(of: job, in: home.path)
    // What a killed run published and did not record is written anew, under another number.
    if home.has(name.relativePath) { try home.quarantine(name.relativePath) }
    let writer = try SegmentWriter(
      directory: home.path, name: name, job: job, identity: identity,
      signer: manifest.signingKey == nil ? nil : try archiver.signer(),
      options: SegmentWriterOptions(level: Int32(clamping: manifest.writer.level)))
    for index in manifest.streams.indices {
      if erased.contains(index) {
        try writer.eraseStream(index, of: old)
      } else {
        try writer.copyStream(index, of: old)
      }
    }
    _ = try writer.seal()
    return name
  }

  /// Reads the new file again, whole, from disk, and holds its manifest against the old one's: a
  /// chunk of the same hash has the same bytes.
  private func verify(
    _ name: SegmentName, _ entry: CatalogEntry, _ old: Manifest, _ erased: Set<Int>
  ) throws -> VerifiedSegment {
    let path = home(of: entry).file(name.relativePath)
    let expected = SegmentExpectation(
      storeID: store.id, generation: entry.generation + 1,
      trustedKeys: try store.read { try SigningKeys.trusted($0.db) })
    let report = SegmentVerifier.verify(path, level: .full, expected: expected)
    guard report.isSound, let manifest = report.manifest, let sha256 = report.fileSHA256,
      let manifestSHA256 = report.manifestSHA256, manifest.isRewrite(of: old, erasing: erased)
    else { throw ArchiveError.damaged(segment: name.relativePath, damage: report.damage) }
    return VerifiedSegment(
      name: name, path: path, bytes: home(of: entry).size(of: name.relativePath), sha256: sha256,
      manifest: manifest, manifestBytes: manifest.encoded, manifestSHA256: manifestSHA256,
      chunks: try SegmentFile(path: path).chunks)
  }

  private func record(
    _ segment: VerifiedSegment, _ copies: [CatalogCopy], in entry: CatalogEntry,
    _ old: Manifest, _ erased: Set<Int>
  ) throws {
    let archiveSeq = segment.manifest.archiveSeq
    // What was said of an erased stream stands in the old manifest. Its hash is enough for the chain.
    let isTelling = erased.contains { index in
      old.streams[index].info.metadata != nil || old.streams[index].info.acl != nil
    }
    try store.write { db in
      try Catalog.insert(
        db, segment, ranges: [], target: entry.target, copies: copies, at: archiver.now)
      try db.execute(
        sql: "UPDATE segments SET state = ?, archived_at = ? WHERE archive_seq = ?",
        arguments: [entry.state.rawValue, entry.archivedAt.microseconds, archiveSeq])
      try db.execute(
        sql: "UPDATE segment_ranges SET archive_seq = ? WHERE archive_seq = ?",
        arguments: [archiveSeq, entry.archiveSeq])
      try db.execute(
        sql: "DELETE FROM segment_chunks WHERE archive_seq = ?", arguments: [entry.archiveSeq])
      try db.execute(
        sql: """
          UPDATE segments SET retired = 'superseded', manifest = iif(?, x'', manifest)
          WHERE archive_seq = ?
          """, arguments: [isTelling, entry.archiveSeq])
    }
  }

  /// Deletes the files, with all that lies beside them, of segments that were superseded.
  func removeRetired() throws {
    let files = RetiredFiles(store: store, folder: folder, now: archiver.now)
    for entry in try files.pending(.superseded) { try files.remove(entry) }
  }
}

/// The steps of a rewrite; a crash right after any of them loses nothing and erases all the same.
public enum RewriteStep: String, CaseIterable, Sendable {
  /// The new segment has its final name, durably.
  case written
  /// It was read again from disk and compared with the old one.
  case verified
  /// The catalog names it in the old one's place.
  case recorded
  /// The old file is gone.
  case removed
}

extension SegmentName {
  /// The next generation of a stream's segment, or of a pack under its new number.
  fileprivate init(rewriteOf manifest: Manifest, _ identity: SegmentIdentity) {
    let isPack = manifest.segmentID.hasPrefix("pack-")
    guard !isPack, let stream = manifest.streams.first else {
      self.init(pack: identity.archiveSeq, generation: identity.generation)
      return
    }
    self.init(
      streamID: Self.streamID(store: identity.storeID, stream: stream.info.name),
      first: stream.first, last: stream.last, generation: identity.generation)
  }
}

extension Manifest {
  /// Whether this has the same streams, those not erased with the same bytes.
  func isRewrite(of old: Manifest, erasing erased: Set<Int>) -> Bool {
    guard streams.count == old.streams.count, chunks.count == old.chunks.count else { return false }
    let sameStreams = streams.indices.allSatisfy { index in
      erased.contains(index)
        ? streams[index].info.name == old.streams[index].info.name
          && streams[index].first == old.streams[index].first
          && streams[index].last == old.streams[index].last
        : streams[index] == old.streams[index]
    }
    return sameStreams
      && zip(chunks, old.chunks).allSatisfy { erased.contains($0.stream) || $0 == $1 }
  }
}
