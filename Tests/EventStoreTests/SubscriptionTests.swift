import EventStore
import Foundation
import GRDB
import Streams
import Testing

/// The first `count` elements of a sequence that has no end.
private func take<S: AsyncSequence>(_ count: Int, from sequence: S) async throws -> [S.Element] {
  var found: [S.Element] = []
  for try await element in sequence {
    found.append(element)
    if found.count == count { break }
  }
  return found
}

private func release(_ store: EventStore, _ name: StreamName, through last: Int64) throws {
  let record = try store.read { try $0.readableStream(name) }
  try store.write { db in
    _ = try HotRows.release(db, stream: record.id, revisions: (record.prunedTo + 1)...last)
  }
}

@Suite(.timeLimit(.minutes(60))) struct `A subscription` {
  let name: StreamName

  init() throws { name = try StreamName("orders-1") }

  @Test func `gives what is there, then what comes`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    for number in 0..<3 { try store.append(AppendRequest(name, events: [event(number)])) }
    async let found = take(6, from: store.subscribe(to: name))
    for number in 3..<6 {
      try await Task.sleep(for: .milliseconds(20))
      try store.append(AppendRequest(name, events: [event(number, data: "[\(number)]")]))
    }
    let events = try await found
    #expect(events.map(\.revision.rawValue) == [0, 1, 2, 3, 4, 5])
    #expect(events.map(\.id) == (0..<6).map { event($0).id })
    #expect(events[5].data == Array("[5]".utf8))
    #expect(events[5].type == "Counted")
  }

  @Test(
    arguments: [(nil, [0, 1, 2, 3]), (0, [1, 2, 3]), (2, [3]), (-5, [0, 1, 2, 3])]
      as [(Int64?, [Int64])])
  func `begins after a revision`(revision: Int64?, expected: [Int64]) async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: (0..<4).map { event($0) }))
    let events = try await take(
      expected.count, from: store.subscribe(to: name, after: revision.map { Revision($0) }))
    #expect(events.map(\.revision.rawValue) == expected)
  }

  @Test(arguments: [3, 10, Int64.max])
  func `may begin after a revision that is yet to come`(revision: Int64) async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: (0..<4).map { event($0) }))
    let subscription = store.subscribe(to: name, after: Revision(revision))
    let waiting = Task { try await take(1, from: subscription) }
    try store.append(AppendRequest(name, events: (4..<12).map { event($0) }))
    if revision == .max {
      try await Task.sleep(for: .milliseconds(300))
      waiting.cancel()
      #expect(try await waiting.value.isEmpty)
    } else {
      #expect(try await waiting.value.map(\.revision.rawValue) == [revision + 1])
    }
  }

  @Test func `waits for a stream that does not exist yet`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    async let found = take(1, from: store.subscribe(to: name))
    try store.append(AppendRequest(try StreamName("another"), events: [event(1)]))
    try await Task.sleep(for: .milliseconds(50))
    try store.append(AppendRequest(name, events: [event(0)]))
    #expect(try await found.map(\.id) == [event(0).id])
  }

  @Test func `gives each of many concurrent appenders' events once and in order`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let writer = GroupCommitWriter(store: store)
    let (appenders, each) = (64, 40)
    let names = try (0..<8).map { try StreamName("busy-\($0)") }
    // One subscriber of every stream, two of all of them, one that begins in the middle.
    async let all = take(appenders * each + names.count, from: store.subscribeAll())
    async let slow = takeSlowly(appenders * each + names.count, from: store.subscribeAll())
    let streams = names.map { name in
      Task { try await take(appenders * each / names.count, from: store.subscribe(to: name)) }
    }
    let late = Task {
      try await take(100, from: store.subscribe(to: names[0], after: Revision(99)))
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for appender in 0..<appenders {
        group.addTask {
          for number in 0..<each {
            _ = try await writer.append(
              AppendRequest(names[appender % 8], events: [event(appender * each + number)]))
          }
        }
      }
      try await group.waitForAll()
    }
    for stream in streams {
      let revisions = try await stream.value.map(\.revision.rawValue)
      #expect(revisions == Array(0..<Int64(appenders * each / names.count)))
    }
    #expect(try await late.value.map(\.revision.rawValue) == Array(100..<200))
    let found = try await all
    #expect(
      found.map(\.event.position.rawValue) == Array(0..<Int64(appenders * each + names.count)))
    #expect(Set(found.filter { !$0.stream.isReserved }.map(\.event.id)).count == appenders * each)
    #expect(try await slow == found)
  }

  private func takeSlowly<S: AsyncSequence>(
    _ count: Int, from sequence: S
  ) async throws -> [S.Element] {
    var found: [S.Element] = []
    for try await element in sequence {
      found.append(element)
      if found.count == count { break }
      if found.count % 500 == 0 { try await Task.sleep(for: .milliseconds(20)) }
    }
    return found
  }

  @Test func `crosses pages of many and of large events without a gap`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let large = "\"" + String(repeating: "x", count: 400_000) + "\""
    try store.append(AppendRequest(name, events: (0..<1300).map { event($0) }))
    try store.append(AppendRequest(name, events: (1300..<1310).map { event($0, data: large) }))
    try store.append(AppendRequest(name, events: (1310..<1320).map { event($0) }))
    let events = try await take(1320, from: store.subscribe(to: name))
    #expect(events.map(\.revision.rawValue) == Array(0..<1320))
    #expect(events.filter { $0.data.count == 400_002 }.count == 10)
    let all = try await take(1321, from: store.subscribeAll())
    #expect(all.map(\.event.position.rawValue) == Array(0..<1321))
  }

  @Test func `sees what another opening of the file commits`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let other = try scratch.open()
    async let found = take(20, from: store.subscribe(to: name))
    async let all = take(21, from: store.subscribeAll())
    for number in 0..<20 {
      try other.append(AppendRequest(name, events: [event(number)]))
      if number % 5 == 0 { try await Task.sleep(for: .milliseconds(230)) }
    }
    #expect(try await found.map(\.revision.rawValue) == Array(0..<20))
    #expect(try await all.map(\.event.position.rawValue) == Array(0..<21))
  }

  @Test func `sees what another process commits`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let path = scratch.path
    async let found = take(3, from: store.subscribe(to: name))
    await #expect(processExitsWith: .success) { [path = path as String] in
      let store = try EventStore(path: path)
      let name = try StreamName("orders-1")
      for number in 0..<3 {
        try store.append(AppendRequest(name, events: [event(number)]))
        try await Task.sleep(for: .milliseconds(300))
      }
    }
    #expect(try await found.map(\.revision.rawValue) == [0, 1, 2])
  }

  @Test func `ends without an error when its task is cancelled`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: (0..<3).map { event($0) }))
    let subscription = store.subscribe(to: name)
    let task = Task {
      var count = 0
      for try await _ in subscription { count += 1 }
      return count
    }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    #expect(try await task.value == 3)
    let early = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await take(1, from: store.subscribeAll()).count
    }
    #expect(try await early.value == 0)
  }

  @Test func `holds no snapshot while its reader is elsewhere`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: (0..<2000).map { event($0) }))
    var iterator = store.subscribe(to: name).makeAsyncIterator()
    #expect(try await iterator.next()?.revision == Revision(0))
    try store.append(AppendRequest(name, events: [event(2000)]))
    let other = try DatabaseQueue(path: scratch.path)
    let isBusy = try await other.writeWithoutTransaction {
      try Int.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    #expect(isBusy == 0)
    var last: Int64 = 0
    while last < 2000 { last = try #require(try await iterator.next()).revision.rawValue }
  }

  @Test func `behind released events is told to read the archive first`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: (0..<10).map { event($0) }))
    try release(store, name, through: 4)
    let error = SubscriptionError.streamReleased(name, next: Revision(2), through: Revision(4))
    await #expect(throws: error) {
      try await take(1, from: store.subscribe(to: name, after: Revision(1)))
    }
    #expect(error.code.rawValue == "events-released")
    #expect("\(error)".contains("subscribe after revision 4"))
    let events = try await take(5, from: store.subscribe(to: name, after: Revision(4)))
    #expect(events.map(\.revision.rawValue) == [5, 6, 7, 8, 9])
  }

  @Test func `that falls behind released events is told after the last sound one`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: (0..<600).map { event($0) }))
    var iterator = store.subscribe(to: name).makeAsyncIterator()
    _ = try await iterator.next()
    try release(store, name, through: 549)
    var count = 1
    await #expect(
      throws: SubscriptionError.streamReleased(name, next: Revision(512), through: Revision(549))
    ) {
      while try await iterator.next() != nil { count += 1 }
    }
    #expect(count == 512)
  }

  @Test func `of a deleted stream says so, also when it is deleted meanwhile`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: [event(0)]))
    var iterator = store.subscribe(to: name).makeAsyncIterator()
    #expect(try await iterator.next()?.revision == Revision(0))
    try store.archive(name, by: .system, reason: "cold")
    try store.delete(name, by: .system, reason: "over")
    for _ in 0..<2 {
      await #expect {
        _ = try await iterator.next()
      } throws: {
        ($0 as? StoreError)?.code == .streamDeleted
      }
      iterator = store.subscribe(to: name).makeAsyncIterator()
    }
  }

  @Test func `of an archived stream goes on when it is reopened`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: [event(0)]))
    try store.archive(name, by: .system, reason: "cold")
    async let found = take(2, from: store.subscribe(to: name))
    try store.reopen(name, by: .system, reason: "warm")
    try store.append(AppendRequest(name, events: [event(1)]))
    #expect(try await found.count == 2)
  }
}

