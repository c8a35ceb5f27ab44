import Archive
import Dispatch
import EventStore
import Foundation
import GRDB
import History
import Segments
import Streams
import Testing

/// Reads through ``History/forEachEvent(of:in:backward:_:)``: no snapshot while the archive is read.
@Suite struct `A read of the archive` {
  private let name: StreamName
  private let patience = DispatchTime.now() + 300

  init() throws { name = try StreamName("service-uptime-api") }

  private func revisions(
    _ history: History, in range: ClosedRange<Int64> = 0...Int64.max, backward: Bool = false,
    _ onEvent: (Int64) throws -> Void = { _ in }
  ) throws -> [Int64] {
    var revisions: [Int64] = []
    try history.forEachEvent(of: name, in: range, backward: backward) { event in
      revisions.append(event.revision.rawValue)
      try onEvent(event.revision.rawValue)
      return true
    }
    return revisions
  }

  @Test func `holds up no hot read, however many of them are stuck`() throws {
    let scratch = try Scratch.withSegments()
    let history = scratch.history
    let name = name
    let begun = DispatchSemaphore(value: 0)
    let goOn = DispatchSemaphore(value: 0)
    let ended = DispatchSemaphore(value: 0)
    let readers = 12
    for _ in 0..<readers {
      Thread.detachNewThread {
        var isFirst = true
        _ = try? history.forEachEvent(of: name, in: 0...59) { _ in
          guard isFirst else { return true }
          isFirst = false
          begun.signal()
          return goOn.wait(timeout: .now() + 300) == .success
        }
        ended.signal()
      }
    }
    for _ in 0..<readers { #expect(begun.wait(timeout: patience) == .success) }
    let isRead = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let last = try? history.events(name, in: 60...60)
      if last?.count == 1 { isRead.signal() }
    }
    #expect(isRead.wait(timeout: patience) == .success)
    for _ in 0..<readers { goOn.signal() }
    for _ in 0..<readers { #expect(ended.wait(timeout: patience) == .success) }
  }

  @Test func `keeps the log from growing no longer than a look at the catalog takes`() throws {
    let scratch = try Scratch.withSegments()
    let store = scratch.store
    let other = try StreamName("other")
    let log = store.path + "-wal"
    var sizes: [Int] = []
    let seen = try revisions(scratch.history) { revision in
      guard revision == 30 else { return }
      try store.append(AppendRequest(other, events: [event(1000, at: second(1))]))
      _ = try store.vacuum(pages: 1000)
      let attributes = try FileManager.default.attributesOfItem(atPath: log)
      sizes.append(attributes[.size] as? Int ?? -1)
    }
    #expect(seen == Array(0...60))
    #expect(sizes == [0])
  }

  @Test(arguments: [false, true])
  func `goes on in the segment that took the place of the one it was about to open`(
    backward: Bool
  ) throws {
    let scratch = try Scratch.withSegments()
    let entry = try scratch.store.read { try Catalog.entries($0.db)[1] }
    let moved = "moved-g2.tar.zst"
    let seen = try revisions(scratch.history, backward: backward) { revision in
      guard revision == (backward ? 45 : 15) else { return }
      try FileManager.default.moveItem(
        atPath: scratch.folder.file(entry.file), toPath: scratch.folder.file(moved))
      try scratch.store.write {
        try $0.execute(
          sql: "UPDATE segments SET file = ? WHERE archive_seq = ?",
          arguments: [moved, entry.archiveSeq])
      }
    }
    #expect(seen == (backward ? (0...60).reversed() : Array(0...60)))
  }

  @Test func `fails once where a segment is gone and nothing took its place`() throws {
    let scratch = try Scratch.withSegments()
    let entry = try scratch.store.read { try Catalog.entries($0.db)[1] }
    try FileManager.default.removeItem(atPath: scratch.folder.file(entry.file))
    var last: Int64 = -1
    let error = #expect(throws: HistoryError.self) {
      _ = try revisions(scratch.history) { last = $0 }
    }
    #expect(last == 19)
    #expect(error?.revisions == 20...39)
    #expect(error?.segment == entry.file)
  }

  @Test func `of a stream that is deleted meanwhile is no shorter stream`() throws {
    let scratch = try Scratch.withSegments()
    let store = scratch.store
    let error = #expect(throws: StoreError.self) {
      _ = try revisions(scratch.history) { revision in
        guard revision == 5 else { return }
        try store.archive(name, by: .system, reason: "test")
        try store.delete(name, by: .system, reason: "asked for", now: second(99))
      }
    }
    #expect(error?.code == .streamDeleted)
  }

  @Test(arguments: [false, true])
  func `ends with the event that was the last when it began`(backward: Bool) throws {
    let scratch = try Scratch.withSegments()
    let store = scratch.store
    let writer = try EventStore(path: store.path)
    let seen = try revisions(scratch.history, backward: backward) { revision in
      guard revision == 20 else { return }
      try writer.append(AppendRequest(name, events: [event(61, at: second(61))]))
    }
    #expect(seen == (backward ? (0...60).reversed() : Array(0...60)))
  }
}

@Suite struct `Verified chunks in memory` {
  private let name: StreamName

  init() throws { name = try StreamName("service-uptime-api") }

  private func remove(_ scratch: borrowing Scratch) throws {
    for file in scratch.folder.files() {
      try FileManager.default.removeItem(atPath: scratch.folder.file(file))
    }
  }

  @Test func `serve a repeated read without the file, in this history and its copies only`() throws
  {
    let scratch = try Scratch.withSegments()
    let history = scratch.history
    let copy = history
    let first = try history.events(name, in: 5...5)
    try remove(scratch)
    #expect(try history.events(name, in: 5...5) == first)
    #expect(try copy.events(name, in: 0...19, backward: true).count == 20)
    #expect(throws: HistoryError.self) { try history.events(name, in: 45...45) }
    #expect(throws: HistoryError.self) { try scratch.history.events(name, in: 5...5) }
  }

  @Test(arguments: [
    "UPDATE segments SET state = 'quarantined'",
    "UPDATE segment_chunks SET sha256 = replace(sha256, substr(sha256, 1, 8), '00000000')",
    "DELETE FROM segment_ranges",
  ])
  func `serve nothing that the catalog does not ask for any more`(change: String) throws {
    let scratch = try Scratch.withSegments()
    let history = scratch.history
    _ = try history.events(name, in: 5...5)
    try remove(scratch)
    try scratch.store.write { try $0.execute(sql: change) }
    #expect(throws: HistoryError.self) { try history.events(name, in: 5...5) }
  }

  @Test func `are gone when they are told to go`() throws {
    let scratch = try Scratch.withSegments()
    let cache = ChunkCache()
    let history = History(store: scratch.store, folder: scratch.folder, cache: cache)
    _ = try history.events(name, in: 5...5)
    #expect(cache.bytes > 0)
    cache.removeAll()
    #expect(cache.bytes == 0)
    try remove(scratch)
    #expect(throws: HistoryError.self) { try history.events(name, in: 5...5) }
  }

  @Test func `are not those that failed their check`() throws {
    let scratch = try Scratch.withSegments()
    let cache = ChunkCache()
    let history = History(store: scratch.store, folder: scratch.folder, cache: cache)
    for file in scratch.folder.files() {
      try overwrite(scratch.folder.file(file)) { $0 = $0.map { $0 ^ 0x55 } }
    }
    #expect(throws: HistoryError.self) { try history.events(name, in: 5...5) }
    #expect(cache.bytes == 0)
  }
}
