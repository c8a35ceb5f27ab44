import EventStore
import Foundation
import GRDB
import Glibc
import Streams
import Testing

/// The code an opening fails with; nil when it does not.
private func failure(_ path: String, _ mode: EventStore.Mode) -> ErrorCode? {
  do {
    _ = try EventStore(path: path, mode: mode)
    return nil
  } catch {
    return (error as? StoreError)?.code ?? ErrorCode(rawValue: "\(error)")
  }
}

@Suite struct `A path given as a store` {
  private static let modes: [EventStore.Mode] = [.readOnly, .readWrite, .createIfMissing]

  @Test(arguments: modes)
  func `that is a folder, a pipe or a device is refused at once`(mode: EventStore.Mode) throws {
    let scratch = try ScratchStore()
    try #require(mkfifo(scratch.folder + "/pipe", 0o600) == 0)
    for path in [scratch.folder, scratch.folder + "/pipe"] {
      #expect(failure(path, mode) == .notAStore, "\(path)")
    }
    #expect(failure("/dev/zero", mode) == .notAStore)
  }

  @Test func `in a folder that does not exist is missing, or can't be written`() {
    #expect(failure("/no/such/folder/store.db", .readOnly) == .storeMissing)
    #expect(failure("/no/such/folder/store.db", .readWrite) == .storeMissing)
    #expect(failure("/no/such/folder/store.db", .createIfMissing) == .storeReadOnly)
  }

  @Test func `that is another program's database is refused and not touched`() throws {
    let scratch = try ScratchStore()
    do {
      let other = try DatabaseQueue(path: scratch.path)
      try other.write { try $0.execute(sql: "CREATE TABLE t (a); INSERT INTO t VALUES (1)") }
    }
    let before = try Data(contentsOf: URL(fileURLWithPath: scratch.path))
    for mode in Self.modes { #expect(failure(scratch.path, mode) == .notAStore) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path)) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder) == ["store.db"])
  }

  @Test func `that is empty becomes a store only when one may be created`() throws {
    let scratch = try ScratchStore()
    try Data().write(to: URL(fileURLWithPath: scratch.path))
    #expect(failure(scratch.path, .readOnly) == .storeMissing)
    #expect(failure(scratch.path, .readWrite) == .storeMissing)
    #expect(failure(scratch.path, .createIfMissing) == nil)
  }

  @Test(arguments: [100, 4096, 8192, 20_000, 60_000])
  func `that was cut short is refused or found damaged, and never traps`(bytes: Int) throws {
    let scratch = try ScratchStore()
    let name = try StreamName("s")
    do {
      let store = try scratch.open()
      try store.append(AppendRequest(name, events: (0..<500).map { event($0) }))
    }
    let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.path))
    try #require(whole.count > bytes)
    try whole.prefix(bytes).write(to: URL(fileURLWithPath: scratch.path))
    do {
      let store = try EventStore(path: scratch.path, mode: .readOnly)
      #expect(try !store.integrityProblems().isEmpty)
    } catch let error as StoreError {
      #expect([.storeCorrupt, .notAStore].contains(error.code), "\(error)")
    }
  }

  @Test func `with bytes overwritten is found damaged`() throws {
    let scratch = try ScratchStore()
    let name = try StreamName("s")
    do {
      let store = try scratch.open()
      try store.append(AppendRequest(name, events: (0..<5000).map { event($0) }))
    }
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: scratch.path))
    try file.seek(toOffset: 40 * 8192)
    try file.write(contentsOf: Data(repeating: 0xA5, count: 8192))
    try file.close()
    #expect {
      let problems = try EventStore(path: scratch.path).integrityProblems()
      if !problems.isEmpty { throw StoreError.corrupt(detail: problems[0]) }
    } throws: {
      ($0 as? StoreError)?.code == .storeCorrupt
    }
  }
}

