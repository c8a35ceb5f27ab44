internal import EventStore
internal import GRDB
internal import Segments
internal import Streams

extension Archiver {
  /// Rows deleted in one transaction hold at most about this many bytes of event lines.
  private static let sliceBytes = 4 * 1024 * 1024
  /// Pages given back to the file system in one step.
  private static let vacuumPages = 4096

  /// P8 to P11: deletes the rows of segments whose grace period is over, and shrinks the file.
  ///
  /// - Parameter only: files of the segments to look at; nil for all.
  func release(
    grace: Int64, only: Set<String>?, _ stop: StopRequest, _ summary: inout Summary
  ) throws {
    let due = try store.read { snapshot in
      let owing = Set(try ArchiveJob.owing(snapshot.db).map(\.archiveSeq))
      return try Catalog.living(snapshot.db).filter {
        $0.state == .archived && $0.archivedAt.microseconds + grace <= now.microseconds
          && only?.contains($0.file) ?? true && !owing.contains($0.archiveSeq)
      }
    }
    for entry in due where try store.read({ try mayRelease(entry, $0) }) {
      if stop.isMade {
        summary.wasStopped = true
        break
      }
      // A target that is away, or rows that are not the segment's, keep these rows and no others.
      _ = try attempt(entry.file, &summary) { summary in
        guard try isSound(entry) else {
          try quarantine(entry)
          return summary.quarantined.append(entry.file)
        }
        onStep(.verifiedAgain)
        summary.released += try release(entry)
      }
    }
    try vacuum()
  }

  /// P9: whether the first copy is whole, read again, and the others are there.
  ///
  /// - Throws: ``TargetError``, `SegmentError` `.unavailable` when nobody can tell now;
  ///   ``ArchiveError`` `.untrusted`.
  private func isSound(_ entry: CatalogEntry) throws -> Bool {
    try checkCopies(of: entry)
    let report = folder.verify(entry, try entry.expectation(of: store), level: .full)
    if let reason = report.unavailability {
      throw SegmentError.unavailable(segment: entry.file, reason: reason)
    }
    // It is whole, and may still be a stranger's: its rows stay till somebody says whose key it is.
    if report.isSound, let key = report.untrustedKey {
      throw ArchiveError.untrusted(segment: entry.file, key: key)
    }
    return report.isSound
  }

  /// P11, whatever was due now: a run that was killed may have left free pages.
  private func vacuum() throws {
    let free = try store.read { try Int.fetchOne($0.db, sql: "PRAGMA freelist_count") ?? 0 }
    guard free > 0 else { return }
    // A file that can't shrink, because it was made by something else, must not hold us up.
    var left = free
    while case let now = try store.vacuum(pages: Self.vacuumPages), now > 0, now < left {
      left = now
    }
    onStep(.vacuumed)
  }

  /// Nothing on legal hold or restored for a while is released, and a stream's rows go in order: a
  /// segment waits while one before it is quarantined.
  private func mayRelease(_ entry: CatalogEntry, _ snapshot: Snapshot) throws -> Bool {
    try Catalog.ranges(snapshot.db, in: entry.archiveSeq).allSatisfy { range in
      let record = try snapshot.stream(numbered: range.stream)
      return HeldBack(record, from: range.first, prunedTo: record.prunedTo, now: now) == nil
    }
  }

