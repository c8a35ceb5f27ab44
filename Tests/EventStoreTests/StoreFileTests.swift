import EventStore
import GRDB
import Foundation
import Streams
import Testing

@Suite struct `A store file` {
  @Test func `commits with synchronous FULL`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let level = try store.write { db in
      try #require(try Int.fetchOne(db, sql: "PRAGMA synchronous"))
    }
    #expect(level == 2)
  }

  @Test(arguments: [
    Data("{\"stream\":\"x\"}\n".utf8), Data(repeating: 0, count: 5000), Data("SQLite".utf8),
  ])
  func `that is not a store is refused and not touched`(content: Data) throws {
    let scratch = try ScratchStore()
    try content.write(to: URL(fileURLWithPath: scratch.path))
    let path = scratch.path
    #expect { try EventStore(path: path, mode: .createIfMissing) } throws: {
      ($0 as? StoreError)?.code == .notAStore
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)
  }

  @Test func `of a newer version is refused and not touched`() throws {
    let scratch = try ScratchStore()
    do {
      let store = try scratch.open()
      try store.write { try $0.execute(sql: "PRAGMA user_version = 99") }
    }
    let path = scratch.path
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(throws: StoreError.newer(path: path, version: 99, supported: 4)) {
      try EventStore(path: path, mode: .readWrite)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  @Test func `of an older version is not changed by a reader, who is told what changes it`() throws
  {
    let scratch = try ScratchStore()
    do {
      let store = try scratch.open()
      try store.write { try $0.execute(sql: "PRAGMA user_version = 1") }
    }
    let path = scratch.path
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let error = #expect(throws: StoreError.self) { try EventStore(path: path, mode: .readOnly) }
    #expect(error == .older(path: path, version: 1, supported: 4))
    #expect(error?.remedy.contains("rookery doctor --migrate") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
        .filter { $0.hasSuffix("-wal") } == [])
  }

  @Test func `becomes a copy while it is empty, and of one store only`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    for _ in 0..<2 {
      try EventStore.checkCopy(at: scratch.path, of: "a")
      try store.becomeCopy(of: "a")
    }
    let path = scratch.path
    for source in ["b", store.id] {
      #expect(throws: StoreError.notACopy(path: path, source: source)) {
        try store.becomeCopy(of: source)
      }
      #expect(throws: StoreError.notACopy(path: path, source: source)) {
        try EventStore.checkCopy(at: path, of: source)
      }
    }
    let other = scratch.folder + "/other.db"
    try EventStore.checkCopy(at: other, of: "a")
    #expect(!FileManager.default.fileExists(atPath: other))
    let live = try EventStore(path: other, mode: .createIfMissing)
    try live.append(AppendRequest(try StreamName("s"), events: [event(0)]))
    #expect(throws: StoreError.notACopy(path: other, source: "a")) {
      try EventStore.checkCopy(at: other, of: "a")
    }
    #expect(throws: StoreError.notACopy(path: other, source: "a")) {
      try live.becomeCopy(of: "a")
    }
  }

  @Test func `that is missing is not made by a read`() throws {
    let scratch = try ScratchStore()
    let path = scratch.path
    #expect(throws: StoreError.missing(path: path)) { try EventStore(path: path, mode: .readOnly) }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `keeps its id`() throws {
    let scratch = try ScratchStore()
    let first = try scratch.open().id
    #expect(try scratch.open().id == first)
    #expect(first.count == 36)
  }

  @Test func `is read on one snapshot while a writer goes on`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let other = try scratch.open()
    let name = try StreamName("s")
    try store.append(AppendRequest(name, events: [event(0)]))
    try store.read { snapshot in
      let record = try #require(try snapshot.stream(name))
      try other.append(AppendRequest(name, events: [event(1)]))
      var count = 0
      try snapshot.forEachHotEvent(of: record.id, in: 0...100) { _ in
        count += 1
        return true
      }
      #expect(count == 1)
    }
  }
}

@Suite struct `A stream's life` {
  let name: StreamName

  init() throws { name = try StreamName("user-42-loans") }

  @Test func `goes from active to archived to deleted, and its name is never used again`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: [event(0)]))
    #expect(throws: StoreError.illegalTransition(name, from: .active, to: .deleted)) {
      try store.delete(name, by: .system, reason: "too early")
    }
    try store.archive(name, by: .system, reason: "cold")
    #expect(throws: StoreError.streamArchived(name)) {
      try store.append(AppendRequest(name, events: [event(1)]))
    }
    try store.delete(name, by: .system, reason: "retention is over")
    #expect {
      try store.append(AppendRequest(name, events: [event(2)]))
    } throws: { error in
      let text = "\(error)"
      return (error as? StoreError)?.code == .streamDeleted && text.contains("retention is over")
    }
  }

  @Test func `can be reopened while archived`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: [event(0)]))
    try store.archive(name, by: .system, reason: "cold")
    try store.reopen(name, by: .system, reason: "audit")
    #expect(try store.append(AppendRequest(name, events: [event(1)])).last == Revision(1))
  }

  @Test func `is not ended under a legal hold`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    try store.append(AppendRequest(name, events: [event(0)]))
    try store.archive(name, by: .system, reason: "cold")
    try store.placeHold(on: name, reason: "case 7", by: .system)
    #expect(throws: StoreError.onHold(name, reason: "case 7")) {
      try store.delete(name, by: .system, reason: "retention is over")
    }
    try store.liftHold(on: name, reason: "closed", by: .system)
    try store.delete(name, by: .system, reason: "retention is over")
  }

  @Test func `is counted by day and type as its events are appended`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let day = 86_400
    try store.append(
      AppendRequest(name, events: [event(1), event(day + 1), event(2), event(day + 2), event(3)]))
    let counts = try store.read { snapshot in
      try snapshot.dayCounts(of: try #require(try snapshot.stream(name)).id)
    }
    #expect(counts.map(\.day) == [0, 1])
    #expect(counts.map(\.events) == [3, 2])
    #expect(counts.map(\.bytes) == [6, 4])
  }
}
