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

  /// - Parameter streams: the store's numbers of the streams to be erased, each a tombstone.
  /// - Returns: why the new segment has no parity, though the old one has; nil when nothing is amiss.
  /// - Throws: `SegmentError` `.damaged` when the old one can't be copied, ``SigningKeyError`` when it
  ///   is signed and the new one can't be, `StoreError` `.onHold`; nothing was changed.
  func rewrite(_ entry: CatalogEntry, erasing streams: Set<Int64>, reason: String) throws -> String?
  {
    let erased = try tombstones(of: streams, in: entry)
    let old = try SegmentFile(
      source: try folder.source(of: entry.place, at: nil, isWhole: true),
      standInManifest: try store.read { try Catalog.manifest($0.db, entry.archiveSeq) })
    guard let manifest = old.manifest, old.manifestSHA256?.description == entry.manifestSHA256
    else {
      throw ArchiveError.damaged(segment: entry.file, damage: old.damage)
    }
    let identity = try identity(of: entry, manifest, reason)
    let draft = Draft(
      entry: entry, old: manifest, erased: erased, identity: identity,
      name: SegmentName(rewriteOf: manifest, identity), home: home(of: entry))
    try setAside(leftoversOf: draft)
    let segment = try left(draft) ?? written(draft, from: old)
    onStep(.verified)
    let unprotected = archiver.protect(draft.file, like: entry.file)
    let there = try store.read { try Catalog.copies($0.db, of: entry.archiveSeq) }.map(\.target)
    // The first copy may be owed still.
    let first = entry.target.map { there.contains($0) ? [] : [$0] } ?? []
    let copies = try (there + first).map { address in
      let target = try folder.targets.target(address)
      // What a killed run put there is another rewrite of the same segment, which no row names.
      try target.delete(draft.file) { file in
        file.manifestSHA256 != segment.manifestSHA256
          && file.manifest?.supersedes?.manifestSHA256.description == entry.manifestSHA256
      }
      return try archiver.copy(segment, to: target)
    }
    onStep(.copied)
    try record(segment, copies, of: draft)
    onStep(.recorded)
    try archiver.removeStaged()
    try removeRetired()
    onStep(.removed)
    return unprotected
  }

  /// What is to take the place of a segment.
  private struct Draft {
    var entry: CatalogEntry
    var old: Manifest
    /// The streams to be erased, by their index in the manifest.
    var erased: [Int: Tombstone]
    var identity: SegmentIdentity
    var name: SegmentName
    /// Where the file is made.
    var home: ArchiveFolder

    var file: String { name.relativePath }
  }

  /// The streams to be erased by their index in the segment.
  private func tombstones(
    of streams: Set<Int64>, in entry: CatalogEntry
  ) throws -> [Int: Tombstone] {
    try store.read { snapshot in
      var erased: [Int: Tombstone] = [:]
      for range in try Catalog.ranges(snapshot.db, in: entry.archiveSeq)
      where streams.contains(range.stream) {
        erased[range.streamIndex] = try snapshot.stream(numbered: range.stream).tombstone
      }
      return erased
    }
  }

  private func identity(
    of entry: CatalogEntry, _ manifest: Manifest, _ reason: String
  ) throws -> SegmentIdentity {
    let (head, supersession) = try store.read { snapshot in
      (
        try Catalog.chainHead(snapshot.db),
        try Catalog.supersession(snapshot.db, of: entry, manifest, reason: reason)
      )
    }
    guard let head, let supersession else {
      throw ArchiveError.chain(problem: "the catalog has no sound head")
    }
    return SegmentIdentity(
      storeID: store.id, archiveSeq: head.archiveSeq + 1, generation: entry.generation + 1,
      createdAt: archiver.now, writerVersion: archiver.version,
      prev: Manifest.Link(archiveSeq: head.archiveSeq, manifestSHA256: head.manifestSHA256),
      supersedes: supersession)
  }

  /// What killed runs published in this segment's place and did not record goes to quarantine: the
  /// chain has gone on, and another segment has its number.
  private func setAside(leftoversOf draft: Draft) throws {
    let known = Set(try store.read { try Catalog.entries($0.db) }.map(\.file))
    for file in draft.home.files() where !known.contains(file) && file != draft.file {
      guard let manifest = (try? SegmentFile(path: draft.home.file(file)))?.manifest,
        manifest.supersedes?.manifestSHA256.description == draft.entry.manifestSHA256
      else { continue }
      try draft.home.quarantine(file)
    }
  }

  /// What a killed run published under this very name and number, if it is what would be written
  /// now: copies of it may be at targets already, where nothing is written over.
  private func left(_ draft: Draft) throws -> VerifiedSegment? {
    guard draft.home.has(draft.file) else { return nil }
    if let segment = try? verified(draft) {
      // Who gave it its name may have died before that was durable.
      try SegmentWriter.syncFolders(of: draft.name, in: draft.home.path)
      return segment
    }
    try draft.home.quarantine(draft.file)
    return nil
  }

  private func written(_ draft: Draft, from file: SegmentFile) throws -> VerifiedSegment {
    let job = "rewrite-\(draft.entry.archiveSeq)"
    try SegmentWriter.removePartials(of: job, in: draft.home.path)
    let writer = try SegmentWriter(
      directory: draft.home.path, name: draft.name, job: job, identity: draft.identity,
      // What was signed stays signed, or an auditor could not tell it from a forgery.
      signer: draft.old.signingKey == nil ? nil : try archiver.trustedSigner(),
      options: SegmentWriterOptions(level: Int32(clamping: draft.old.writer.level)))
    for index in draft.old.streams.indices {
      if let tombstone = draft.erased[index] {
        try writer.eraseStream(index, of: file, tombstone: tombstone)
      } else {
        try writer.copyStream(index, of: file)
      }
    }
    _ = try writer.seal()
    onStep(.written)
    return try verified(draft)
  }

  /// Reads the new file again, whole, from disk, and holds its manifest against the old one's: a
  /// chunk of the same hash has the same bytes.
  private func verified(_ draft: Draft) throws -> VerifiedSegment {
    let identity = draft.identity
    let segment = try VerifiedSegment(
      verifying: draft.name, in: draft.home,
      SegmentExpectation(
        storeID: store.id, archiveSeq: identity.archiveSeq, generation: identity.generation,
        trustedKeys: try store.read { try SigningKeys.trusted($0.db) }),
      isSigned: draft.old.signingKey != nil)
    guard segment.manifest.prev == identity.prev,
      segment.manifest.supersedes?.generations == identity.supersedes?.generations,
      segment.manifest.isRewrite(of: draft.old, erasing: draft.erased)
    else { throw ArchiveError.damaged(segment: draft.file, damage: []) }
    return segment
  }

  private func record(
    _ segment: VerifiedSegment, _ copies: [CatalogCopy], of draft: Draft
  ) throws {
    let (entry, archiveSeq) = (draft.entry, segment.manifest.archiveSeq)
    // What was said of an erased stream stands in the old manifest. Its hash is enough for the chain.
    let isTelling = draft.erased.keys.contains { draft.old.streams[$0].info.hasWords }
    try store.transaction(now: archiver.now) { transaction in
      let db = transaction.db
      // A hold that was placed meanwhile is stronger.
      for range in try Catalog.ranges(db, in: entry.archiveSeq)
      where draft.erased[range.streamIndex] != nil {
        let record = try transaction.snapshot(of: store).stream(numbered: range.stream)
        if let hold = record.hold { throw StoreError.onHold(record.name, reason: hold) }
      }
      try SigningKeys.checkInUse(db, segment.manifest.signingKey)
      try Catalog.insert(
        db, segment, ranges: [], target: entry.target, copies: copies, at: archiver.now)
      try db.execute(
        sql: "UPDATE segments SET state = ?, archived_at = ? WHERE archive_seq = ?",
        arguments: [entry.state.rawValue, entry.archivedAt.microseconds, archiveSeq])
      try db.execute(
        sql: "UPDATE segment_ranges SET archive_seq = ? WHERE archive_seq = ?",
        arguments: [archiveSeq, entry.archiveSeq])
      try ArchiveJob.move(db, from: entry.archiveSeq, to: archiveSeq)
      try db.execute(
        sql: "DELETE FROM segment_chunks WHERE archive_seq = ?", arguments: [entry.archiveSeq])
      try db.execute(
        sql: """
          UPDATE segments SET retired = 'superseded', manifest = iif(?, x'', manifest)
          WHERE archive_seq = ?
          """, arguments: [isTelling, entry.archiveSeq])
      try transaction.audit(
        "SegmentRewritten",
        fields: [
          ("segment", segment.name.relativePath), ("archiveSeq", String(archiveSeq)),
          ("manifestSHA256", segment.manifestSHA256.description), ("supersedes", entry.file),
          ("reason", segment.manifest.supersedes?.reason ?? ""),
        ], by: archiver.principal)
    }
  }

  /// Deletes the files, with all that lies beside them, of segments that were superseded or deleted.
  func removeRetired() throws {
    let files = RetiredFiles(store: store, folder: folder, now: archiver.now)
    for entry in try files.pending() { try files.remove(entry) }
  }
}

