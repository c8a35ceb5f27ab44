internal import Archive
internal import EventStore
internal import Segments
internal import Streams

/// Walks all events by position, wherever they are, page by page.
///
/// Hot rows come from the store's index of positions. A segment has its events stream by stream, so
/// that those are sorted first: a chunk is read when the walk comes to where its first event may be,
/// once, and what it holds waits in the ``ScanScratch``.
///
/// - I1. One snapshot says which rows there are and what is in segments only. A page ends where the
///   rows of its snapshot end, or before: no event is in neither, nor missed between two snapshots.
/// - I2. Nothing is handed out before every part that may have an earlier event was read.
/// - I3. Each event has one ``ScanPlace``, hot or cold: one that is found in both is handed out once.
struct HistoryScan: Sendable {
  private let history: History
  private let selection: ScanSelection
  private let backward: Bool
  private var streams: LivingStreams
  /// Ranks that are walked; nil until the first snapshot tells where the store ends.
  private var ranks: ClosedRange<Int64>?
  private let wanted: ClosedRange<Int64>
  /// It goes on to the end of the store as it then is, again and again.
  private let isEndless: Bool
  /// The last place that was handed out or passed over.
  private var place = ScanPlace.before(rank: .min)
  /// Made with the first page: copies of a scan that has not begun share nothing.
  private var scratch: ScanScratch?

  /// - Parameter positions: those wanted.
  init(
    _ history: History, _ selection: ScanSelection, at positions: ClosedRange<Int64>,
    backward: Bool = false, isEndless: Bool = false
  ) {
    self.history = history
    self.selection = selection
    self.backward = backward
    self.isEndless = isEndless
    streams = LivingStreams(matching: selection.pattern, where: selection.isStreamWanted)
    wanted = positions
  }

  /// The events that follow the last page; empty only at the end.
  ///
  /// - Throws: ``HistoryError`` where a part can't be read: all before it was handed out.
  mutating func page() throws -> [StreamEvent] {
    let scratch = try self.scratch ?? ScanScratch()
    self.scratch = scratch
    while true {
      let hot = try history.store.read { try hotPage($0, scratch) }
      guard let end = hot.end else { return [] }
      let cold = try coldPage(through: end, scratch)
      var page = Page<StreamEvent>()
      var last = cold.end
      for entry in merged(hot.entries, cold.entries) where entry.place <= cold.end {
        guard !page.isFull else { break }
        page.add(
          entry.event, bytes: entry.event.event.data.count + entry.event.event.metadata.count)
        if page.isFull { last = entry.place }
      }
      if page.events.isEmpty, let problem = cold.problem { throw problem }
      place = last
      if !page.events.isEmpty { return page.events }
    }
  }

  private struct Entry {
    var place: ScanPlace
    var event: StreamEvent
  }

  /// Two sorted lists as one; what is in both, once.
  private func merged(_ hot: [Entry], _ cold: [Entry]) -> [Entry] {
    var entries: [Entry] = []
    entries.reserveCapacity(hot.count + cold.count)
    var cold = cold[...]
    for entry in hot {
      while let first = cold.first, first.place < entry.place {
        entries.append(first)
        cold.removeFirst()
      }
      if cold.first?.place == entry.place { cold.removeFirst() }
      entries.append(entry)
    }
    return entries + cold
  }
}

// MARK: - Rows

extension HistoryScan {
  /// A snapshot looks at the rows of so many positions at most: it must not last.
  private static let maxPositions: Int64 = 65_536

  /// - Returns: rows, and up to where they are all that there are; no place at the scan's end.
  private mutating func hotPage(
    _ snapshot: Snapshot, _ scratch: ScanScratch
  ) throws -> (entries: [Entry], end: ScanPlace?) {
    let newest = try snapshot.nextPosition.rawValue - 1
    let ranks: ClosedRange<Int64>
    if let known = self.ranks, !isEndless {
      ranks = known
    } else {
      let last = min(wanted.upperBound, newest)
      guard wanted.lowerBound <= last else { return ([], nil) }
      ranks = backward ? -last ... -wanted.lowerBound : wanted.lowerBound...last
    }
    let isFirst = self.ranks == nil
    self.ranks = ranks
    if isFirst { place = .before(rank: ranks.lowerBound) }
    let hasMoved = try streams.refresh(snapshot)
    if !selection.isHotOnly {
      if isFirst { try checkGaps(snapshot) }
      if hasMoved { try plan(snapshot, scratch) }
    }
    let next = place.streamRank == .max ? place.rank + 1 : place.rank
    guard next <= ranks.upperBound else { return ([], nil) }
    return try rows(snapshot, next...ranks.upperBound)
  }

