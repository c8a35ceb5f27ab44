internal import EventStore
internal import GRDB
internal import Segments
internal import Streams

/// Takes one segment into the catalog.
struct Adoption {
  let candidate: Candidate
  /// The catalog has its row, without all that belongs to it.
  let isKnown: Bool
  /// Its keys open what is sealed: the ids of the events are inside.
  let store: EventStore

  private var segment: VerifiedSegment { candidate.segment }
  private var archiveSeq: Int64 { segment.manifest.archiveSeq }

  init(_ candidate: Candidate, isKnown: Bool, in store: EventStore) {
    self.candidate = candidate
    self.isKnown = isKnown
    self.store = store
  }

  /// - Parameter isReplaced: only its place in the chain is recorded.
  /// - Returns: how many events the store had not known.
  /// - Throws: ``ReindexProblem`` `.contradiction`; nothing is changed then.
  func run(_ db: Database, isReplaced: Bool, now: Timestamp) throws -> Int64 {
    var added: Int64 = 0
    var ranges: [JobRange] = []
    if !isReplaced {
      try retireSuperseded(db)
      let file = try SegmentFile(
        source: candidate.source, keys: store.subjectKeys.keyring)
      for index in segment.manifest.streams.indices {
        let stream = segment.manifest.streams[index]
        let (number, count) = try adopt(index, of: file, db)
        added += count
        let range = JobRange(
          stream: number, first: stream.first.rawValue, last: stream.last.rawValue,
          isWhole: false, retainUntil: stream.info.retainUntil)
        // What was promised when it was archived outlives the store that promised it.
        try range.recordRetention(db)
        ranges.append(range)
      }
    }
    try record(db, ranges, isReplaced: isReplaced)
    if candidate.isDamaged {
      try db.execute(
        // What a sound copy of it would be like is not known yet.
        sql:
          "UPDATE segments SET state = 'quarantined', sha256 = '', bytes = 0 WHERE archive_seq = ?",
        arguments: [archiveSeq])
    } else {
      try Catalog.settle(db, archiveSeq, verifiedAt: now)
    }
    try ReindexTally.add(db, newEvents: added)
    return added
  }

  private func record(_ db: Database, _ ranges: [JobRange], isReplaced: Bool) throws {
    if isKnown {
      try Catalog.reindex(db, segment, ranges: ranges)
    } else if isReplaced {
      var chain = segment
      chain.chunks = []
      // An earlier reindex may have known no more of it than its hash.
      try db.execute(
        sql: "DELETE FROM segments WHERE archive_seq = ? AND retired = 'superseded'",
        arguments: [archiveSeq])
      try insert(db, chain, ranges: [])
      try db.execute(
        sql: "UPDATE segments SET retired = 'superseded' WHERE archive_seq = ?",
        arguments: [archiveSeq])
    } else {
      try insert(db, segment, ranges: ranges)
    }
  }

  private func insert(
    _ db: Database, _ segment: VerifiedSegment, ranges: [JobRange]
  ) throws {
    try Catalog.insert(
      db, segment, ranges: ranges, target: candidate.target, copies: candidate.copies,
      at: segment.manifest.createdAt)
  }

  /// Anybody can write a file that says it takes another's place: it must have what the other had.
  private func retireSuperseded(_ db: Database) throws {
    for old in segment.manifest.supersedes?.hashes ?? [] {
      if let entry = try Catalog.entry(db, ofManifest: old), entry.retired == nil,
        let manifest = try entry.readableManifest(db)
      {
        let isRewrite = segment.manifest.isRewrite(of: manifest) && !candidate.isDamaged
        guard isRewrite, manifest.signingKey == nil || candidate.isVouchedFor else {
          throw ReindexProblem.chain("it is no rewrite of \(entry.file), whose place it claims")
        }
      }
      let number = try Int64.fetchOne(
        db,
        sql: """
          UPDATE segments SET retired = 'superseded' WHERE manifest_sha256 = ? RETURNING archive_seq
          """, arguments: [old.description])
      if let number { try Catalog.deleteIndex(db, number) }
    }
  }

  /// Makes the store know one of the segment's streams: a deleted one by its tombstone.
  private func adopt(
    _ index: Int, of file: SegmentFile, _ db: Database
  ) throws -> (stream: Int64, added: Int64) {
    let stream = segment.manifest.streams[index]
    var events = try ArchivedEvents(
      db, of: stream.info.name, in: store, createdAt: stream.firstAt)
    guard !events.isDeleted else { return (events.stream, 0) }
    for run in readableRuns(of: index) {
      try file.forEachEvent(stream: index, from: run.lowerBound, through: run.upperBound) { event in
        // Of an erased event there is nothing to know but that it was.
        guard try event.isErased || events.add(event) != .contradicted else {
          throw ReindexProblem.contradiction(stream.info.name, event.revision)
        }
        return true
      }
    }
    guard events.reaches(stream.last, stream.lastPosition) else {
      throw ReindexProblem.contradiction(stream.info.name, stream.last)
    }
    let added = try events.finish(
      last: stream.last,
      ArchivedEvents.Description(
        status: stream.info.lifecycle, permissions: stream.info.acl, metadata: stream.info.metadata,
        hold: stream.info.legalHold,
        tombstone: stream.info.lifecycle == .deleted ? tombstone(of: stream) : nil))
    return (events.stream, added)
  }

  /// A manifest of an earlier version says only that the stream is deleted.
  private func tombstone(of stream: Manifest.Stream) -> Tombstone {
    stream.info.tombstone
      ?? Tombstone(
        deletedAt: segment.manifest.createdAt, deletedBy: .system,
        reason: segment.manifest.supersedes?.reason ?? "")
  }

  /// The stream's revisions without those in damaged chunks.
  private func readableRuns(of stream: Int) -> [ClosedRange<Revision>] {
    var spans = RevisionSpans()
    for (index, chunk) in segment.manifest.chunks.enumerated()
    where chunk.stream == stream && candidate.readable.contains(index) {
      spans.insert(chunk.first.rawValue...chunk.last.rawValue)
    }
    return spans.spans.map { Revision($0.lowerBound)...Revision($0.upperBound) }
  }
}
