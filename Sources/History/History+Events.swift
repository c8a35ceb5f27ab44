internal import Archive
internal import EventStore
public import Streams

extension History {
  /// Calls `body` with the events of a stream in `revisions`, in order, until it returns false.
  ///
  /// While a cold part is read there is no connection to the store and no snapshot of it: however
  /// many such reads there are, and however slow the archive is, hot reads find a connection and the
  /// log can be shortened. What was appended never changes, so that nothing is missed: the place of
  /// the next event is looked up anew after each part, and the last event is the one that was the
  /// last when this was called.
  ///
  /// - Parameter backward: newest first.
  /// - Returns: false when `body` stopped it.
  /// - Throws: what `body` throws; ``HistoryError`` where a segment is missing or damaged: what came
  ///   before it was sound and complete; `StoreError` `.streamNotFound`, `.streamDeleted`, even in
  ///   the middle, and `.corrupt` where rows are missing.
  /// - Complexity: O(events); one event costs one row or one frame. Memory: a few frames.
  @discardableResult
  public func forEachEvent(
    of name: StreamName, in revisions: ClosedRange<Int64> = 0...Int64.max, backward: Bool = false,
    _ body: (EventView) throws -> Bool
  ) throws -> Bool {
    var rest: ClosedRange<Int64>? = revisions
    var failure: (place: SegmentPlace, error: HistoryError)?
    while let asked = rest {
      switch try step(of: name, in: asked, backward: backward, body) {
      case .stopped: return false
      case .ended: return true
      case .cold(let range, let bounded):
        if let failure, failure.place == range.place { throw failure.error }
        var served: Int64 = 0
        do {
          guard
            try readCold(
              range, backward: backward,
              {
                served += 1; return try body($0)
              })
          else { return false }
        } catch let error as CallerError {
          throw error.cause
        } catch let error as HistoryError {
          // A segment may have been replaced since it was looked up: then the new one is read.
          failure = (range.place, error)
        }
        rest = bounded.dropping(served, backward: backward)
      }
    }
    return true
  }

  private enum Step {
    case stopped
    case ended
    /// The next part, and all that is wanted from there on.
    case cold(ColdRange, ClosedRange<Int64>)
  }

  /// Reads hot events up to the first that is cold.
  private func step(
    of name: StreamName, in revisions: ClosedRange<Int64>, backward: Bool,
    _ body: (EventView) throws -> Bool
  ) throws -> Step {
    try read { snapshot in
      let record = try snapshot.hot.readableStream(name)
      var rest = try revisions.clamped(toEventsOf: record)
      while let asked = rest {
        switch try snapshot.part(of: record, in: asked, backward: backward) {
        case .cold(let range): return .cold(range, asked)
        case .hot(let range):
          guard
            try snapshot.forEachHotEvent(of: record, in: range, backward: backward, body)
          else { return .stopped }
          rest = asked.dropping(Int64(range.count), backward: backward)
        }
      }
      return .ended
    }
  }

  private func readCold(
    _ range: ColdRange, backward: Bool, _ body: (EventView) throws -> Bool
  ) throws -> Bool {
    try cold.forEachEvent(
      in: range, backward: backward,
      manifest: { try store.read { try Catalog.manifest($0.db, range.place.archiveSeq) } }, body)
  }
}
