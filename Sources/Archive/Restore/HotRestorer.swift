public import EventStore
internal import GRDB
internal import Sealing
internal import Segments
public import Streams

/// Puts archived events back into the hot store for a while, as for an investigation.
///
/// - I1. The segments stay the record of truth: each is read whole and verified before, and when the
///   rows are released again, after the expiry, they are compared with it again.
/// - I2. Slices come back newest first, and `pruned_to` falls with each in its transaction: a reader
///   finds every event, in a row or in a segment, whenever it looks.
/// - I3. The expiry is recorded before the first row: no archiver releases what is coming back.
/// - I4. A process that dies anywhere leaves a store that reads the same; the next run goes on.
/// - I5. What is erased does not come back, nor does what is before it, as rows have no gaps. Both are
///   read from their segments as before.
///
/// The stream's lifecycle does not change: an archived one stays read-only.
public struct HotRestorer: Sendable {
  public let store: EventStore
  public let folder: ArchiveFolder
  public let now: Timestamp
  /// Called after each step. It may end the process: that is how the tests do it.
  let onStep: @Sendable (HotRestoreStep) -> Void

  public init(
    store: EventStore, folder: ArchiveFolder, now: Timestamp,
    onStep: @escaping @Sendable (HotRestoreStep) -> Void = { _ in }
  ) {
    self.store = store
    self.folder = folder
    self.now = now
    self.onStep = onStep
  }

  /// What came back.
  public struct Report: Sendable, Hashable {
    public var stream: StreamName
    /// Rows that were imported; those that were there already are not counted.
    public var events: Int64 = 0
    /// The first revision that is in the hot store now.
    public var first: Int64
    public var until: Timestamp
    /// Chunks whose SHA-256 was compared on the way in.
    public var chunks = 0
    /// Revisions that are erased, as their key was destroyed: oldest first, without a gap in each.
    public var erased: [ClosedRange<Int64>] = []
    public var segments: [VerifiedSource] = []
  }

  /// Brings the revisions of `name` from `first` on back, and keeps them until `expiry`.
  ///
  /// Whole chunks come back, so that a few revisions before `first` may be among them. For a stream
  /// that is restored already only the expiry changes, later or earlier; an expiry that is not later
  /// than now ends a restore, and brings nothing back.
  ///
  /// - Parameters:
  ///   - stop: asked between two chunks; what came back stays, and is gone on from.
  ///   - progress: events done and to do.
  /// - Throws: ``ArchiveError`` `.damaged` and `SubjectKeyError` before anything changed, `.locked`;
  ///   `Stopped`; `StoreError` `.streamNotFound`, `.streamDeleted`; `SegmentError`.
  public func restore(
    _ name: StreamName, from first: Int64 = 0, until expiry: Timestamp, by principal: Principal,
    reason: String, stop: StopRequest = .never,
    progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
  ) throws -> Report {
    try folder.withLock(for: store) {
      let record = try store.read { try $0.readableStream(name) }
      let sources =
        try expiry > now ? store.read { try self.sources(of: record, from: first, $0) } : []
      try checkKeys(of: sources)
      var report = Report(stream: name, first: record.prunedTo + 1, until: expiry)
      report.segments = try sources.map {
        try RestoreCheck(store, folder).verified($0.entry, stop: stop)
      }
      onStep(.verified)
      try open(record, from: first, until: expiry, sources, principal, reason)
      onStep(.opened)
      let total = sources.isEmpty ? 0 : max(0, record.prunedTo + 1 - first)
      for source in sources.reversed() {
        try importRows(of: record, source, from: first, &report) { done in
          try stop.check(done, of: total, "events")
          progress(done, total)
        }
      }
      return report
    }
  }

  /// A segment, and the chunks of it that hold what is to come back, oldest first.
  private struct Source {
    var entry: CatalogEntry
    var chunks: [SegmentChunk]
  }

  private func sources(
    of record: StreamRecord, from first: Int64, _ snapshot: Snapshot
  ) throws -> [Source] {
    guard first <= record.prunedTo else { return [] }
    let wanted = first...record.prunedTo
    return try Catalog.ranges(snapshot.db, of: record.id)
      .filter { $0.first <= wanted.upperBound && $0.last >= wanted.lowerBound }
      .compactMap { range in
        guard let entry = try Catalog.entry(snapshot.db, range.archiveSeq) else { return nil }
        return Source(
          entry: entry,
          chunks: try Catalog.chunks(
            snapshot.db, of: range.archiveSeq, stream: range.streamIndex, in: wanted))
      }
  }

