import EventStore
import Foundation
import GRDB
import Glibc
import Sealing
import Streams
import Testing

/// An event whose payload is in two places, and of a size that is never the same twice in a row.
private func secret(_ number: Int, bytes: Int? = nil) -> NewEvent {
  let pad = String(repeating: "canary-\(number) ", count: (bytes ?? number * 37 % 900) / 10 + 1)
  return NewEvent(
    id: EventID(high: 9, low: UInt64(number)), type: "Counted",
    data: Array("{\"pad\":\"\(pad)\"}".utf8),
    metadata: number % 3 == 0 ? [] : Array("{\"who\":\"canary-\(number)\"}".utf8),
    timestamp: Timestamp(microseconds: Int64(number) * 1_000_000))
}

/// How often the secret is in the files of the store: the database, its log, and what is beside.
private func canaries(_ folder: String) throws -> Int {
  let needle = Array("canary-".utf8)
  var count = 0
  for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
    let bytes = try Array(Data(contentsOf: URL(filePath: folder + "/" + name)))
    count += bytes.withUnsafeBytes { bytes in
      var (found, at) = (0, 0)
      while at + needle.count <= bytes.count, let start = bytes.baseAddress,
        let place = memchr(start + at, Int32(needle[0]), bytes.count - at - needle.count + 1)
      {
        if memcmp(place, needle, needle.count) == 0 { found += 1 }
        at = UnsafeRawPointer(place) - start + 1
      }
      return found
    }
  }
  return count
}

private func read(_ store: EventStore, _ name: StreamName) throws -> [RecordedEvent] {
  try store.read { snapshot in
    let record = try snapshot.readableStream(name)
    var events: [RecordedEvent] = []
    try snapshot.forEachHotEvent(of: record.id, in: 0...Int64.max) {
      events.append($0.copy())
      return true
    }
    return events
  }
}

private func shell(_ script: String) throws -> (status: Int32, output: Data) {
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(filePath: "/bin/bash")
  process.arguments = ["-c", script]
  process.standardOutput = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, output)
}

@Suite struct `A sealed stream` {
  let name: StreamName
  let other: StreamName

  init() throws {
    name = try StreamName("user-7-loans")
    other = try StreamName("service-uptime-api")
  }

  @Test(arguments: [0, 1, 700, 9_000, 200_000])
  func `reads as it was appended, and nothing of it is in the store's files`(
    bytes: Int
  ) async throws {
    let scratch = try ScratchStore()
    let (sealed, plain) = (
      try scratch.open(),
      try EventStore(
        path: scratch.folder + "-plain.db", mode: .createIfMissing)
    )
    defer { for end in ["", "-wal", "-shm"] { unlink(plain.path + end) } }
    let report = try sealed.seal("user-*", reason: "privacy", by: .system)
    #expect(report.streams == 0 && report.events == 0 && report.isLogEmpty)
    let writer = GroupCommitWriter(store: sealed)
    for start in stride(from: 0, to: 40, by: 8) {
      let events = (start..<(start + 8)).map { secret($0, bytes: bytes) }
      let request = AppendRequest(name, events: events)
      try plain.append(request, now: Timestamp(microseconds: 77_000_000))
      switch start / 8 % 3 {
      case 0: try sealed.append(request, now: Timestamp(microseconds: 77_000_000))
      case 1: _ = try await writer.append(request)
      default:
        try sealed.transaction(now: Timestamp(microseconds: 77_000_000)) { transaction in
          for event in events { _ = try event.withDraft { try transaction.append($0, to: name) } }
        }
      }
      #expect(try canaries(scratch.folder) == 0)
    }
    let (found, wanted) = (try read(sealed, name), try read(plain, name))
    #expect(found.map(\.data) == wanted.map(\.data))
    #expect(found.map(\.metadata) == wanted.map(\.metadata))
    #expect(found.map(\.id) == wanted.map(\.id) && found.map(\.revision) == wanted.map(\.revision))
    let (counted, expected) = (
      try sealed.read { try $0.readableStream(name) },
      try plain.read { try $0.readableStream(name) }
    )
    // Sizes are those of what was appended.
    #expect(counted.bytes == expected.bytes)
    let sizes = try [(sealed, counted), (plain, expected)].map { store, record in
      try store.read {
        try HotRows.footprint($0.db, stream: record.id, revisions: 0...39).payloadBytes
      }
    }
    #expect(sizes[0] == sizes[1])
  }

