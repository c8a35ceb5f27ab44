import EventStore
import Foundation
import GRDB
import Streams
import Testing

/// A store in a folder of its own, gone with the test.
struct ScratchStore: ~Copyable {
  let folder: String
  var path: String { folder + "/store.db" }

  init() throws {
    folder = NSTemporaryDirectory() + "rookery-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  func open(_ mode: EventStore.Mode = .createIfMissing) throws -> EventStore {
    try EventStore(path: path, mode: mode)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }
}

func event(_ number: Int, data: String = "{}", id: EventID? = nil) -> NewEvent {
  NewEvent(
    id: id ?? EventID(high: 7, low: UInt64(number)), type: "Counted", data: Array(data.utf8),
    timestamp: Timestamp(microseconds: Int64(number) * 1_000_000))
}

func revisions(_ store: EventStore, _ name: StreamName) throws -> [Int64] {
  try store.read { snapshot in
    let record = try #require(try snapshot.stream(name))
    var found: [Int64] = []
    try snapshot.forEachHotEvent(of: record.id, in: 0...Int64.max) {
      found.append($0.revision.rawValue)
      return true
    }
    return found
  }
}

@Suite struct `An append` {
  let name: StreamName

  init() throws { name = try StreamName("orders-1") }

  @Test(arguments: [
    (ExpectedRevision.any, 0, true), (.any, 2, true), (.noStream, 0, true), (.noStream, 2, false),
    (.streamExists, 0, false), (.streamExists, 2, true), (.exact(Revision(1)), 2, true),
    (.exact(Revision(0)), 2, false), (.exact(Revision(2)), 2, false),
    (.exact(Revision(0)), 0, false),
  ])
  func `is made only if the stream is as expected`(
    expected: ExpectedRevision, present: Int, isAccepted: Bool
  ) throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    for number in 0..<present { try store.append(AppendRequest(name, events: [event(number)])) }
    let request = AppendRequest(name, expected: expected, events: [event(100), event(101)])
    if isAccepted {
      let result = try store.append(request)
      #expect(result.first.rawValue == Int64(present))
      #expect(result.last.rawValue == Int64(present) + 1)
    } else {
      #expect(
        throws: StoreError.wrongExpectedRevision(
          name, expected: expected, last: present == 0 ? nil : Revision(Int64(present) - 1))
      ) { try store.append(request) }
    }
    if present > 0 || isAccepted {
      #expect(try revisions(store, name) == Array(0..<Int64(present + (isAccepted ? 2 : 0))))
    }
  }

  @Test(arguments: [ExpectedRevision.any, .noStream])
  func `answers with the first result when it is repeated`(expected: ExpectedRevision) throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let request = AppendRequest(name, expected: expected, events: [event(0), event(1)])
    let first = try store.append(request)
    try store.append(AppendRequest(name, events: [event(2)]))
    let second = try store.append(request)
    #expect(second.isRepeated)
    #expect((second.first, second.last) == (first.first, first.last))
    #expect(try revisions(store, name) == [0, 1, 2])
  }

  @Test func `with a known id and other content is a conflict and changes nothing`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: [event(0)]))
    #expect(throws: StoreError.eventIDConflict(name, event(0).id)) {
      try store.append(
        AppendRequest(name, events: [event(1), event(0, data: #"{"other":1}"#)]))
    }
    #expect(try revisions(store, name) == [0])
  }

  @Test func `with one id twice in a request is a conflict`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    #expect(throws: StoreError.eventIDConflict(name, event(0).id)) {
      try store.append(AppendRequest(name, events: [event(0), event(0)]))
    }
  }

  @Test func `refused beside others does not disturb them`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let results = try store.append([
      AppendRequest(name, events: [event(0)]),
      AppendRequest(name, expected: .exact(Revision(7)), events: [event(1)]),
      AppendRequest(name, expected: .exact(Revision(0)), events: [event(2)]),
    ])
    #expect(throws: Never.self) { try results[0].get() }
    #expect(throws: StoreError.self) { try results[1].get() }
    #expect(try results[2].get().last == Revision(1))
  }

  @Test func `over the limit says so`() throws {
    let scratch = try ScratchStore()
    let store = try EventStore(path: scratch.path, mode: .createIfMissing, maxEventBytes: 100)
    let big = event(0, data: "\"" + String(repeating: "x", count: 99) + "\"")
    #expect(throws: StoreError.eventTooLarge(bytes: 101, limit: 100)) {
      try store.append(AppendRequest(name, events: [big]))
    }
  }

  @Test func `keeps every byte, id and time`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let odd = NewEvent(
      id: .random(), type: "Odd", data: [0, 255, 10, 13, 34],
      metadata: Array("{ \"a\" : 1.0e0}".utf8),
      timestamp: Timestamp(microseconds: 1_700_000_000_123_456),
      recordedAt: Timestamp(microseconds: 1_700_000_001_000_001))
    try store.append(AppendRequest(name, events: [odd]))
    let reopened = try scratch.open(.readOnly)
    let read = try reopened.read { snapshot in
      let record = try #require(try snapshot.stream(name))
      var events: [RecordedEvent] = []
      try snapshot.forEachHotEvent(of: record.id, in: 0...0) {
        events.append($0.copy())
        return true
      }
      return events
    }
    #expect(
      read == [
        RecordedEvent(
          revision: Revision(0), position: Position(0), id: odd.id, type: "Odd",
          timestamp: Timestamp(microseconds: 1_700_000_000_123_456),
          recordedAt: Timestamp(microseconds: 1_700_000_001_000_001), metadata: odd.metadata,
          data: odd.data)
      ])
  }

  @Test func `creates its stream and says so in the audit stream`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: [event(0)]))
    let audit = try store.read { snapshot in
      let record = try #require(try snapshot.stream(try StreamName("$audit")))
      var entries: [String] = []
      try snapshot.forEachHotEvent(of: record.id, in: 0...9) {
        entries.append($0.type + String(decoding: $0.data, as: UTF8.self))
        return true
      }
      return entries
    }
    #expect(audit == [#"StreamCreated{"name":"orders-1","by":"system"}"#])
    #expect(try store.read { try $0.stream(name)?.status } == .active)
  }
}