@Suite(.timeLimit(.minutes(60))) struct `A subscription to all streams` {
  let (a, b): (StreamName, StreamName)

  init() throws { (a, b) = (try StreamName("a"), try StreamName("b")) }

  @Test func `gives every stream's events by position, with the store's own`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(a, events: [event(0)]))
    try store.append(AppendRequest(b, events: [event(1)]))
    try store.append(AppendRequest(a, events: [event(2)]))
    let found = try await take(5, from: store.subscribeAll())
    #expect(found.map(\.stream.rawValue) == ["a", "$audit", "b", "$audit", "a"])
    #expect(found.map(\.event.revision.rawValue) == [0, 0, 0, 1, 1])
    let after = try await take(2, from: store.subscribeAll(after: Position(2)))
    #expect(after.map(\.event.position.rawValue) == [3, 4])
  }

  @Test func `leaves out a deleted stream's events`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(a, events: [event(0), event(1)]))
    try store.append(AppendRequest(b, events: [event(2)]))
    try store.archive(a, by: .system, reason: "cold")
    try store.delete(a, by: .system, reason: "over")
    let found = try await take(5, from: store.subscribeAll())
    #expect(found.map(\.event.position.rawValue) == [2, 3, 4, 5, 6])
    #expect(found[1].stream == b)
  }

  @Test func `never skips what was released, and gives what comes before it`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(b, events: [event(9)]))  // positions 0 and 1
    try store.append(AppendRequest(a, events: (0..<5).map { event($0) }))  // 2 to 6, and 7
    try release(store, a, through: 2)
    var iterator = store.subscribeAll().makeAsyncIterator()
    #expect(try await iterator.next()?.event.position == Position(0))
    #expect(try await iterator.next()?.event.position == Position(1))
    await #expect(throws: SubscriptionError.positionsReleased(Position(2)...Position(4))) {
      _ = try await iterator.next()
    }
    let found = try await take(3, from: store.subscribeAll(after: Position(4)))
    #expect(found.map(\.event.position.rawValue) == [5, 6, 7])
  }

  @Test func `notices when the very last events were released`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(a, events: [event(0)]))
    try store.append(AppendRequest(a, events: [event(1), event(2)]))
    try release(store, a, through: 2)
    await #expect(throws: SubscriptionError.positionsReleased(Position(2)...Position(3))) {
      _ = try await take(1, from: store.subscribeAll(after: Position(1)))
    }
    async let next = take(1, from: store.subscribeAll(after: Position(3)))
    try store.append(AppendRequest(a, events: [event(3)]))
    #expect(try await next.map(\.event.position.rawValue) == [4])
  }
}