/// The steps of a rewrite; a crash right after any of them loses nothing and erases all the same.
public enum RewriteStep: String, CaseIterable, Sendable {
  /// The key of a user is destroyed, whom the rewrites that follow are to erase.
  case keyDestroyed
  /// The new segment has its final name, durably.
  case written
  /// It was read again from disk and compared with the old one.
  case verified
  /// It is wherever the old one is.
  case copied
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
  /// Whether this has all that `old` has, but for streams that it calls deleted.
  func isRewrite(of old: Manifest) -> Bool {
    let erased = streams.indices.reduce(into: [Int: Tombstone]()) { erased, index in
      let info = streams[index].info
      guard info.lifecycle == .deleted, index < old.streams.count else { return }
      erased[index] = info.tombstone
    }
    return generation > old.generation && isRewrite(of: old, erasing: erased)
  }

  fileprivate func isRewrite(of old: Manifest, erasing erased: [Int: Tombstone]) -> Bool {
    guard streams.count == old.streams.count, chunks.count == old.chunks.count else { return false }
    let sameStreams = streams.indices.allSatisfy { index in
      guard let tombstone = erased[index] else { return streams[index] == old.streams[index] }
      return streams[index].isErased(from: old.streams[index], tombstone)
    }
    return sameStreams
      && zip(chunks, old.chunks).allSatisfy { erased[$0.stream] != nil || $0 == $1 }
  }
}

extension Manifest.Stream {
  fileprivate func isErased(from old: Manifest.Stream, _ tombstone: Tombstone) -> Bool {
    info == old.info.erased(tombstone) && first == old.first && last == old.last
  }
}
