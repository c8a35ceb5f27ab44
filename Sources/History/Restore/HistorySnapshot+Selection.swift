internal import Archive
internal import EventStore
internal import Segments
internal import Streams

extension HistorySnapshot {
  /// Where events that `selection` includes may be, oldest first: the parts of the stream whose
  /// segments' manifests do not rule them out.
  func parts(of record: StreamRecord, for selection: RestoreSelection) throws
    -> [ClosedRange<Int64>]
  {
    let first = max(selection.revisions.lowerBound, record.firstRevision)
    let last = min(selection.revisions.upperBound, record.events - 1)
    guard first <= last else { return [] }
    guard selection.hasPeriod else { return [first...last] }
    var parts: [ClosedRange<Int64>] = []
    var next = first
    for range in try Catalog.ranges(hot.db, of: record.id)
    where range.last >= next && range.first <= last {
      // What no segment holds is asked for all the same, so that a gap is told.
      if range.first > next { parts.append(next...(range.first - 1)) }
      let part = max(range.first, next)...min(range.last, last)
      if try mayHold(range, selection) { parts.append(part) }
      next = part.upperBound + 1
    }
    if next <= last { parts.append(next...last) }
    return parts
  }

  private func mayHold(_ range: CatalogRange, _ selection: RestoreSelection) throws -> Bool {
    guard let bytes = try Catalog.manifest(hot.db, range.archiveSeq),
      let manifest = try? Manifest(decoding: bytes),
      manifest.streams.indices.contains(range.streamIndex)
    else { return true }
    let stream = manifest.streams[range.streamIndex]
    return selection.overlaps(stream.firstAt, stream.lastAt)
  }

  /// The smallest range of revisions that has every event `selection` includes; nil when it includes
  /// none.
  ///
  /// - Complexity: O(1) without a period; else O(events of the segments that may hold it).
  func coveringRange(
    of record: StreamRecord, for selection: RestoreSelection
  ) throws -> ClosedRange<Int64>? {
    let parts = try parts(of: record, for: selection)
    guard selection.hasPeriod else { return parts.first }
    func firstIncluded(backward: Bool) throws -> Int64? {
      for part in backward ? parts.reversed() : parts {
        var found: Int64?
        try forEachEvent(of: record, in: part, backward: backward) { event in
          if selection.includes(event) { found = event.revision.rawValue }
          return found == nil
        }
        if let found { return found }
      }
      return nil
    }
    guard let first = try firstIncluded(backward: false),
      let last = try firstIncluded(backward: true)
    else { return nil }
    return first...last
  }
}
