internal import Streams

/// Where the events of a subscription come from: a place in the store, moved on page by page.
public protocol EventFeed: Sendable {
  associatedtype Event: Sendable

  /// The events that follow the last page, a ``Page`` at most; empty when there is none yet.
  mutating func page(_ store: EventStore) throws -> [Event]
}

/// The events of a feed, then the new ones as they are committed, without an end.
///
/// Its memory is one page; the next is read when the caller has taken the last event of it.
public struct Subscription<Feed: EventFeed>: AsyncSequence, Sendable {
  private let store: EventStore
  private let feed: Feed

  public init(store: EventStore, feed: Feed) {
    self.store = store
    self.feed = feed
  }

  public func makeAsyncIterator() -> Iterator { Iterator(store: store, feed: feed) }

  public struct Iterator: AsyncIteratorProtocol {
    private let store: EventStore
    private var feed: Feed
    /// Last event first.
    private var page: [Feed.Event] = []

    fileprivate init(store: EventStore, feed: Feed) {
      self.store = store
      self.feed = feed
    }

    /// Nil when the task is cancelled.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(any Error) -> Feed.Event? {
      while !Task.isCancelled {
        if let event = page.popLast() { return event }
        let seen = try store.commits.current()
        page = try await readPage().reversed()
        if page.isEmpty { await store.commits.wait(past: seen) }
      }
      return nil
    }

    private mutating func readPage() async throws -> [Feed.Event] {
      let page: [Feed.Event]
      (page, feed) = try await withTaskExecutorPreference(BlockingExecutor.shared) {
        [feed, store] in try await Self.read(feed, store)
      }
      return page
    }

    @concurrent
    private static func read(
      _ feed: Feed, _ store: EventStore
    ) async throws -> ([Feed.Event], Feed) {
      var feed = feed
      let page = try feed.page(store)
      return (page, feed)
    }
  }
}

/// What a subscription reads at once: until either limit is reached.
public struct Page<Event> {
  public static var maxEvents: Int { 512 }
  public static var maxBytes: Int { 1024 * 1024 }

  public private(set) var events: [Event] = []
  private var bytes = 0

  public init() {}

  public var isFull: Bool { events.count >= Self.maxEvents || bytes >= Self.maxBytes }

  public mutating func add(_ event: Event, bytes count: Int) {
    events.append(event)
    bytes += count
  }
}
