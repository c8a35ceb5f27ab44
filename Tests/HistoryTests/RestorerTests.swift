import Archive
import EventStore
import Foundation
import Glibc
import GRDB
import History
import Sealing
import Segments
import Streams
import Testing

@Suite struct `A restored stream` {
  private let name: StreamName

  init() throws { name = try StreamName("service-uptime-api") }

  private func restore(_ history: History, into path: String) throws -> RestoredStream {
    let target = try EventStore(path: path, mode: .createIfMissing)
    let report = try Restorer(history: history).restore(
      RestoreSelection(.named([name])), into: target, on: .test)
    #expect(report.isSound)
    return try #require(report.streams.first)
  }

  private func copy(at path: String) throws -> [Seen] {
    let store = try EventStore(path: path)
    return try History(store: store, folder: ArchiveFolder(path: path + ".none")).events(name)
  }

  @Test func `ends before what is erased, says so, and keeps what came before`() throws {
    let scratch = try Scratch()
    let user = try StreamName("user-1-loans")
    try scratch.store.append(
      AppendRequest(user, events: (Int64(0)...4).map { event($0, at: second($0)) }))
    try scratch.rollOff(user, before: second(4))
    _ = try scratch.store.seal("user-*", reason: "privacy", by: .system)
    try scratch.store.append(
      AppendRequest(user, events: (Int64(5)..<8).map { event($0, at: second($0)) }))
    try scratch.rollOff(user, before: second(8))
    #expect(try scratch.store.subjectKeys.destroy("user:1"))
    let path = scratch.root + "/copy.db"
    for _ in 0..<2 {
      let target = try EventStore(path: path, mode: .createIfMissing)
      #expect(throws: RestoreError.erased(user, Revision(4))) {
        _ = try Restorer(history: scratch.history).restore(
          RestoreSelection(.named([user])), into: target, on: .test)
      }
      let copy = try History(store: target, folder: ArchiveFolder(path: path + ".none"))
        .events(user)
      #expect(copy == Array(try scratch.history.events(user).prefix(4)))
    }
  }

  @Test func `has every byte, id, revision, position and time of the original, hot and cold`()
    throws
  {
    let scratch = try Scratch.withSegments()
    try scratch.store.describe(
      name, description: "é", data: #"{"a":1}"#, metadata: #"{"b":2}"#,
      permissions: #"{"read":["*"]}"#, by: .system)
    let before = try fingerprint(of: scratch.store)
    let report = try restore(scratch.history, into: scratch.root + "/copy.db")

    let original = try scratch.history.events(name)
    #expect(try copy(at: scratch.root + "/copy.db") == original)
    let source = try scratch.store.read { try $0.readableStream(name) }
    let target = try EventStore(path: scratch.root + "/copy.db")
      .read { try $0.readableStream(name) }
    #expect(target.prunedTo == -1)
    #expect(
      [target.description, target.data, target.metadata, target.permissionsText]
        == [source.description, source.data, source.metadata, source.permissionsText])
    #expect(
      [target.createdAt, target.firstAt, target.lastAt]
        == [source.createdAt, source.firstAt, source.lastAt])
    #expect(target.bytes == source.bytes)

    #expect(report.stream == name)
    #expect(report.events == 61)
    #expect(report.cold == 60)
    #expect(report.bytes == source.bytes)
    #expect(try report.digest == digest(of: name, scratch.history))
    #expect(try fingerprint(of: scratch.store) == before)
  }

  @Test func `is the same when it is restored again`() throws {
    let scratch = try Scratch.withSegments()
    let first = try restore(scratch.history, into: scratch.root + "/copy.db")
    #expect(try restore(scratch.history, into: scratch.root + "/copy.db") == first)
    #expect(try copy(at: scratch.root + "/copy.db").count == 61)
  }

  @Test func `takes further events where the original would`() throws {
    let scratch = try Scratch.withSegments()
    _ = try restore(scratch.history, into: scratch.root + "/copy.db")
    let target = try EventStore(path: scratch.root + "/copy.db")
    let last = try #require(try scratch.history.events(name).last)
    let result = try target.append(AppendRequest(name, events: [event(61, at: second(61))]))
    #expect(result.first == Revision(61))
    #expect(try copy(at: target.path).last.map { $0.position > last.position } == true)
  }

  @Test(arguments: [1, 2])
  func `is completed by the next run when the process was killed`(slices: Int) async throws {
    let scratch = try Scratch()
    // Three slices of 8 MiB.
    for first in stride(from: Int64(0), to: 50, by: 10) {
      let events = (first..<(first + 10)).map { event($0, at: second($0), bytes: 450_000) }
      try scratch.store.append(AppendRequest(name, events: events))
    }
    try scratch.rollOff(name, before: second(15))
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, slices = slices as Int] in
      let history = History(
        store: try EventStore(path: root + "/store.db"),
        folder: ArchiveFolder(path: root + "/segments"))
      let target = try EventStore(path: root + "/copy.db", mode: .createIfMissing)
      var count = 0
      _ = try Restorer(history: history).restore(
        RestoreSelection(.named([try StreamName("service-uptime-api")])), into: target, on: .test,
        progress: { done, _ in
          count += done > 0 ? 1 : 0
          if count == slices { kill(getpid(), SIGKILL) }
        })
    }
    let original = try scratch.history.events(name)
    let part = try copy(at: scratch.root + "/copy.db")
    #expect(part.count > 0 && part.count < 50)
    #expect(part == Array(original.prefix(part.count)))

    let report = try restore(scratch.history, into: scratch.root + "/copy.db")
    #expect(try copy(at: scratch.root + "/copy.db") == original)
    #expect(try report.digest == digest(of: name, scratch.history))
  }

  @Test(arguments: [
    "UPDATE events SET data = x'7b7d' WHERE key & 0x3FFFFFFFFF = 30",
    "UPDATE events SET recorded_at = recorded_at + 1 WHERE key & 0x3FFFFFFFFF = 60",
    "UPDATE events SET position = position + 1000 WHERE key & 0x3FFFFFFFFF = 60",
  ])
  func `that is not the original is refused and left as it is`(change: String) throws {
    let scratch = try Scratch.withSegments()
    _ = try restore(scratch.history, into: scratch.root + "/copy.db")
    try EventStore(path: scratch.root + "/copy.db").write { try $0.execute(sql: change) }
    let before = try copy(at: scratch.root + "/copy.db")
    let error = #expect(throws: RestoreError.self) {
      try restore(scratch.history, into: scratch.root + "/copy.db")
    }
    #expect(error?.code == .archiveConflict)
    #expect(try copy(at: scratch.root + "/copy.db") == before)
  }

  @Test func `that has more than the original, or is another stream, is refused`() throws {
    let scratch = try Scratch.withSegments()
    _ = try restore(scratch.history, into: scratch.root + "/longer.db")
    try EventStore(path: scratch.root + "/longer.db")
      .append(AppendRequest(name, events: [event(61, at: second(61))]))
    let other = try EventStore(path: scratch.root + "/other.db", mode: .createIfMissing)
    try other.becomeCopy(of: scratch.store.id)
    try other.append(AppendRequest(name, events: [event(100, at: second(0))]))
    for file in ["longer.db", "other.db"] {
      #expect(throws: RestoreError.self) {
        try restore(scratch.history, into: scratch.root + "/" + file)
      }
    }
    #expect(try copy(at: scratch.root + "/other.db").count == 1)
  }

  @Test func `does not go into a live store, nor into a copy of another`() throws {
    let scratch = try Scratch.withSegments()
    let live = try EventStore(path: scratch.root + "/live.db", mode: .createIfMissing)
    try live.append(AppendRequest(try StreamName("orders-1"), events: [event(1, at: second(0))]))
    let another = try Scratch.withSegments()
    _ = try restore(another.history, into: scratch.root + "/copy.db")
    for file in ["/live.db", "/copy.db", "/store.db"] {
      let store = try EventStore(path: scratch.root + file)
      let before = try fingerprint(of: store)
      let error = #expect(throws: StoreError.self) {
        try restore(scratch.history, into: scratch.root + file)
      }
      #expect(error == .notACopy(path: scratch.root + file, source: scratch.store.id))
      #expect(try fingerprint(of: store) == before)
    }
  }

  @Test func `is not made of a damaged original`() throws {
    let scratch = try Scratch.withSegments()
    let entry = try scratch.store.read { try Catalog.entries($0.db) }[2]
    try FileManager.default.removeItem(atPath: scratch.folder.file(entry.file))
    let error = #expect(throws: HistoryError.self) {
      try restore(scratch.history, into: scratch.root + "/copy.db")
    }
    #expect(error?.revisions == 40...59)
  }

  @Test func `is not made of a stream that is not there or was deleted`() throws {
    let scratch = try Scratch()
    let missing = #expect(throws: StoreError.self) {
      try restore(scratch.history, into: scratch.root + "/copy.db")
    }
    #expect(missing?.code == .streamNotFound)
    try scratch.store.append(AppendRequest(name, events: [event(0, at: second(0))]))
    try scratch.store.archive(name, by: .system, reason: "test")
    try scratch.store.delete(name, by: .system, reason: "test")
    let deleted = #expect(throws: StoreError.self) {
      try restore(scratch.history, into: scratch.root + "/copy.db")
    }
    #expect(deleted?.code == .streamDeleted)
  }

  /// SHA-256 over the event lines, reckoned apart from the restorer.
  private func digest(of name: StreamName, _ history: History) throws -> String {
    try history.read { snapshot in
      var lines: [UInt8] = []
      let encoder = EventLineEncoder()
      try snapshot.forEachEvent(of: try snapshot.hot.readableStream(name)) { event in
        try encoder.append(event, to: &lines)
        return true
      }
      return SHA256Sum(of: lines).description
    }
  }

  /// Everything in the store, as text: a restore must not change its source.
  private func fingerprint(of store: EventStore) throws -> SHA256Sum {
    try store.read { snapshot in
      var text = ""
      for table in ["streams", "events", "event_ids", "segments", "sequences", "stream_days"] {
        for row in try Row.fetchAll(snapshot.db, sql: "SELECT * FROM \(table)") {
          text += row.description
        }
      }
      return SHA256Sum(of: Array(text.utf8))
    }
  }
}
