import Foundation
import GRDB
import History
import Streams
import Testing

@testable import EventStore

extension EventStore {
  fileprivate func hasLog() throws -> Bool {
    let attributes = try FileManager.default.attributesOfItem(atPath: path + "-wal")
    return attributes[.size] as? Int != 0
  }
}

@Suite struct `Giving space back` {
  /// As while somebody reads the output in a pager.
  @Test(arguments: [false, true])
  func `shortens the log while a reader is busy with what it has read`(backward: Bool) throws {
    let scratch = try Scratch()
    let name = try StreamName("a")
    let all = (Int64(0)..<1100).map { event($0, at: second($0)) }
    try scratch.store.append(AppendRequest(name, events: all))
    try scratch.rollOff(name, before: second(20))
    let other = try EventStore(path: scratch.store.path)
    var ids: [EventID] = []
    try scratch.history.forEachEvent(of: name, backward: backward) { event in
      ids.append(event.id)
      if [1, 600, 1100].contains(ids.count) {
        try other.append(
          AppendRequest(name, events: [HistoryTests.event(2000 + Int64(ids.count), at: second(0))]))
        #expect(try other.vacuum(pages: 1_000_000) == 0)
        #expect(try !other.hasLog())
      }
      return true
    }
    #expect(ids == (backward ? all.reversed() : all).map(\.id))
  }

  @Test(arguments: [false, true])
  func `shortens the log while a reader is busy with events of all streams`(
    backward: Bool
  ) throws {
    let scratch = try Scratch()
    let name = try StreamName("a")
    try scratch.store.append(
      AppendRequest(name, events: (0..<1100).map { event($0, at: second($0)) }))
    try scratch.rollOff(name, before: second(20))
    let other = try EventStore(path: scratch.store.path)
    var count = 0
    try scratch.history.forEachEvent(ScanSelection(matching: "a"), backward: backward) { _, _ in
      count += 1
      if [1, 600, 1100].contains(count) { try expectShortLog(other, Int64(count)) }
      return true
    }
    #expect(count == 1100)
  }

  @Test func `shortens the log while a stream is restored, or goes into a bundle`() throws {
    let scratch = try Scratch()
    let name = try StreamName("a")
    let events = (Int64(0)..<1100).map { event($0, at: second($0), bytes: 3000) }
    try scratch.store.append(AppendRequest(name, events: events))
    try scratch.rollOff(name, before: second(20))
    let other = try EventStore(path: scratch.store.path)
    let copy = try EventStore(path: scratch.root + "/copy.db", mode: .createIfMissing)
    var calls: Int64 = 0
    func progress(_: Int64, _: Int64) {
      calls += 1
      do { try expectShortLog(other, calls) } catch { Issue.record(error) }
    }
    let selection = RestoreSelection(.named([name]))
    _ = try Restorer(history: scratch.history).restore(
      selection, into: copy, on: .test, progress: progress)
    let restoring = calls
    _ = try scratch.history.bundle(
      selection, to: scratch.root + "/b.tar.zst", progress: progress)
    #expect(restoring > 0 && calls > restoring)
  }

  private func expectShortLog(_ store: EventStore, _ number: Int64) throws {
    try store.append(
      AppendRequest(
        try StreamName("busy"), events: [HistoryTests.event(5000 + number, at: second(0))]))
    #expect(try store.vacuum(pages: 1_000_000) == 0)
    #expect(try !store.hasLog())
  }

  @Test(arguments: [false, true])
  func `tells of a missing row after what comes before it`(backward: Bool) throws {
    let scratch = try Scratch()
    let name = try StreamName("a")
    try scratch.store.append(
      AppendRequest(name, events: (0..<1000).map { event($0, at: second($0)) }))
    try scratch.store.write { db in
      try db.execute(sql: "DELETE FROM events WHERE key & 0x3FFFFFFFFF = 700")
    }
    var seen: [Int64] = []
    let error = #expect(throws: StoreError.self) {
      try scratch.history.forEachEvent(of: name, backward: backward) { event in
        seen.append(event.revision.rawValue)
        return true
      }
    }
    #expect(error?.code == .storeCorrupt)
    #expect(seen == (backward ? (701..<1000).reversed() : Array(0..<700)))
  }

  @Test func `keeps no writer waiting for a reader`() throws {
    let scratch = try Scratch()
    let name = try StreamName("a")
    try scratch.store.append(
      AppendRequest(name, events: (0..<50).map { event($0, at: second($0)) }))
    let reader = try EventStore(path: scratch.store.path)
    let isReading = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      try? reader.read { snapshot in
        _ = try snapshot.streams()
        isReading.signal()
        mayEnd.wait()
      }
    }
    isReading.wait()
    defer { mayEnd.signal() }
    try scratch.store.append(AppendRequest(name, events: [event(50, at: second(50))]))
    let start = ContinuousClock.now
    #expect(try scratch.store.vacuum(pages: 10) == 0)
    try EventStore(path: scratch.store.path)
      .append(AppendRequest(name, events: [event(51, at: second(51))]))
    // Waiting for the reader would take the whole of the busy timeout.
    #expect(ContinuousClock.now - start < .seconds(EventStore.busySeconds))
  }
}
