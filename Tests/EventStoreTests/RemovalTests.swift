import EventStore
import Foundation
import GRDB
import Glibc
import Streams
import Synchronization
import Testing

/// A stream of several slices of rows, by their bytes and by their number, beside another.
@Suite struct `A stream that is deleted in slices` {
  let (name, other): (StreamName, StreamName)

  init() throws { (name, other) = (try StreamName("orders-1"), try StreamName("orders-2")) }

  private func fill(_ store: EventStore) throws {
    let padding = String(repeating: "x", count: 1_000_000)
    let large = (0..<14).map { event($0, data: "\"\(padding)\"") }
    try store.append(AppendRequest(name, events: large + (14..<25_000).map { event($0) }))
    try store.append(AppendRequest(other, events: [event(0)]))
    try store.archive(name, by: .system, reason: "cold")
  }

  private func left(_ store: EventStore) throws -> (rows: Int, ids: Int) {
    try store.read { snapshot in
      let id = try #require(try snapshot.stream(name)).id
      let ids = try Int.fetchOne(
        snapshot.db, sql: "SELECT count(*) FROM event_ids WHERE stream = ?", arguments: [id])
      return (Int(try snapshot.hotCount(of: id)), ids ?? 0)
    }
  }

  private func delete(_ store: EventStore, onSlice: () -> Void = {}) throws {
    try store.delete(
      name, by: .system, reason: "over", now: Timestamp(microseconds: 1), onSlice: onSlice)
  }

  private func expectDeleted(_ store: EventStore) throws {
    #expect(throws: StoreError.self) { try store.read { try $0.readableStream(name) } }
    for expected in [ExpectedRevision.any, .noStream, .streamExists, .exact(Revision(24_999))] {
      let request = AppendRequest(name, expected: expected, events: [event(24_999)])
      let error = #expect(throws: StoreError.self) { try store.append(request) }
      #expect(error?.code == .streamDeleted)
    }
    // Nothing of it is known any more, not even as a duplicate.
    let error = #expect(throws: StoreError.self) {
      try event(24_999).withDraft { draft in
        try store.transaction { try $0.append(draft, to: name) }
      }
    }
    #expect(error?.code == .streamDeleted)
  }

  @Test func `is deleted for everybody before the first of its rows is gone`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try fill(store)
    let reader = try scratch.open(.readOnly)
    var counts: [Int] = []
    try delete(store) {
      do {
        counts.append(try left(reader).rows)
        #expect(try reader.read { try $0.stream(name)?.tombstone } != nil)
      } catch { Issue.record(error) }
    }
    #expect(counts.first.map { $0 > 0 } == true)
    #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 >= $1 && $0 - $1 <= 10_000 })
    #expect(counts.count > 6)
    #expect(try left(store) == (0, 0))
    #expect(try store.pendingRemovals() == [])
    try expectDeleted(store)
  }

  @Test(arguments: [1, 3, 5, 7])
  func `and killed between two of them goes with the next call`(slice: Int) async throws {
    let scratch = try ScratchStore()
    try fill(try scratch.open())
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = scratch.path as String, name = name.rawValue as String, slice = slice as Int] in
      var count = 0
      try EventStore(path: path).delete(
        try StreamName(name), by: .system, reason: "over", now: Timestamp(microseconds: 1)
      ) {
        count += 1
        if count == slice { kill(getpid(), SIGKILL) }
      }
    }
    let store = try scratch.open()
    #expect(try store.integrityProblems() == [])
    #expect(try store.pendingRemovals() == [name])
    #expect(try left(store).ids > 0)
    try expectDeleted(store)
    var positions: Set<Int64> = []
    for position in try await firstPositions(store, 4) { positions.insert(position) }
    #expect(positions.allSatisfy { $0 >= 25_000 })
    try store.removeDeletedRows()
    #expect(try left(store) == (0, 0))
    #expect(try store.pendingRemovals() == [])
    #expect(try revisions(store, other) == [0])
    try expectDeleted(store)
  }

  private func firstPositions(_ store: EventStore, _ count: Int) async throws -> [Int64] {
    var found: [Int64] = []
    for try await entry in store.subscribeAll() {
      #expect(entry.stream != name)
      found.append(entry.event.position.rawValue)
      if found.count == count { break }
    }
    return found
  }

  @Test func `lets others append between its slices`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try fill(store)
    // An opening of its own is to SQLite what another process is.
    let appender = Appender(try scratch.open(), other)
    appender.start()
    var counts: Set<Int64> = []
    try delete(store) {
      if let events = try? store.read({ try $0.stream(other)?.events }) { counts.insert(events) }
    }
    #expect(appender.stop() == 0)
    #expect(counts.count > 4, "\(counts)")
    #expect(try left(store) == (0, 0))
  }
}

/// Appends one event after another, on a thread of its own.
private final class Appender: Sendable {
  private let store: EventStore
  private let name: StreamName
  private let count = Atomic(0)
  private let failures = Atomic(0)
  private let isStopped = Atomic(false)
  private let hasEnded = DispatchSemaphore(value: 0)

  init(_ store: EventStore, _ name: StreamName) {
    self.store = store
    self.name = name
  }

  /// Returns when it has appended the first.
  func start() {
    Thread.detachNewThread { [self] in
      while !isStopped.load(ordering: .acquiring) {
        let number = 100 + count.add(1, ordering: .relaxed).newValue
        do {
          try store.append(AppendRequest(name, events: [event(number)]))
        } catch {
          failures.add(1, ordering: .relaxed)
        }
      }
      hasEnded.signal()
    }
    while count.load(ordering: .relaxed) < 2 { usleep(1000) }
  }

  /// - Returns: how many appends failed.
  func stop() -> Int {
    isStopped.store(true, ordering: .releasing)
    hasEnded.wait()
    return failures.load(ordering: .relaxed)
  }
}