  @Test func `takes and refuses appends as a plain one does`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    _ = try store.seal("user-*", reason: "privacy", by: .system)
    let request = AppendRequest(name, expected: .noStream, events: [secret(0), secret(1)])
    let first = try store.append(request)
    #expect(
      try store.append(request)
        == AppendResult(
          first: first.first, last: first.last, isRepeated: true))
    var changed = secret(1)
    changed.data = Array("{}".utf8)
    #expect(throws: StoreError.eventIDConflict(name, changed.id)) {
      try store.append(AppendRequest(name, events: [changed]))
    }
    #expect {
      try store.append(AppendRequest(name, expected: .exact(Revision(0)), events: [secret(2)]))
    } throws: { ($0 as? StoreError)?.code == .wrongExpectedRevision }
    try store.transaction { transaction in
      for number in 0..<3 {
        let outcome = try secret(number).withDraft { try transaction.append($0, to: name) }
        #expect(outcome == (number < 2 ? .duplicate : .appended))
      }
      #expect(throws: StoreError.eventIDConflict(name, changed.id)) {
        try changed.withDraft { _ = try transaction.append($0, to: name) }
      }
    }
    #expect(try read(store, name).count == 3)
  }

  @Test func `leaves no fingerprint of what was said in the store`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    _ = try store.seal("user-*", reason: "privacy", by: .system)
    try store.append(AppendRequest(name, events: [secret(1)]))
    try store.append(AppendRequest(other, events: [secret(2)]))
    let kept = try store.read {
      try Int64.fetchAll($0.db, sql: "SELECT fingerprint FROM event_ids")
    }
    #expect(!kept.contains(secret(1).withDraft(\.fingerprint)))
    #expect(kept.contains(secret(2).withDraft(\.fingerprint)))
  }

  @Test func `is never one of the store's own`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    #expect(throws: StoreError.notSealable("$audit")) {
      try store.seal("$audit", reason: "?", by: .system)
    }
    _ = try store.seal("*", reason: "all", by: .system)
    try store.append(AppendRequest(name, events: [secret(1)]))
    let records = try store.read { try $0.streams() }
    #expect(records.map { "\($0.name) \($0.isSealed)" } == ["$audit false", "user-7-loans true"])
    #expect(throws: StoreError.notSealed("user-*")) {
      try store.removeSeal("user-*", reason: "?", by: .system)
    }
  }

  @Test func `takes plain rows again when its seal is removed, and keeps the sealed ones`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    _ = try store.seal("user-*", reason: "privacy", by: .system)
    try store.append(AppendRequest(name, events: [secret(0)]))
    try store.removeSeal("user-*", reason: "synthetic", by: .system)
    try store.append(AppendRequest(name, events: [secret(1)]))
    #expect(try canaries(scratch.folder) > 0)
    #expect(try read(store, name).map(\.data) == [secret(0).data, secret(1).data])
    #expect(try store.append(AppendRequest(name, events: [secret(0), secret(1)])).isRepeated)
    #expect(try store.seal("user-*", reason: "again", by: .system).events == 1)
    #expect(try canaries(scratch.folder) == 0)
    let audited = try read(store, try StreamName("$audit")).map(\.type)
    #expect(
      audited.filter { $0.hasPrefix("Streams") } == [
        "StreamsSealed", "StreamsUnsealed", "StreamsSealed",
      ])
  }

  @Test func `has payloads that the age tool opens`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    _ = try store.seal("user-*", reason: "privacy", by: .system)
    try store.append(AppendRequest(name, events: [secret(1), secret(2)]))
    let (row, key) = try store.read { snapshot in
      (
        try Data.fetchOne(snapshot.db, sql: "SELECT data FROM events WHERE sealed & 1023 = 18"),
        try String.fetchOne(snapshot.db, sql: "SELECT id FROM sealing_keys")
      )
    }
    let id = try #require(key)
    let identity = try #require(try store.subjectKeys.identity(id))
    try Data((identity.secretText + "\n").utf8).write(to: URL(filePath: scratch.folder + "/key"))
    try #require(row).write(to: URL(filePath: scratch.folder + "/row.age"))
    let opened = try shell("cd \(scratch.folder) && age -d -i key row.age")
    #expect(opened.status == 0)
    #expect(Array(opened.output) == secret(1).metadata + secret(1).data)
  }

  @Test func `is erased in every copy of the store once its key is destroyed`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    _ = try store.seal("user-*", reason: "privacy", by: .system)
    for number in 0..<5 {
      try store.append(AppendRequest(name, events: [secret(number)]))
      try store.append(AppendRequest(other, events: [event(number)]))
    }
    _ = try store.scrub()
    let copy = scratch.folder + "/copy.db"
    try FileManager.default.copyItem(atPath: store.path, toPath: copy)
    #expect(try store.subjectKeys.destroy("user:7"))
    let old = try EventStore(path: copy, keyFiles: store.subjectKeys.files)
    for store in [store, old] {
      let events = try read(store, name)
      #expect(events.map(\.revision.rawValue) == Array(0..<5))
      for event in events {
        #expect(event == EventView.erased(event.revision).copy())
      }
      #expect(try read(store, other).map(\.isErased) == [false, false, false, false, false])
    }
  }

  @Test func `is passed on to a subscriber of all streams, erased or not, without a stop`()
    async throws
  {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    _ = try store.seal("user-*", reason: "privacy", by: .system)
    for user in ["7", "8"] {
      try store.append(
        AppendRequest(try StreamName("user-\(user)-loans"), events: (0..<3).map { secret($0) }))
    }
    _ = try store.subjectKeys.destroy("user:7")
    let end = try store.read { try $0.nextPosition }
    var seen: [String] = []
    for try await event in store.subscribeAll() {
      seen.append("\(event.stream) \(event.event.isErased)")
      if event.event.position.rawValue == end.rawValue - 1 { break }
    }
    #expect(seen.filter { $0 == "user-7-loans true" }.count == 3)
    #expect(seen.filter { $0 == "user-8-loans false" }.count == 3)
  }

  @Test func `can neither be read nor appended to in the clear while the keys are away`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    _ = try store.seal("user-*", reason: "privacy", by: .system)
    try store.append(AppendRequest(name, events: [secret(0)]))
    let files = store.subjectKeys.files
    for path in [files.operatorKey, files.database] {
      try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
      #expect {
        try read(store, name)
      } throws: { ($0 as? SubjectKeyError)?.code == .keyUnavailable }
      if path == files.operatorKey {
        #expect(throws: SubjectKeyError.self) {
          try store.append(AppendRequest(name, events: [secret(1)]))
        }
      }
      try store.append(AppendRequest(other, events: [event(1)]))
      try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
    }
    #expect(try read(store, name).count == 1)
  }

  @Test(arguments: [
    "UPDATE events SET data = CAST(data || x'00' AS BLOB) WHERE sealed IS NOT NULL",
    "UPDATE events SET data = substr(data, 1, 300) WHERE sealed IS NOT NULL",
    "UPDATE events SET data = x'' WHERE sealed IS NOT NULL",
    "UPDATE events SET sealed = sealed | 0xFFFFFF",
    "UPDATE events SET sealed = 99 << 32 WHERE sealed IS NOT NULL",
  ])
  func `says so when a row of it was altered`(change: String) throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    _ = try store.seal("user-*", reason: "privacy", by: .system)
    try store.append(AppendRequest(name, events: [secret(1, bytes: 500)]))
    try store.write { try $0.execute(sql: change) }
    #expect {
      try read(store, name)
    } throws: { ($0 as? StoreError)?.code == .storeCorrupt }
  }
}