  private func positions(_ ranks: ClosedRange<Int64>) -> ClosedRange<Int64> {
    backward ? -ranks.upperBound ... -ranks.lowerBound : ranks
  }

  private mutating func rows(
    _ snapshot: Snapshot, _ ranks: ClosedRange<Int64>
  ) throws -> (entries: [Entry], end: ScanPlace?) {
    let end = ScanPlace.after(rank: ranks.upperBound)
    guard let first = try snapshot.firstHotPosition(in: positions(ranks), backward: backward) else {
      return ([], end)
    }
    let rank = backward ? -first : first
    let window = rank...min(ranks.upperBound, rank + Self.maxPositions - 1)
    var cursor = try snapshot.hotEvents(at: positions(window), backward: backward)
    defer { cursor.close() }
    var page = Page<Entry>()
    while !page.isFull {
      var name: StreamName?
      let view = try cursor.next(ofStreams: { stream in
        name = try streams.name(of: stream, snapshot)
        return name != nil
      })
      guard let view, let name else { return (page.events, .after(rank: window.upperBound)) }
      let entry = ScanPlace(cursor.position.rawValue, stream: cursor.stream, backward: backward)
      guard entry > place, selection.isEventWanted(view) else { continue }
      page.add(
        Entry(
          place: entry, event: StreamEvent(stream: name, event: view.copy(at: cursor.position))),
        bytes: view.data.count + view.metadata.count)
    }
    return (page.events, page.events.last?.place)
  }
}

// MARK: - Segments

extension HistoryScan {
  /// Where released events are in no segment, nobody knows at which positions they were.
  private mutating func checkGaps(_ snapshot: Snapshot) throws {
    for (name, revisions) in try Catalog.gaps(snapshot.db) {
      guard let record = try snapshot.stream(name),
        try streams.name(of: record.id, snapshot) != nil
      else { continue }
      throw HistoryError(stream: name, revisions: revisions, segment: nil, cause: nil)
    }
  }

  /// Writes down what is to be read from segments, in addition to what was known before.
  private mutating func plan(_ snapshot: Snapshot, _ scratch: ScanScratch) throws {
    guard let ranks, place.rank <= ranks.upperBound else { return }
    let rest = max(place.rank, ranks.lowerBound)...ranks.upperBound
    var streams = streams
    try scratch.write { tables in
      try Catalog.forEachSpan(snapshot.db, at: positions(rest)) { span in
        guard try streams.name(of: span.stream, snapshot) != nil,
          let new = try tables.extend(span.stream, span.rangeFirst, to: span.revisions)
        else { return }
        var part = ScanPart(
          stream: span.stream, revisions: new, rank: 0, rangeFirst: span.rangeFirst,
          rangePosition: span.positions.lowerBound)
        part.rank =
          backward
          ? -span.positions.upperBound : part.earliestPosition(of: Revision(new.lowerBound))
        try tables.insert(part)
      }
    }
    self.streams = streams
  }

  /// - Returns: what is in segments through `end` or, where that is sooner, through the end of a page
  ///   or before the first part that can't be read.
  private mutating func coldPage(
    through end: ScanPlace, _ scratch: ScanScratch
  ) throws -> (entries: [Entry], end: ScanPlace, problem: (any Error)?) {
    try scratch.write { try $0.deleteEvents(through: place) }
    let (sorted, problem) = try readParts(through: end, scratch)
    var page = Page<(place: ScanPlace, stream: Int64, event: RecordedEvent)>()
    try scratch.write { tables in
      try tables.forEachEvent(through: sorted) { place, stream, view in
        let position = Position(backward ? -place.rank : place.rank)
        page.add(
          (place, stream, view.copy(at: position)), bytes: view.data.count + view.metadata.count)
        return !page.isFull
      }
    }
    let entries = page.events.isEmpty ? [] : try named(page.events)
    guard page.isFull, let last = page.events.last else { return (entries, sorted, problem) }
    return (entries, last.place, nil)
  }

  /// Reads parts until there is a page that no other part has an earlier event for.
  ///
  /// - Returns: up to where all that there is is in the scratch.
  private func readParts(
    through end: ScanPlace, _ scratch: ScanScratch
  ) throws -> (ScanPlace, problem: (any Error)?) {
    while let part = try scratch.write({ try $0.firstPart() }) {
      let start = ScanPlace.before(rank: part.rank)
      guard start <= end else { break }
      let hasPage = try scratch.write {
        try $0.hasPage(before: start, events: Page<StreamEvent>.maxEvents)
      }
      guard !hasPage else { return (start, nil) }
      do { try read(part, scratch) } catch { return (start, error) }
    }
    return (end, nil)
  }