@Suite struct `A store that can't be written` {
  /// Runs as another user where the tests run as root, whom no file mode stops.
  @Test func `can be read, and refuses to be opened for writing or to be appended to`() async throws
  {
    let scratch = try ScratchStore()
    let name = try StreamName("s")
    do {
      let store = try scratch.open()
      try store.append(AppendRequest(name, events: [event(0)]))
    }
    try #require(chmod(scratch.path, 0o444) == 0 && chmod(scratch.folder, 0o555) == 0)
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      if geteuid() == 0 { try #require(setgid(65_534) == 0 && setuid(65_534) == 0) }
      let name = try StreamName("s")
      let reader = try EventStore(path: path, mode: .readOnly)
      #expect(try reader.read { try $0.readableStream(name).events } == 1)
      #expect {
        try reader.append(AppendRequest(name, events: [event(1)]))
      } throws: {
        ($0 as? StoreError)?.code == .storeReadOnly
      }
      #expect(failure(path, .readWrite) == .storeReadOnly)
      #expect(failure(path, .createIfMissing) == .storeReadOnly)
      #expect(failure(path + "-other", .createIfMissing) == .storeReadOnly)
    }
    try #require(chmod(scratch.folder, 0o755) == 0)
  }

  /// A copy of the file and of its log, where the log's index can't be made.
  @Test func `with a log beside it is not told to be damaged`() async throws {
    let scratch = try ScratchStore()
    let copy = scratch.folder + "/copy"
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    let store = try scratch.open()
    try store.append(AppendRequest(try StreamName("s"), events: [event(0)]))
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: scratch.path + suffix, toPath: copy + "/store.db" + suffix)
    }
    try #require(chmod(copy, 0o555) == 0)
    await #expect(processExitsWith: .success) { [path = copy + "/store.db" as String] in
      if geteuid() == 0 { try #require(setgid(65_534) == 0 && setuid(65_534) == 0) }
      for mode in [EventStore.Mode.readOnly, .readWrite] {
        #expect(failure(path, mode) == .storeReadOnly)
      }
    }
    try #require(chmod(copy, 0o755) == 0)
  }

  @Test func `because another process writes is busy for the time it is given`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let name = try StreamName("s")
    try store.write { try $0.execute(sql: "PRAGMA busy_timeout = 50") }
    let other = try DatabaseQueue(path: scratch.path)
    try other.writeWithoutTransaction { db in
      try db.execute(sql: "BEGIN IMMEDIATE")
      #expect(throws: StoreError.busy) {
        try store.append(AppendRequest(name, events: [event(0)]))
      }
      try db.execute(sql: "ROLLBACK")
    }
    #expect(try store.append(AppendRequest(name, events: [event(0)])).last == Revision(0))
  }
}

@Suite struct `A small store` {
  @Test func `may be empty`() throws {
    let scratch = try ScratchStore()
    let name = try StreamName("none")
    let store = try scratch.open()
    #expect(try store.read { try $0.streams().isEmpty })
    #expect(try store.read { try $0.nextPosition } == Position(0))
    #expect(try store.integrityProblems().isEmpty)
    #expect(throws: StoreError.streamNotFound(name)) {
      try store.read { try $0.readableStream(name).id }
    }
    for change in [store.archive, store.reopen] {
      #expect(throws: StoreError.streamNotFound(name)) { try change(name, .system, "no") }
    }
  }

  @Test(arguments: [false, true])
  func `may have a stream with one event`(isBackward: Bool) throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let name = try StreamName("one")
    try store.append(AppendRequest(name, events: [event(7)]))
    let record = try store.read { try $0.readableStream(name) }
    #expect((record.events, record.hotEvents, record.prunedTo) == (1, 1, -1))
    #expect(record.firstAt == record.lastAt && record.status == .active)
    for (range, count) in [(Int64(0)...0, 1), (0...Int64.max, 1), (1...5, 0)] {
      var found = 0
      try store.read { snapshot in
        _ = try snapshot.forEachHotEvent(of: record.id, in: range, backward: isBackward) { _ in
          found += 1
          return true
        }
      }
      #expect(found == count)
    }
  }
}
