internal import Archive
public import EventStore
internal import GRDB
internal import Segments
public import Streams

/// One consistent view of everything ever appended.
public struct HistorySnapshot {
  public let hot: Snapshot
  let cold: ColdReader

  /// The same history for another thread, which decompresses what it reads itself. What was appended
  /// never changes: it has at least the events that this snapshot has.
  public func reopened() throws -> History {
    History(
      store: try hot.reopenedStore(),
      cold: ColdReader(folder: cold.folder, cache: cold.cache, keys: cold.keys, threads: 0))
  }

  /// Calls `body` with the events of a stream in `revisions`, in order, until it returns false.
  ///
  /// For work that needs one view of many streams. It keeps the store's log from being shortened as
  /// long as it lasts; ``History/forEachEvent(of:in:backward:_:)`` does not.
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
    var rest = try revisions.clamped(toEventsOf: record)
    while let asked = rest {
      let part = try part(of: record, in: asked, backward: backward)
      guard try read(part, of: record, backward: backward, body) else { return false }
      rest = asked.dropping(Int64(part.revisions.count), backward: backward)
    }
    return true
  }

  private func read(
    _ part: HistoryPart, of record: StreamRecord, backward: Bool,
    _ body: (EventView) throws -> Bool
  ) throws -> Bool {
    switch part {
    case .hot(let range):
      return try forEachHotEvent(of: record, in: range, backward: backward, body)
    case .cold(let range):
      return try CallerError.passing {
        try cold.forEachEvent(
          in: range, backward: backward,
          manifest: { try Catalog.manifest(hot.db, range.place.archiveSeq) }, body)
      }
    }
  }

  /// Where the first of `revisions` are, or the last when `backward`.
  func part(
    of record: StreamRecord, in revisions: ClosedRange<Int64>, backward: Bool
  ) throws -> HistoryPart {
    let (first, last, split) = (revisions.lowerBound, revisions.upperBound, record.prunedTo)
    if backward ? last > split : first > split { return .hot(max(first, split + 1)...last) }
    return .cold(
      try ColdRange(of: record, in: first...min(last, split), backward: backward, hot.db))
  }

  func forEachHotEvent(
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
}

/// Adjacent revisions of a stream that are read in one way.
enum HistoryPart {
  case hot(ClosedRange<Int64>)
  case cold(ColdRange)

  var revisions: ClosedRange<Int64> {
    switch self {
    case .hot(let range): range
    case .cold(let range): range.revisions
    }
  }
}

extension ClosedRange<Int64> {
  /// Those that the stream has; nil when it has none.
  ///
  /// - Throws: `StoreError` `.streamDeleted`.
  func clamped(toEventsOf record: StreamRecord) throws -> ClosedRange<Int64>? {
    if let stone = record.tombstone { throw StoreError.streamDeleted(record.name, stone) }
    let first = Swift.max(lowerBound, record.firstRevision)
    let last = Swift.min(upperBound, record.events - 1)
    return first <= last ? first...last : nil
  }
}
