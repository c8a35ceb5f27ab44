internal import EventStore
internal import GRDB
internal import Segments
internal import Streams

extension Archiver {
  /// Rows deleted in one transaction hold at most about this many bytes of event lines.
  private static let sliceBytes = 4 * 1024 * 1024
  /// Pages given back to the file system in one step.
  private static let vacuumPages = 4096

  /// P8 to P11: deletes the rows of segments whose grace period is over.
  func release(grace: Int64, _ summary: inout Summary) throws {
    let due = try store.read { snapshot in
      try Catalog.entries(snapshot.db).filter {
        $0.state == .archived && $0.archivedAt.microseconds + grace <= now.microseconds
      }
    }
    for entry in due {
      let report = SegmentVerifier.verify(
        folder.file(entry.file), level: .full, expected: entry.expectation(of: store))
      guard report.isSound else {
        try mark(entry, .quarantined)
        summary.quarantined.append(entry.file)
        continue
      }
      onStep(.verifiedAgain)
      summary.released += try release(entry)
    }
    guard !due.isEmpty else { return }
    while try store.vacuum(pages: Self.vacuumPages) > 0 {}
    onStep(.vacuumed)
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
      released += try release(slice, ranges, entry)
      (slice, bytes) = ([], 0)
    }
    released += try release(slice, ranges, entry)
    try mark(entry, .pruned)
    return released
  }

  /// T3: recounts and rehashes the rows, compares with the catalog, deletes, moves the watermark.
  private func release(
    _ slice: [SegmentChunk], _ ranges: [CatalogRange], _ entry: CatalogEntry
  ) throws -> Int64 {
    guard !slice.isEmpty else { return 0 }
    let count = try store.transaction { transaction in
      var count: Int64 = 0
      let snapshot = transaction.snapshot(of: store)
      let encoder = EventLineEncoder()
      for chunk in slice {
        let stream = ranges[chunk.stream].stream
        let revisions = chunk.first.rawValue...chunk.last.rawValue
        // A range that an earlier, killed run released already.
        guard try snapshot.stream(numbered: stream).prunedTo < chunk.last.rawValue else { continue }
        var lines: [UInt8] = []
        try snapshot.forEachHotEvent(of: stream, in: revisions) { row in
          try encoder.append(row, to: &lines)
          return true
        }
        guard SHA256Sum(of: lines) == chunk.sha256 else {
          throw ArchiveError.mismatch(
            segment: entry.file, stream: try snapshot.stream(numbered: stream).name,
            revision: chunk.first)
        }
        count += Int64(
          try HotRows.release(transaction.db, stream: stream, revisions: revisions))
      }
      return count
    }
    onStep(.released)
    return count
  }

  private func mark(_ entry: CatalogEntry, _ state: CatalogEntry.State) throws {
    try store.write { db in
      try db.execute(
        sql: "UPDATE segments SET state = ?, verified_at = ? WHERE archive_seq = ?",
        arguments: [state.rawValue, now.microseconds, entry.archiveSeq])
    }
  }
}