  private mutating func named(
    _ events: [(place: ScanPlace, stream: Int64, event: RecordedEvent)]
  ) throws -> [Entry] {
    try history.store.read { snapshot in
      try events.compactMap { place, stream, event in
        try streams.name(of: stream, snapshot).map {
          Entry(place: place, event: StreamEvent(stream: $0, event: event))
        }
      }
    }
  }

  /// Reads the next chunk of a part, and puts back what is left of it.
  private func read(_ part: ScanPart, _ scratch: ScanScratch) throws {
    do {
      let record = try history.store.read { try $0.stream(numbered: part.stream) }
      let revisions = try part.isBegun ? part.revisions : unpassed(part, record.name)
      try read(revisions, of: part, record.name, scratch)
    } catch let error as StoreError where error.code == .streamDeleted {
      // Since the last snapshot: nothing of it is wanted any more.
      try scratch.write { try $0.delete(part) }
    }
  }

  private func read(
    _ revisions: ClosedRange<Int64>?, of part: ScanPart, _ name: StreamName,
    _ scratch: ScanScratch
  ) throws {
    guard let revisions else { return try scratch.write { try $0.delete(part) } }
    let chunk = try chunk(of: part, from: revisions)
    try scratch.write { tables in
      var last = place
      try history.forEachEvent(of: name, in: chunk, backward: backward) { event in
        last = max(last, place(of: event, in: part))
        try keep(event, of: part, in: tables)
        return true
      }
      try tables.delete(part)
      guard let rest = revisions.dropping(Int64(chunk.count), backward: backward) else { return }
      var next = part
      (next.revisions, next.rank, next.isBegun) = (rest, last.rank + 1, true)
      try tables.insert(next)
    }
  }

  private func keep(_ event: EventView, of part: ScanPart, in tables: ScanTables) throws {
    let entry = place(of: event, in: part)
    guard entry > place, selection.isEventWanted(event) else { return }
    var line: [UInt8] = []
    try EventLineEncoder().append(event, to: &line)
    // The decoder takes a line without its end.
    line.removeLast()
    try tables.insert(line, of: part.stream, at: entry)
  }

  private func place(of event: EventView, in part: ScanPart) -> ScanPlace {
    let position =
      event.isErased ? part.earliestPosition(of: event.revision) : event.position.rawValue
    return ScanPlace(position, stream: part.stream, backward: backward)
  }

  /// The first revisions, or last ones when backward, that are read at once: those of one chunk.
  private func chunk(
    of part: ScanPart, from revisions: ClosedRange<Int64>
  ) throws -> ClosedRange<Int64> {
    let next = backward ? revisions.upperBound : revisions.lowerBound
    let chunk = try history.store.read { snapshot -> ClosedRange<Int64>? in
      guard let range = try Catalog.range(snapshot.db, of: part.stream, holding: next) else {
        return nil
      }
      return try Catalog.chunks(
        snapshot.db, of: range.archiveSeq, stream: range.streamIndex, in: next...next
      ).first.map { $0.first.rawValue...$0.last.rawValue }
    }
    return chunk?.clamped(to: revisions) ?? next...next
  }

  /// The revisions of a part that are not behind the scan's place, which may be in the middle of them;
  /// nil when all are. Of a part of one chunk, all.
  ///
  /// - Complexity: O(log n) reads of one event.
  private func unpassed(_ part: ScanPart, _ name: StreamName) throws -> ClosedRange<Int64>? {
    let revisions = part.revisions
    guard part.rank < place.rank, try chunk(of: part, from: revisions) != revisions else {
      return revisions
    }
    var (low, high) = (Int64(0), Int64(revisions.count))
    while low < high {
      let middle = low + (high - low) / 2
      let revision = backward ? revisions.upperBound - middle : revisions.lowerBound + middle
      var isPassed = false
      try history.forEachEvent(of: name, in: revision...revision) { event in
        isPassed = place(of: event, in: part) <= place
        return true
      }
      if isPassed { low = middle + 1 } else { high = middle }
    }
    return revisions.dropping(low, backward: backward)
  }
}

extension EventView {
  /// A copy that has its position, though it may be erased.
  fileprivate func copy(at position: Position) -> RecordedEvent {
    var event = copy()
    event.position = position
    return event
  }
}
