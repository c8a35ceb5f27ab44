internal import EventStore
public import Streams

extension History {
  /// The events of `stream` after a revision, cold, then hot, then every new one as it is committed:
  /// each exactly once and in order, wherever it is when its turn comes.
  ///
  /// Otherwise as `EventStore.subscribe(to:after:)`, which reads hot events only.
  ///
  /// - Parameter after: nil for the stream's beginning.
  /// - Throws: while iterating, ``HistoryError``; `StoreError` `.streamDeleted`, `.busy`, `.io`,
  ///   `.corrupt`. What came before is sound and without a gap.
  public func subscribe(
    to stream: StreamName, after revision: Revision? = nil
  ) -> some AsyncSequence<RecordedEvent, any Error> & Sendable {
    Subscription(store: store, feed: HistoryFeed(self, stream, after: revision))
  }
}

/// One stream, by its revisions, wherever they are.
private struct HistoryFeed: EventFeed {
  private let history: History
  private let stream: StreamName
  private var next: Int64

  init(_ history: History, _ stream: StreamName, after revision: Revision?) {
    self.history = history
    self.stream = stream
    next = max(0, min(revision?.rawValue ?? -1, Int64.max - 1) + 1)
  }

  mutating func page(_ store: EventStore) throws -> [RecordedEvent] {
    guard let record = try store.read({ try $0.stream(stream) }) else { return [] }
    next = max(next, record.firstRevision)
    var page = Page<RecordedEvent>()
    // No more than a page, so that no chunk is decompressed for the next one.
    let last = next + min(Int64(Page<RecordedEvent>.maxEvents), Int64.max - next) - 1
    try history.forEachEvent(of: stream, in: next...max(next, last)) { event in
      page.add(event.copy(), bytes: event.data.count + event.metadata.count)
      return !page.isFull
    }
    next += Int64(page.events.count)
    return page.events
  }
}
