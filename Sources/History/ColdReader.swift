internal import Archive
internal import Segments
internal import Streams

/// Reads what is in segments.
struct ColdReader {
  let folder: ArchiveFolder
  let cache: ChunkCache
  /// Opens what is sealed.
  let keys: Keyring
  /// How many threads decompress ahead, beside the caller's.
  let threads: Int

  /// Calls `body` with the events of `range`, in order or against it, until it returns false.
  ///
  /// - Parameter manifest: fetches the segment's manifest from the catalog, when the file's own way
  ///   of explaining itself is needed.
  /// - Returns: false when `body` stopped it.
  /// - Throws: what `body` throws, as a ``CallerError``; ``HistoryError`` at the first part that
  ///   can't be read.
  func forEachEvent(
    in range: ColdRange, backward: Bool, manifest: () throws -> [UInt8]?,
    _ body: (EventView) throws -> Bool
  ) throws -> Bool {
    var reading = ColdReading(range, backward: backward)
    if let problem = try go(through: range, manifest, &reading, body) {
      throw HistoryError(
        stream: range.stream, revisions: reading.lost(to: problem), segment: range.place.file,
        cause: problem)
    }
    guard reading.wasStopped || reading.rest == nil else {
      throw HistoryError(
        stream: range.stream, revisions: reading.rest ?? range.revisions,
        segment: range.place.file, cause: nil)
    }
    return !reading.wasStopped
  }

  /// Reads from the first copy of a segment and, where that fails, what is left from the others.
  ///
  /// - Returns: what went wrong; nil when one of the copies had all that was left.
  private func go(
    through range: ColdRange, _ manifest: () throws -> [UInt8]?, _ reading: inout ColdReading,
    _ body: (EventView) throws -> Bool
  ) throws -> SegmentError? {
    var problem: SegmentError?
    var damaged: [CatalogCopy?] = []
    for copy in range.copies {
      do {
        try reading.go(
          through: SegmentFile(source: source(range, copy), chunks: range.chunks, keys: keys),
          self, body)
        return nil
      } catch let error as SegmentError {
        problem = problem ?? error
        if case .damaged = error { damaged.append(copy) }
      }
    }
    // Frames may be missing or moved: the file's own names tell where the others are.
    for copy in damaged {
      do {
        try reading.go(through: try searched(range, copy, manifest), self, body)
        return nil
      } catch let error as SegmentError {
        problem = error
      }
    }
    return problem
  }

  private func searched(
    _ range: ColdRange, _ copy: CatalogCopy?, _ manifest: () throws -> [UInt8]?
  ) throws -> SegmentFile {
    let source = try folder.source(of: range.place, at: copy, isWhole: true)
    let file = try SegmentFile(
      source: source, standInManifest: try manifest(), keys: keys)
    guard file.manifestSHA256?.description == range.place.manifestSHA256 else {
      throw SegmentError.damaged(
        segment: file.path, .identityMismatch("its manifest is not the one recorded"))
    }
    return file
  }

  /// Opened only if the cache does not have what is wanted.
  private func source(_ range: ColdRange, _ copy: CatalogCopy?) -> any ByteSource {
    let (folder, place) = (folder, range.place)
    let path =
      (copy?.target ?? place.target).map { "\($0)/\(place.file)" }
      ?? folder.file(place.file)
    return LateSource(path: path) { () throws(SegmentError) in
      try folder.source(of: place, at: copy)
    }
  }
}

/// What a caller's body threw: never to be taken for damage of the segment that was being read, though
/// it may be of the same type, as where events are copied into another segment.
struct CallerError: Error {
  let cause: any Error

  /// Runs `body`, and throws what its caller threw as it was.
  static func passing<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as CallerError { throw error.cause }
  }
}

/// How far a read of a segment has come, so that it can go on through another way of opening it.
private struct ColdReading {
  private let range: ColdRange
  private let backward: Bool
  private(set) var wasStopped = false
  private var served: Int64 = 0

  init(_ range: ColdRange, backward: Bool) {
    self.range = range
    self.backward = backward
  }

  /// What was not served yet; nil when all was.
  var rest: ClosedRange<Int64>? { range.revisions.dropping(served, backward: backward) }

  mutating func go(
    through file: SegmentFile, _ reader: ColdReader, _ body: (EventView) throws -> Bool
  ) throws {
    guard let rest else { return }
    try file.forEachEvent(
      stream: range.streamIndex, from: Revision(rest.lowerBound),
      through: Revision(rest.upperBound), backward: backward, threads: reader.threads,
      // What a check found damaged is read from where the damage is.
      cache: range.place.isQuarantined ? nil : reader.cache
    ) { event in
      served += 1
      do { wasStopped = try !body(event) } catch { throw CallerError(cause: error) }
      return !wasStopped
    }
  }

  /// The revisions of ``rest`` that `error` is about.
  func lost(to error: SegmentError) -> ClosedRange<Int64> {
    let rest = rest ?? range.revisions
    guard case .damaged(_, let damage) = error, let chunk = damage.chunk else { return rest }
    return rest.clamped(to: chunk.first.rawValue...chunk.last.rawValue)
  }
}

extension ClosedRange<Int64> {
  /// Without the first `count` of them, or when `backward` the last; nil when none is left.
  func dropping(_ count: Int64, backward: Bool) -> ClosedRange<Int64>? {
    guard count < upperBound - lowerBound + 1 else { return nil }
    return backward ? lowerBound...(upperBound - count) : (lowerBound + count)...upperBound
  }
}
