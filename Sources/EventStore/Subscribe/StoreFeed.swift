internal import GRDB
internal import Streams

/// The whole store, by positions.
///
/// A store gives out its positions without a gap, so that a missing row is one that was released,
/// or deleted with its stream.
struct StoreFeed: EventFeed {
  private var next: Int64
  private var streams = LivingStreams()

  init(after position: Position?) {
    next = max(0, min(position?.rawValue ?? -1, Int64.max - 1) + 1)
  }

  mutating func page(_ store: EventStore) throws -> [StreamEvent] {
    try store.read { try page($0) }
  }

  private mutating func page(_ snapshot: Snapshot) throws -> [StreamEvent] {
    let end = try snapshot.nextPosition.rawValue
    guard next < end else { return [] }
    _ = try streams.refresh(snapshot)
    var page = Page<StreamEvent>()
    var cursor = try snapshot.hotEvents(at: next...end)
    defer { cursor.close() }
    var areGapsHarmless: Bool?
    while !page.isFull {
      var stream: StreamName?
      let event = try cursor.next(ofStreams: { number in
        stream = try streams.name(of: number, snapshot)
        return stream != nil
      })
      let position = event == nil ? end : cursor.position.rawValue
      if position > next {
        let isHarmless = try areGapsHarmless ?? Self.areGapsHarmless(snapshot)
        areGapsHarmless = isHarmless
        guard isHarmless else { return try endBeforeGap(page, to: position) }
        next = position
      }
      guard let event, let stream else { break }
      page.add(
        StreamEvent(stream: stream, event: event.copy()),
        bytes: event.data.count + event.metadata.count)
      next = position + 1
    }
    return page.events
  }

  /// Whether every missing row is one of a deleted stream, or one that an audit copy never had.
  private static func areGapsHarmless(_ snapshot: Snapshot) throws -> Bool {
    let query = """
      SELECT EXISTS (
        SELECT 1 FROM streams WHERE pruned_to >= first_revision AND deleted_at IS NULL)
      """
    return try Bool.fetchOne(snapshot.db, sql: query) == false
  }

  /// What lies before the gap is handed out first; then the gap is an error.
  private func endBeforeGap(_ page: Page<StreamEvent>, to position: Int64) throws -> [StreamEvent] {
    guard page.events.isEmpty else { return page.events }
    throw SubscriptionError.positionsReleased(Position(next)...Position(position - 1))
  }
}