@Suite struct `Sealing the rows a stream has` {
  let name: StreamName

  init() throws { name = try StreamName("user-7-loans") }

  /// Streams whose rows lie beside one another in the file, among them one that is not sealed.
  private func fill(_ store: EventStore, _ count: Int, bytes: Int?) throws -> [StreamName] {
    let names = try ["user-7-loans", "system-jobs", "user-8-loans", "user-7-offers"].map {
      try StreamName($0)
    }
    for start in stride(from: 0, to: count, by: 25) {
      let requests = names.enumerated().map { index, name in
        let events = (start..<min(start + 25, count)).map { number in
          var event = secret(number, bytes: bytes)
          if index == 1 { event.data = Array("{\"n\":\(number)}".utf8); event.metadata = [] }
          return event
        }
        return AppendRequest(name, events: events)
      }
      for result in try store.append(requests) { _ = try result.get() }
    }
    return names
  }

  @Test(arguments: [
    (count: 30, bytes: Int?.some(0)), (1500, nil), (400, 3000), (120, 20_000), (3000, 60),
  ])
  func `leaves nothing of them in the store's files`(count: Int, bytes: Int?) throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let names = try fill(store, count, bytes: bytes)
    let before = try names.map { try read(store, $0) }
    #expect(try canaries(scratch.folder) > count)
    let report = try store.seal("user-*", reason: "privacy", by: .system)
    #expect(report.streams == 3 && report.events == 3 * count && report.isLogEmpty)
    #expect(try canaries(scratch.folder) == 0)
    #expect(try names.map { try read(store, $0) } == before)
    #expect(try store.integrityProblems() == [])
    // Sealed already: nothing to do.
    #expect(try store.seal("user-7-*", reason: "again", by: .system).events == 0)
    #expect(try store.append(AppendRequest(name, events: [secret(0, bytes: bytes)])).isRepeated)
    let seals = try store.read { try $0.seals() }
    #expect(Set(seals.map(\.pattern)) == ["user-*", "user-7-*"])
    #expect(seals.allSatisfy { $0.isComplete && $0.addedBy == .system })
    #expect(try canaries(scratch.folder) == 0)
  }

  @Test(arguments: [0, 1, 2, 4])
  func `goes on after a kill`(slices: Int) async throws {
    let scratch = try ScratchStore()
    var before: [[RecordedEvent]] = []
    let count = 700
    var names: [StreamName] = []
    do {
      let store = try scratch.open()
      names = try fill(store, count, bytes: nil)
      before = try names.map { try read(store, $0) }
    }
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String, slices] in
      let store = try EventStore(path: path)
      var left = slices
      _ = try store.seal("user-*", reason: "privacy", by: .system) {
        if left == 0 { raise(SIGKILL) }
        left -= 1
      }
    }
    let store = try scratch.open()
    #expect(try names.map { try read(store, $0) } == before)
    #expect(try store.read { try $0.seals() }.map(\.isComplete) == [false])
    // What comes meanwhile is sealed at once.
    let late = try StreamName("user-9-loans")
    try store.append(AppendRequest(late, events: [secret(1)]))
    let report = try store.seal("user-*", reason: "privacy", by: .system)
    #expect(report.streams == 4 && report.isLogEmpty && report.events < 3 * count)
    #expect(try names.map { try read(store, $0) } == before)
    #expect(try canaries(scratch.folder) == 0)
    #expect(try store.read { try $0.seals() }.map(\.isComplete) == [true])
    let kept = Set(
      try store.read { try Int64.fetchAll($0.db, sql: "SELECT fingerprint FROM event_ids") })
    for number in 0..<count {
      #expect(!kept.contains(secret(number).withDraft(\.fingerprint)))
      let again = AppendRequest(name, events: [secret(number)])
      #expect(try store.append(again).isRepeated)
    }
  }
}