@Suite struct `Group commit` {
  @Test func `answers every one of many concurrent callers, in one gap-free stream`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let writer = GroupCommitWriter(store: store, maxBatch: 16, capacity: 32)
    let name = try StreamName("busy")
    let answered = try await withThrowingTaskGroup(of: Int64.self) { group in
      for number in 0..<400 {
        group.addTask {
          try await writer.append(AppendRequest(name, events: [event(number)])).last.rawValue
        }
      }
      return try await group.reduce(into: [Int64]()) { $0.append($1) }
    }
    #expect(answered.sorted() == Array(0..<400))
    #expect(try revisions(store, name) == Array(0..<400))
  }

  @Test func `takes no more than its bytes into a transaction, and keeps no more waiting`()
    async throws
  {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let writer = GroupCommitWriter(store: store, maxBatchBytes: 4000, capacityBytes: 8000)
    let name = try StreamName("large")
    let data = "\"" + String(repeating: "x", count: 998) + "\""
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask {
          _ = try await writer.append(
            AppendRequest(name, events: [event(number, data: data)]))
        }
      }
      try await group.waitForAll()
    }
    // What one transaction records, it records at one time.
    let sizes = try store.read { snapshot in
      try Int.fetchAll(
        snapshot.db,
        sql: "SELECT count(*) FROM events WHERE length(data) = 1000 GROUP BY recorded_at")
    }
    #expect(sizes.reduce(0, +) == 100)
    #expect(sizes.allSatisfy { $0 <= 4 })
    // One that is larger than all bounds is taken alone.
    let huge = event(100, data: "\"" + String(repeating: "x", count: 20_000) + "\"")
    #expect(try await writer.append(AppendRequest(name, events: [huge])).last == Revision(100))
  }

  @Test func `that waits for another process holds up no other task`() async throws {
    let scratch = try ScratchStore()
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: scratch.path, configuration: configuration)
    let stores = try (0..<16).map { _ in try scratch.open() }
    // More patience than the test may need: who is in the way gives way below.
    for store in stores { try store.write { try $0.execute(sql: "PRAGMA busy_timeout = 300000") } }
    let name = try StreamName("contested")
    try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    let appends = stores.enumerated().map { number, store in
      let writer = GroupCommitWriter(store: store)
      return Task { try await writer.append(AppendRequest(name, events: [event(number)])) }
    }
    // As many tasks as there are threads, and more, wait for the lock by now.
    try await Task.sleep(for: .milliseconds(200))
    for _ in 0..<100 { await Task.yield() }
    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    for append in appends { #expect(try await append.value.isRepeated == false) }
    #expect(try revisions(stores[0], name).count == 16)
  }

  @Test func `of one refused append leaves the others of its batch alone`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let writer = GroupCommitWriter(store: store)
    let name = try StreamName("contested")
    let successes = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<50 {
        group.addTask {
          do {
            _ = try await writer.append(
              AppendRequest(name, expected: .noStream, events: [event(number)]))
            return true
          } catch is StoreError {
            return false
          }
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(successes == 1)
  }
}