  private func release(_ entry: CatalogEntry) throws -> Int64 {
    let (ranges, chunks) = try store.read { snapshot in
      (
        try Catalog.ranges(snapshot.db, in: entry.archiveSeq),
        try Catalog.chunks(snapshot.db, of: entry.archiveSeq)
      )
    }
    var released: Int64 = 0
    var slice: [SegmentChunk] = []
    var bytes = 0
    for chunk in chunks {
      slice.append(chunk)
      bytes += chunk.bytes
      guard bytes >= Self.sliceBytes else { continue }
      guard let count = try release(slice, ranges, entry) else { return released }
      released += count
      (slice, bytes) = ([], 0)
    }
    guard let count = try release(slice, ranges, entry) else { return released }
    released += count
    try store.write { db in
      try db.execute(
        sql: """
          UPDATE segments SET state = 'pruned', verified_at = ?
          WHERE archive_seq = ? AND state = 'archived' AND retired IS NULL
          """, arguments: [now.microseconds, entry.archiveSeq])
      try db.execute(
        sql: """
          UPDATE streams SET restored_until = NULL
          WHERE restored_until <= ? AND id IN (
            SELECT stream FROM segment_ranges WHERE archive_seq = ? AND last <= pruned_to)
          """, arguments: [now.microseconds, entry.archiveSeq])
    }
    onStep(.pruned)
    return released
  }

  /// T3: recounts and rehashes the rows, compares with the catalog, deletes, moves the watermark.
  ///
  /// - Returns: how many; nil, with nothing deleted, when something forbids it that came up since the
  ///   segment was read again: a hold, a restore, damage found by a check.
  private func release(
    _ slice: [SegmentChunk], _ ranges: [CatalogRange], _ entry: CatalogEntry
  ) throws -> Int64? {
    guard !slice.isEmpty else { return 0 }
    let expected = try expectations(of: slice, ranges, entry)
    let count: Int64? = try store.transaction { transaction in
      var count: Int64 = 0
      let snapshot = transaction.snapshot(of: store)
      guard try Catalog.entry(snapshot.db, entry.archiveSeq)?.state == .archived,
        try mayRelease(entry, snapshot)
      else { return nil }
      let encoder = EventLineEncoder()
      for (chunk, hash) in expected {
        let stream = ranges[chunk.stream].stream
        let revisions = chunk.first.rawValue...chunk.last.rawValue
        let record = try snapshot.stream(numbered: stream)
        guard hasRows(of: chunk, record) else { continue }
        var lines: [UInt8] = []
        try snapshot.forEachHotEvent(of: stream, in: revisions) { row in
          try encoder.append(row, to: &lines)
          return true
        }
        guard SHA256Sum(of: lines) == hash else {
          throw ArchiveError.mismatch(
            segment: entry.file, stream: record.name, revision: chunk.first)
        }
        count += Int64(
          try HotRows.release(transaction.db, stream: stream, revisions: revisions))
      }
      return count
    }
    guard let count else { return nil }
    onStep(.released)
    return count
  }

  /// The chunks that have rows still, each with the hash that these must have. It is found out before
  /// the transaction, in which nobody can append: the segment may be far away.
  private func expectations(
    of slice: [SegmentChunk], _ ranges: [CatalogRange], _ entry: CatalogEntry
  ) throws -> [(chunk: SegmentChunk, hash: SHA256Sum)] {
    let chunks = try store.read { snapshot in
      try slice.filter {
        hasRows(of: $0, try snapshot.stream(numbered: ranges[$0.stream].stream))
      }
    }
    return try chunks.map { ($0, try linesHash(of: $0, in: entry)) }
  }

  /// A deleted stream has none; what an earlier, killed run released is gone already.
  private func hasRows(of chunk: SegmentChunk, _ record: StreamRecord) -> Bool {
    record.status != .deleted && record.prunedTo < chunk.last.rawValue
  }

  /// SHA-256 of a chunk's event lines. Of an encrypted one only its key can tell.
  private func linesHash(of chunk: SegmentChunk, in entry: CatalogEntry) throws -> SHA256Sum {
    guard chunk.subject != nil else { return chunk.sha256 }
    var buffer = try ChunkBuffer()
    try SegmentFile(
      source: try folder.source(of: entry.place, at: nil), chunks: [chunk],
      keys: store.subjectKeys.keyring
    ).readChunk(0, into: &buffer)
    return buffer.withBytes { SHA256Sum(of: $0) }
  }

  private func quarantine(_ entry: CatalogEntry) throws {
    try store.write { try Catalog.quarantine($0, entry.archiveSeq) }
  }
}
