internal import Streams

/// One stream, by its revisions.
struct StreamFeed: EventFeed {
  let stream: StreamName
  private var next: Int64

  init(stream: StreamName, after revision: Revision?) {
    self.stream = stream
    next = max(0, min(revision?.rawValue ?? -1, Schema.maxRevision) + 1)
  }

  mutating func page(_ store: EventStore) throws -> [RecordedEvent] {
    let events = try store.read { try page($0) }
    next += Int64(events.count)
    return events
  }

  private mutating func page(_ snapshot: Snapshot) throws -> [RecordedEvent] {
    guard let record = try snapshot.stream(stream) else { return [] }
    // What is before it is in no archive of this store.
    next = max(next, record.firstRevision)
    if let stone = record.tombstone { throw StoreError.streamDeleted(stream, stone) }
    guard next > record.prunedTo else {
      throw SubscriptionError.streamReleased(
        stream, next: Revision(next), through: Revision(record.prunedTo))
    }
    guard next < record.events else { return [] }
    var page = Page<RecordedEvent>()
    try snapshot.forEachHotEvent(of: record.id, in: next...(record.events - 1)) { event in
      page.add(event.copy(), bytes: event.data.count + event.metadata.count)
      return !page.isFull
    }
    return page.events
  }
}
