public import EventStore
public import Streams

/// Which events a scan hands out.
public struct ScanSelection: Sendable {
  /// A glob of stream names; the store's own streams match only one that begins with `$`. Nil is all
  /// streams, those too.
  public var pattern: String?
  /// Asked about a stream whose name matches, once in a while.
  public var isStreamWanted: @Sendable (StreamRecord) -> Bool
  public var isEventWanted: @Sendable (EventView) -> Bool
  /// Leaves out what is in the archive only, and opens nothing of it.
  public var isHotOnly: Bool

  public init(
    matching pattern: String? = nil, isHotOnly: Bool = false,
    streams isStreamWanted: @escaping @Sendable (StreamRecord) -> Bool = { _ in true },
    events isEventWanted: @escaping @Sendable (EventView) -> Bool = { _ in true }
  ) {
    self.pattern = pattern
    self.isHotOnly = isHotOnly
    self.isStreamWanted = isStreamWanted
    self.isEventWanted = isEventWanted
  }
}

extension History {
  /// Calls `body` with the events of all streams at `positions`, hot or archived, in the order of
  /// their positions, until it returns false.
  ///
  /// No snapshot lasts longer than a page. The last event is one that was there when this was called;
  /// of a stream that is deleted meanwhile no more is handed out. An event that was erased after it
  /// was archived comes with the earliest position that it can have had, as its own went with it.
  ///
  /// - Parameter backward: newest first.
  /// - Returns: false when `body` stopped it.
  /// - Throws: what `body` throws; ``HistoryError`` where a part of a stream can't be read: all events
  ///   before it were handed out. Where released revisions are in no segment nobody knows their
  ///   positions: that is thrown first.
  /// - Complexity: O(n log n) for n events, and one read of each chunk that may have some of them,
  ///   whatever the number of streams and segments. It begins with a look at all ranges of segments
  ///   and, in each stream that has archived events on both sides of the first position, with O(log n)
  ///   reads. Memory: about 32 MiB, beside the cache's and one chunk. What is sorted lies in a
  ///   temporary file: the events that were read from chunks and whose turn has not come, of each
  ///   stream a chunk's at most.
  @discardableResult
  public func forEachEvent(
    at positions: ClosedRange<Int64> = 0...Int64.max, _ selection: ScanSelection = ScanSelection(),
    backward: Bool = false, _ body: (StreamName, EventView) throws -> Bool
  ) throws -> Bool {
    var scan = HistoryScan(self, selection, at: positions, backward: backward)
    while case let page = try scan.page(), !page.isEmpty {
      for entry in page {
        guard try entry.event.withView({ try body(entry.stream, $0) }) else { return false }
      }
    }
    return true
  }

  /// The events of all streams after a position, archived ones too, then every new one as it is
  /// committed: each exactly once and in order, wherever it is when its turn comes.
  ///
  /// Otherwise as `EventStore.subscribeAll(after:)`, which reads hot events only, and, where it reads
  /// archived ones, as ``forEachEvent(at:_:backward:_:)``.
  ///
  /// - Parameter after: nil for the store's beginning.
  /// - Throws: while iterating, ``HistoryError``; `StoreError` `.busy`, `.io`, `.corrupt`. What came
  ///   before is sound and without a gap.
  public func subscribeAll(
    after position: Position? = nil, _ selection: ScanSelection = ScanSelection()
  ) -> some AsyncSequence<StreamEvent, any Error> & Sendable {
    let first = max(0, min(position?.rawValue ?? -1, Int64.max - 1) + 1)
    return Subscription(
      store: store,
      feed: ScanFeed(
        scan: HistoryScan(self, selection, at: first...Int64.max, isEndless: true)))
  }
}

/// All streams, by position, wherever their events are.
private struct ScanFeed: EventFeed {
  var scan: HistoryScan

  mutating func page(_ store: EventStore) throws -> [StreamEvent] { try scan.page() }
}