@Suite struct `A refused append` {
  @Test(arguments: [
    ExpectedRevision.exact(Revision(0)), .exact(Revision(.max)), .streamExists,
  ])
  func `leaves no stream behind`(expected: ExpectedRevision) throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let name = try StreamName("never")
    #expect(throws: StoreError.wrongExpectedRevision(name, expected: expected, last: nil)) {
      try store.append(AppendRequest(name, expected: expected, events: [event(0)]))
    }
    #expect(throws: StoreError.eventIDConflict(name, event(1).id)) {
      try store.append(AppendRequest(name, events: [event(1), event(1)]))
    }
    #expect(try store.read { try $0.streams().isEmpty })
    #expect(try store.read { try $0.nextPosition } == Position(0))
  }

  @Test func `of no events says so and changes nothing`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let name = try StreamName("never")
    let error = #expect(throws: StoreError.self) {
      try store.append(AppendRequest(name, events: []))
    }
    #expect(error == .noEvents(name) && error?.code == .invalidEvent)
    #expect(try store.read { try $0.stream(name) } == nil)
  }

  /// A stream's number and a revision share the 63 bits of an event's key.
  @Test func `to one stream too many is no stream, whatever is committed beside it`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let names = try ["first", "last", "beyond", "more"].map { try StreamName($0) }
    try store.append(AppendRequest(names[0], events: [event(0)]))
    try store.write {
      try $0.execute(
        sql: "INSERT INTO streams (id, name, status, created_at) VALUES (?, 'last', 'created', 0)",
        arguments: [(1 << 25) - 1])
    }
    let results = try store.append([
      AppendRequest(names[1], events: [event(1)]), AppendRequest(names[2], events: [event(2)]),
      AppendRequest(names[0], events: [event(3)]),
    ])
    #expect(throws: Never.self) { try results[0].get() }
    #expect(throws: StoreError.tooManyStreams(limit: (1 << 25) - 1)) { try results[1].get() }
    #expect(throws: Never.self) { try results[2].get() }
    #expect(try store.read { try $0.stream(names[2]) } == nil)
    #expect(try revisions(store, names[1]) == [0])
    try store.write {
      try $0.execute(
        sql: "INSERT INTO streams (id, name, status, created_at) VALUES (?, 'more', 'created', 0)",
        arguments: [1 << 25])
    }
    #expect(throws: StoreError.tooManyStreams(limit: (1 << 25) - 1)) {
      try store.append(AppendRequest(names[3], events: [event(4)]))
    }
    #expect(try revisions(store, names[0]) == [0, 1])
  }

  @Test func `to an archived stream still answers a repetition`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let name = try StreamName("cold")
    let request = AppendRequest(name, events: [event(0), event(1)])
    try store.append(request)
    try store.archive(name, by: .system, reason: "cold")
    #expect(try store.append(request).isRepeated)
    #expect(throws: StoreError.streamArchived(name)) {
      try store.append(AppendRequest(name, events: [event(2)]))
    }
  }

  @Test func `because the disk is full is refused whole, and made when there is room`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let name = try StreamName("large")
    let pages = try store.write { db in try #require(try Int.fetchOne(db, sql: "PRAGMA page_count"))
    }
    try store.write { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 4)") }
    let request = AppendRequest(
      name, events: (0..<8).map { event($0, data: "\"\(String(repeating: "x", count: 20_000))\"") })
    #expect(throws: StoreError.full) { try store.append(request) }
    #expect(try store.read { try $0.stream(name) } == nil)
    try store.write { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
    #expect(try store.append(request).last == Revision(7))
    #expect(try store.integrityProblems().isEmpty)
  }
}

@Suite struct `Names and types` {
  @Test func `that only Unicode holds for equal stay apart, in one transaction and in two`() throws
  {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let names = try ["caf\u{E9}", "cafe\u{301}"].map { try StreamName($0) }
    let types = ["Type\u{E9}", "Typee\u{301}"]
    for round in 0..<2 {
      try store.transaction { transaction in
        for (index, name) in names.enumerated() {
          for (number, type) in types.enumerated() {
            let new = NewEvent(
              id: EventID(high: UInt64(round), low: UInt64(index * 2 + number)), type: type,
              data: [UInt8(index)])
            _ = try transaction.append(AppendRequest(name, events: [new]))
          }
        }
      }
    }
    for (index, name) in names.enumerated() {
      let found = try store.read { snapshot in
        let record = try snapshot.readableStream(name)
        #expect(record.events == 4)
        var found: [[UInt8]] = []
        try snapshot.forEachHotEvent(of: record.id, in: 0...3) {
          found.append(Array($0.type.utf8))
          #expect(Array($0.data) == [UInt8(index)])
          return true
        }
        return found
      }
      #expect(found == [types[0], types[1], types[0], types[1]].map { Array($0.utf8) })
    }
  }

  @Test func `of a transaction that was rolled back are forgotten with it`() throws {
    struct Undo: Error {}
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let name = try StreamName("s")
    func types(_ snapshot: Snapshot) throws -> [String] {
      var found: [String] = []
      let record = try snapshot.readableStream(name)
      try snapshot.forEachHotEvent(of: record.id, in: 0...9) {
        found.append($0.type)
        return true
      }
      return found
    }
    #expect(throws: Undo.self) {
      try store.transaction { transaction in
        _ = try transaction.append(
          AppendRequest(name, events: [NewEvent(id: .random(), type: "Undone", data: [])]))
        #expect(try types(transaction.snapshot(of: store)) == ["Undone"])
        throw Undo()
      }
    }
    try store.append(AppendRequest(name, events: [NewEvent(id: .random(), type: "Kept", data: [])]))
    #expect(try store.read { try types($0) } == ["Kept"])
  }
}