  /// Keys that can't be asked are not taken for destroyed ones, and are not found out half-way.
  private func checkKeys(of sources: [Source]) throws {
    for subject in Set(sources.flatMap { $0.chunks.compactMap(\.subject) }) {
      _ = try store.subjectKeys.identity(subject)
    }
  }

  /// Records that the stream is restored, until when, by whom and why, before its first row is.
  private func open(
    _ record: StreamRecord, from first: Int64, until expiry: Timestamp, _ sources: [Source],
    _ principal: Principal, _ reason: String
  ) throws {
    try store.transaction(now: now) { transaction in
      try transaction.db.execute(
        sql: "UPDATE streams SET restored_until = ? WHERE id = ?",
        arguments: [expiry.microseconds, record.id])
      for source in sources {
        try transaction.db.execute(
          sql: "UPDATE segments SET state = 'archived' WHERE archive_seq = ? AND state = 'pruned'",
          arguments: [source.entry.archiveSeq])
      }
      try transaction.audit(
        "StreamRestored",
        fields: [
          ("name", record.name.rawValue), ("into", "hot store"), ("from", String(first)),
          ("until", expiry.rfc3339), ("reason", reason),
        ], by: principal)
    }
  }

  private func importRows(
    of record: StreamRecord, _ source: Source, from first: Int64, _ report: inout Report,
    progress: (Int64) throws -> Void
  ) throws {
    let file = SegmentFile(
      source: try folder.source(of: source.entry.place, at: nil), chunks: source.chunks,
      keys: store.subjectKeys.keyring)
    var buffer = try ChunkBuffer()
    for index in source.chunks.indices.reversed() {
      try file.readChunk(index, into: &buffer)
      if let erased = try erasedRevisions(in: source.chunks[index], through: record, &buffer) {
        report.add(erased)
      }
      guard report.erased.isEmpty else { continue }
      report.events += try importRows(of: record.name, source.chunks[index], &buffer)
      report.first = min(report.first, source.chunks[index].first.rawValue)
      report.chunks += 1
      onStep(.imported)
      try progress(report.events)
    }
  }

  /// From the first to the last revision in a chunk that is erased; nil when none is.
  private func erasedRevisions(
    in chunk: SegmentChunk, through record: StreamRecord, _ buffer: inout ChunkBuffer
  ) throws -> ClosedRange<Int64>? {
    guard chunk.first.rawValue <= record.prunedTo else { return nil }
    var erased: ClosedRange<Int64>?
    let last = Revision(min(chunk.last.rawValue, record.prunedTo))
    _ = try buffer.forEachEvent(chunk.first...last) { event in
      guard event.isErased else { return true }
      let revision = event.revision.rawValue
      erased = (erased?.lowerBound ?? revision)...revision
      return true
    }
    return erased
  }

  /// One slice: a chunk's rows, and the watermark before them.
  private func importRows(
    of name: StreamName, _ chunk: SegmentChunk, _ buffer: inout ChunkBuffer
  ) throws -> Int64 {
    try store.transaction { transaction in
      let record = try transaction.snapshot(of: store).readableStream(name)
      guard chunk.first.rawValue <= record.prunedTo else { return 0 }
      var rows = try RowImport(transaction.db, into: record, of: store)
      let last = Revision(min(chunk.last.rawValue, record.prunedTo))
      _ = try buffer.forEachEvent(chunk.first...last) { event in
        try rows.insert(event)
        return true
      }
      return try rows.finish()
    }
  }
}

extension HotRestorer.Report {
  /// - Parameter revisions: before those that were added.
  fileprivate mutating func add(_ revisions: ClosedRange<Int64>) {
    guard let next = erased.first, next.lowerBound == revisions.upperBound + 1 else {
      return erased.insert(revisions, at: 0)
    }
    erased[0] = revisions.lowerBound...next.upperBound
  }
}

/// The steps of a restore into the hot store; a crash right after any of them loses nothing.
public enum HotRestoreStep: String, CaseIterable, Sendable {
  /// Every segment that is needed was read whole and found sound.
  case verified
  /// The expiry is recorded, and `$audit` has who and why.
  case opened
  /// One slice of rows is back.
  case imported
}
