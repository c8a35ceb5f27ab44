internal import Archive
public import EventStore
internal import GRDB
internal import Segments
public import Streams

/// One consistent view of everything ever appended.
public struct HistorySnapshot {
  public let hot: Snapshot
  let folder: ArchiveFolder

  /// The same history for another thread. What was appended never changes: it has at least the
  /// events that this snapshot has.
  public func reopened() throws -> History {
    History(store: try hot.reopenedStore(), folder: folder)
  }

  /// Calls `body` with the events of a stream in `revisions`, in order, until it returns false.
  ///
  /// - Parameter backward: newest first.
  /// - Returns: false when `body` stopped it.
  /// - Throws: what `body` throws; ``HistoryError`` where a segment is missing or damaged: what
  ///   came before it was sound and complete; `StoreError` `.streamDeleted`, and `.corrupt` where
  ///   rows are missing.
  /// - Complexity: O(events); one event costs one row or one frame. Memory: a few frames.
  @discardableResult
  public func forEachEvent(
    of record: StreamRecord, in revisions: ClosedRange<Int64> = 0...Int64.max,
    backward: Bool = false, _ body: (EventView) throws -> Bool
  ) throws -> Bool {
    if let stone = record.tombstone { throw StoreError.streamDeleted(record.name, stone) }
    let last = min(revisions.upperBound, record.events - 1)
    let (first, split) = (max(revisions.lowerBound, record.firstRevision), record.prunedTo)
    func readCold() throws -> Bool {
      guard first <= min(split, last) else { return true }
      return try forEachColdEvent(
        of: record, in: first...min(split, last), backward: backward, body)
    }
    func readHot() throws -> Bool {
      guard max(first, split + 1) <= last else { return true }
      return try forEachHotEvent(
        of: record, in: max(first, split + 1)...last, backward: backward, body)
    }
    return backward ? try readHot() && readCold() : try readCold() && readHot()
  }

  private func forEachHotEvent(
    of record: StreamRecord, in revisions: ClosedRange<Int64>, backward: Bool,
    _ body: (EventView) throws -> Bool
  ) throws -> Bool {
    var served: Int64 = 0
    let goesOn = try hot.forEachHotEvent(of: record.id, in: revisions, backward: backward) {
      served += 1
      return try body($0)
    }
    guard !goesOn || served == Int64(revisions.count) else {
      throw StoreError.corrupt(
        detail: "\(Int64(revisions.count) - served) rows of \(record.name) are missing")
    }
    return goesOn
  }

  private func forEachColdEvent(
    of record: StreamRecord, in revisions: ClosedRange<Int64>, backward: Bool,
    _ body: (EventView) throws -> Bool
  ) throws -> Bool {
    var ranges = try coldRanges(of: record, in: revisions)
    if backward { ranges.reverse() }
    for range in ranges {
      let part = max(range.first, revisions.lowerBound)...min(range.last, revisions.upperBound)
      guard try read(range, part, of: record, backward: backward, body) else { return false }
    }
    return true
  }

  /// The catalog's ranges that cover `revisions`, without a gap.
  private func coldRanges(
    of record: StreamRecord, in revisions: ClosedRange<Int64>
  ) throws -> [CatalogRange] {
    let ranges = try Catalog.ranges(hot.db, of: record.id).filter {
      $0.last >= revisions.lowerBound && $0.first <= revisions.upperBound
    }
    var next = revisions.lowerBound
    for range in ranges {
      guard range.first <= next else { break }
      next = range.last + 1
    }
    guard next > revisions.upperBound else {
      throw HistoryError(
        stream: record.name, revisions: next...revisions.upperBound, segment: nil, cause: nil)
    }
    return ranges
  }

  private func read(
    _ range: CatalogRange, _ part: ClosedRange<Int64>, of record: StreamRecord, backward: Bool,
    _ body: (EventView) throws -> Bool
  ) throws -> Bool {
    guard let entry = try Catalog.entry(hot.db, range.archiveSeq) else {
      throw HistoryError(stream: record.name, revisions: part, segment: nil, cause: nil)
    }
    var reading = ColdReading(part: part, stream: range.streamIndex, backward: backward)
    let chunks = try Catalog.chunks(
      hot.db, of: range.archiveSeq, stream: range.streamIndex, in: part)
    let problem = try go(through: entry, chunks, &reading, body)
    if let problem {
      throw HistoryError(
        stream: record.name, revisions: reading.lost(to: problem), segment: entry.file,
        cause: problem)
    }
    guard reading.wasStopped || reading.rest == nil else {
      throw HistoryError(
        stream: record.name, revisions: reading.rest ?? part, segment: entry.file, cause: nil)
    }
    return !reading.wasStopped
  }

  /// Reads from the first copy of a segment and, where that fails, what is left from the others.
  ///
  /// - Returns: what went wrong; nil when one of the copies had all that was left.
  private func go(
    through entry: CatalogEntry, _ chunks: [SegmentChunk], _ reading: inout ColdReading,
    _ body: (EventView) throws -> Bool
  ) throws -> SegmentError? {
    var problem: SegmentError?
    var damaged: [CatalogCopy?] = []
    for copy in try Catalog.places(hot.db, of: entry) {
      do {
        let source = try folder.source(of: entry, at: copy)
        try reading.go(through: SegmentFile(source: source, chunks: chunks), body)
        return nil
      } catch let error as SegmentError {
        problem = problem ?? error
        if case .damaged = error { damaged.append(copy) }
      }
    }
    // Frames may be missing or moved: the file's own names tell where the others are.
    for copy in damaged {
      do {
        try reading.go(through: try searched(entry, copy), body)
        return nil
      } catch let error as SegmentError {
        problem = error
      }
    }
    return problem
  }

  private func searched(_ entry: CatalogEntry, _ copy: CatalogCopy?) throws -> SegmentFile {
    let source = try folder.source(of: entry, at: copy, isWhole: true)
    let file = try SegmentFile(source: source, standInManifest: entry.manifest)
    guard file.manifestSHA256?.description == entry.manifestSHA256 else {
      throw SegmentError.damaged(
        segment: source.path, .identityMismatch("its manifest is not the one recorded"))
    }
    return file
  }
}

/// How far a read of a segment has come, so that it can go on through another way of opening it.
private struct ColdReading {
  let part: ClosedRange<Int64>
  /// The stream's index in the manifest.
  let stream: Int
  let backward: Bool
  private(set) var wasStopped = false
  private var served: Int64 = 0

  init(part: ClosedRange<Int64>, stream: Int, backward: Bool) {
    self.part = part
    self.stream = stream
    self.backward = backward
  }

  /// What was not served yet; nil when all was.
  var rest: ClosedRange<Int64>? {
    guard served < Int64(part.count) else { return nil }
    return backward
      ? part.lowerBound...(part.upperBound - served) : (part.lowerBound + served)...part.upperBound
  }

  mutating func go(through file: SegmentFile, _ body: (EventView) throws -> Bool) throws {
    guard let rest else { return }
    try file.forEachEvent(
      stream: stream, from: Revision(rest.lowerBound), through: Revision(rest.upperBound),
      backward: backward
    ) { event in
      served += 1
      wasStopped = try !body(event)
      return !wasStopped
    }
  }

  /// The revisions of `rest` that `error` is about.
  func lost(to error: SegmentError) -> ClosedRange<Int64> {
    let rest = rest ?? part
    guard case .damaged(_, let damage) = error, let chunk = damage.chunk else { return rest }
    return rest.clamped(to: chunk.first.rawValue...chunk.last.rawValue)
  }
}
