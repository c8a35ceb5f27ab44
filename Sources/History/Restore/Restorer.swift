internal import Archive
public import EventStore
internal import Segments
public import Streams

/// Puts streams, hot and cold, into a fresh store for an audit.
///
/// The copy has the same ids, revisions, positions, times and bytes. The segments stay the record
/// of truth; nothing of the source is changed.
public struct Restorer: Sendable {
  public let history: History

  /// Bytes of payload in one transaction.
  private static let sliceBytes = 8 * 1024 * 1024

  public init(history: History) { self.history = history }

  /// Restores what `selection` includes into `target`, and reads it back.
  ///
  /// A stream has no gaps, so of a period each stream comes whole from its first event in it to the
  /// last; what lies between and happened at another time is counted. A restore that was broken off
  /// goes on after the slice it committed last.
  ///
  /// - Parameters:
  ///   - only: whether a stream may be restored; those that may not are left out.
  ///   - stop: asked between two events; what was restored by then stays, and is gone on from.
  ///   - progress: events done and to do.
  /// - Throws: `StoreError`, `.notACopy` where the target has anything but a copy of this store;
  ///   ``HistoryError``; `Stopped`; ``RestoreError`` when the copy differs, nothing is selected,
  ///   or something of it is erased.
  public func restore(
    _ selection: RestoreSelection, into target: EventStore, on occasion: RestoreReport.Occasion,
    only isAllowed: (StreamRecord) -> Bool = { _ in true }, stop: StopRequest = .never,
    progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
  ) throws -> RestoreReport {
    let chosen = try choose(selection, isAllowed)
    try target.becomeCopy(of: history.store.id)
    let check = RestoreCheck(history.store, history.folder)
    let segments = try check.sources(
      try history.store.read { snapshot in
        try check.segments(
          of: chosen.compactMap { item in item.range.map { (item.record.id, $0) } }, snapshot)
      }, stop: stop)
    let total = chosen.reduce(0) { $0 + Int64($1.range?.count ?? 0) }
    var done: Int64 = 0
    let streams = try chosen.map { item in
      guard let range = item.range else {
        return RestoredStream(item.record.name, storeID: history.store.id)
      }
      let restored = try restore(
        item.record.name, range, selection, into: target, stop
      ) { present in
        try stop.check(done + present, of: total, "events")
        progress(done + present, total)
      }
      done += Int64(range.count)
      return restored
    }
    return RestoreReport(
      occasion: occasion, storeID: history.store.id, selection: selection, streams: streams,
      segments: segments, chain: try history.store.read { try check.chain($0) })
  }

  /// The streams of a selection that have an event in it, and the first one's revision.
  public func firstRevisions(
    _ selection: RestoreSelection
  ) throws -> [(record: StreamRecord, first: Int64)] {
    try choose(selection, { _ in true }).compactMap { item in
      item.range.map { (record: item.record, first: $0.lowerBound) }
    }
  }

  /// The streams of a selection, each with the range of revisions that covers what is selected.
  private func choose(
    _ selection: RestoreSelection, _ isAllowed: (StreamRecord) -> Bool
  ) throws -> [(record: StreamRecord, range: ClosedRange<Int64>?)] {
    let chosen = try history.read { snapshot in
      try selection.records(snapshot.hot).filter(isAllowed).map { record in
        (record: record, range: try snapshot.coveringRange(of: record, for: selection))
      }
    }
    guard chosen.contains(where: { $0.range != nil }) else { throw RestoreError.nothingSelected }
    return chosen
  }

  private func restore(
    _ name: StreamName, _ range: ClosedRange<Int64>, _ selection: RestoreSelection,
    into target: EventStore, _ stop: StopRequest, progress: (Int64) throws -> Void
  ) throws -> RestoredStream {
    let record = try history.store.read { try $0.readableStream(name) }
    var copy = StreamCopy(
      record: record, storeID: history.store.id, range: range, selection: selection,
      target: target, stop: stop)
    try copy.resume(history)
    try progress(copy.next - range.lowerBound)
    while copy.next <= range.upperBound {
      try copy.addSlice(history, bytes: Self.sliceBytes)
      try progress(copy.next - range.lowerBound)
    }
    let restored = try copy.compared()
    try progress(copy.next - range.lowerBound)
    guard let restored else { throw RestoreError.differs(record.name) }
    return restored
  }
}

/// One stream on its way into another store.
private struct StreamCopy {
  let record: StreamRecord
  let range: ClosedRange<Int64>
  let selection: RestoreSelection
  let target: EventStore
  let stop: StopRequest
  private(set) var next: Int64
  private var tally: StreamTally

  init(
    record: StreamRecord, storeID: String, range: ClosedRange<Int64>,
    selection: RestoreSelection, target: EventStore, stop: StopRequest
  ) {
    self.record = record
    self.range = range
    self.selection = selection
    self.target = target
    self.stop = stop
    next = range.lowerBound
    tally = StreamTally(record.name, storeID: storeID)
  }

  /// Makes the stream, or takes up what a restore that was killed has left of it.
  mutating func resume(_ history: History) throws {
    guard let present = try target.prepareRestore(of: record, from: range.lowerBound) else {
      throw RestoreError.differs(record.name)
    }
    guard present > next else { return }
    try history.forEachEvent(of: record.name, in: next...(present - 1)) { event in
      try add(event)
      return !stop.isMade
    }
    guard !stop.isMade else { return }
    guard next == present, try compared() != nil || stop.isMade else {
      throw RestoreError.differs(record.name)
    }
  }

  /// Copies events up to `limit` bytes, in one transaction.
  mutating func addSlice(_ history: History, bytes limit: Int) throws {
    var bytes = 0
    var erased: Revision?
    _ = try target.restore(into: record.name) { transaction in
      try history.forEachEvent(of: record.name, in: next...range.upperBound) { event in
        guard !event.isErased else {
          erased = event.revision
          return false
        }
        try transaction.append(event)
        try add(event)
        bytes += event.data.count + event.metadata.count
        return bytes < limit && !stop.isMade
      }
    }
    if let erased { throw RestoreError.erased(record.name, erased) }
  }

  private mutating func add(_ event: EventView) throws {
    try tally.add(
      event, isCold: event.revision.rawValue <= record.prunedTo,
      isOutside: !selection.includes(event))
    next += 1
  }

  /// What was copied, once the copy was read back and found to be the same; nil when it is not, or
  /// when it was asked to stop.
  func compared() throws -> RestoredStream? {
    let digest = try target.read { snapshot in
      var tally = StreamTally(record.name, storeID: "")
      let copy = try snapshot.readableStream(record.name)
      try snapshot.forEachHotEvent(of: copy.id, in: 0...Int64.max) { event in
        try tally.add(event)
        return !stop.isMade
      }
      return tally.digest
    }
    return digest == tally.digest ? tally.finish() : nil
  }
}
