internal import EventStore
internal import GRDB
internal import Segments
internal import Streams

/// Holds a sound segment against the store: its row in the catalog, and every event against the
/// hot row while there is one, or else against the id, revision and fingerprint that stay.
///
/// Memory: one chunk.
struct StoreComparison {
  private let entry: CatalogEntry
  private let file: SegmentFile
  private let snapshot: Snapshot
  private var known: KnownEvents
  private var isSealed = false
  private var differences: [SegmentCheck.Difference] = []

  init(_ entry: CatalogEntry, _ file: SegmentFile, _ snapshot: Snapshot) throws {
    self.entry = entry
    self.file = file
    self.snapshot = snapshot
    known = try KnownEvents(snapshot)
  }

  /// What the segment and the store do not agree on; one difference a chunk at most.
  ///
  /// - Complexity: O(events), an index seek each.
  mutating func run() throws -> [SegmentCheck.Difference] {
    guard let manifest = file.manifest else { return [] }
    let ranges = try Catalog.ranges(snapshot.db, in: entry.archiveSeq)
    let streams = try ranges.map { try snapshot.stream(numbered: $0.stream) }
    let agrees =
      ranges.count == manifest.streams.count
      && ranges.indices.allSatisfy { index in
        let stream = manifest.streams[index]
        return ranges[index].streamIndex == index && stream.info.name == streams[index].name
          && stream.first.rawValue == ranges[index].first
          && stream.last.rawValue == ranges[index].last
      }
    guard agrees else {
      return [.init(stream: nil, revisions: nil, says: "the catalog has other streams or ranges")]
    }
    guard try Catalog.chunks(snapshot.db, of: entry.archiveSeq) == file.chunks else {
      return [.init(stream: nil, revisions: nil, says: "the catalog has other chunks")]
    }
    var buffer = try ChunkBuffer()
    for (index, chunk) in file.chunks.enumerated() {
      let stream = streams[chunk.stream]
      // A deleted stream has no rows, and its ids are gone.
      guard stream.status != .deleted else { continue }
      // What can't be read was told by the verification.
      guard (try? file.readChunk(index, into: &buffer)) != nil else { continue }
      isSealed = chunk.subject != nil
      try compare(&buffer, chunk, stream)
    }
    return differences
  }

  private mutating func compare(
    _ buffer: inout ChunkBuffer, _ chunk: SegmentChunk, _ stream: StreamRecord
  ) throws {
    var rows: HotCursor?
    defer { rows?.close() }
    var found: SegmentCheck.Difference?
    _ = try buffer.forEachEvent(chunk.first...chunk.last) { event in
      // Its key is not there: its hash was checked, and no more can be. But nobody erases single
      // events of a stream that lives.
      guard !event.isErased else {
        if isSealed { return true }
        found = .init(
          stream: stream.name, revisions: event.revision.rawValue...event.revision.rawValue,
          says: "is erased, though its stream is not")
        return false
      }
      let says: String?
      if event.revision.rawValue > stream.prunedTo {
        if rows == nil {
          rows = try snapshot.hotEvents(
            of: stream.id, in: event.revision.rawValue...chunk.last.rawValue)
        }
        says = try rows?.next().map { $0.isSame(as: event) } == true ? nil : "differs from its row"
      } else {
        says = try known.compare(event, of: stream).complaint
      }
      guard let says else { return true }
      found = .init(
        stream: stream.name, revisions: event.revision.rawValue...event.revision.rawValue,
        says: says)
      return false
    }
    if let found { differences.append(found) }
  }
}

extension KnownEvents.Finding {
  fileprivate var complaint: String? {
    switch self {
    case .same: nil
    case .unknown: "has an id that was never appended"
    case .elsewhere(let revision): "was appended as revision \(revision)"
    case .different: "is not what was appended"
    }
  }
}

/// Looks for events of the store that are neither in a row nor in a segment.
struct MissingEvents {
  let snapshot: Snapshot

  func find(_ stop: StopRequest) throws -> [SegmentCheck.Difference] {
    let known = try KnownEvents(snapshot)
    var missing: [SegmentCheck.Difference] = []
    for record in try snapshot.streams() where record.status != .deleted && !stop.isMade {
      missing += try gaps(in: record)
      let events = try known.count(of: record.id)
      if events != record.events {
        missing.append(
          .init(
            stream: record.name, revisions: nil,
            says: "has \(record.events) events, of which \(events) are known by their ids"))
      }
    }
    return missing
  }

  /// Revisions that were released and are in no segment, or in two.
  private func gaps(in record: StreamRecord) throws -> [SegmentCheck.Difference] {
    var gaps: [SegmentCheck.Difference] = []
    var next: Int64 = 0
    for range in try Catalog.ranges(snapshot.db, of: record.id) {
      if range.first < next {
        gaps.append(
          .init(
            stream: record.name, revisions: range.first...min(range.last, next - 1),
            says: "are in two segments"))
      } else if range.first > next, next <= record.prunedTo {
        gaps.append(
          .init(
            stream: record.name, revisions: next...min(record.prunedTo, range.first - 1),
            says: "are in no segment"))
      }
      next = max(next, range.last + 1)
    }
    if next <= record.prunedTo {
      gaps.append(
        .init(
          stream: record.name, revisions: next...record.prunedTo, says: "are in no segment"))
    }
    return gaps
  }
}
