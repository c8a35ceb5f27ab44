import EventStore
import Foundation
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
      id: .random(), type: "Odd", data: [0, 255, 10, 13, 34], metadata: Array("{ \"a\" : 1.0e0}".utf8),
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
