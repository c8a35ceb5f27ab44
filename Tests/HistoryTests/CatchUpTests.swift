import Archive
import EventStore
import History
import Streams
import Testing

@Suite struct `A subscriber that starts in the archive` {
  @Test(arguments: [nil, 0, 19, 30, 59, 60] as [Int64?])
  func `gets every event once and in order, the new ones too`(after: Int64?) async throws {
    let scratch = try Scratch.withSegments()
    let name = try StreamName("service-uptime-api")
    let writer = try EventStore(path: scratch.store.path)
    let events = scratch.history.subscribe(to: name, after: after.map { Revision($0) })
    var next = (after ?? -1) + 1
    if next == 61 { try writer.append(AppendRequest(name, events: [event(61, at: second(61))])) }
    for try await event in events {
      #expect(event.revision.rawValue == next)
      #expect(event.id == EventID(high: 7, low: UInt64(next)))
      next += 1
      if next == 64 { break }
      if next > 60 {
        try writer.append(AppendRequest(name, events: [HistoryTests.event(next, at: second(next))]))
      }
    }
    #expect(next == 64)
  }

  @Test func `goes on through what is released under it`() async throws {
    let scratch = try Scratch()
    let name = try StreamName("service-uptime-api")
    // More than two pages, the rows of the second gone when its turn comes.
    let all = (Int64(0)..<1300).map { event($0, at: second($0)) }
    try scratch.store.append(AppendRequest(name, events: all))
    var ids: [EventID] = []
    for try await event in scratch.history.subscribe(to: name) {
      ids.append(event.id)
      if ids.count == 100 { try scratch.rollOff(name, before: second(1200)) }
      if ids.count == all.count { break }
    }
    #expect(ids == all.map(\.id))
    #expect(try scratch.store.read { try $0.readableStream(name) }.prunedTo == 1199)
  }

  @Test func `waits for a stream that is not there yet, and ends with one that is deleted`()
    async throws
  {
    let scratch = try Scratch()
    let name = try StreamName("user-1-loans")
    let writer = try EventStore(path: scratch.store.path)
    let history = scratch.history
    let reader = Task {
      var count = 0
      for try await _ in history.subscribe(to: name) {
        count += 1
        try writer.archive(name, by: .system, reason: "test")
        try writer.delete(name, by: .system, reason: "asked for", now: second(99))
      }
      return count
    }
    try writer.append(AppendRequest(name, events: [event(0, at: second(0))]))
    await #expect(throws: StoreError.self) { try await reader.value }
  }
}
