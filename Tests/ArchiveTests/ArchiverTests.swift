import Archive
import EventStore
import Foundation
import GRDB
import Segments
import Streams
import Synchronization
import Testing

@Suite struct `Archiving` {
  private let cold = ArchivePolicy(streams: "user-*", coldAfter: days(30))
  private let rolling = ArchivePolicy(
    streams: "service-uptime-*", keepHot: days(10), rollOffEvery: days(1))

  @Test func `records what is in the file, where each chunk lies, and what the file is`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 10, bytes: 300_000)
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold], grace: days(1))

    let entry = try #require(try scratch.store.entries().first)
    let path = scratch.folder.file(entry.file)
    let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
    #expect(entry.archiveSeq == 1)
    #expect(entry.state == .archived)
    #expect(entry.archivedAt == day(60))
    #expect(entry.bytes == Int64(bytes.count))
    #expect(entry.sha256 == SHA256Sum(of: bytes).description)
    let manifest = try scratch.store.manifest(of: entry)
    #expect(entry.manifestSHA256 == SHA256Sum(of: manifest.encoded).description)
    #expect(try mode(of: path) == 0o444)

    let (ranges, chunks) = try scratch.store.read { snapshot in
      (try Catalog.ranges(snapshot.db, in: 1), try Catalog.chunks(snapshot.db, of: 1))
    }
    #expect(ranges.map(\.first) == [0])
    #expect(ranges.map(\.last) == [9])
    #expect(chunks.count > 1)
    #expect(chunks.reduce(0) { $0 + $1.count } == 10)
    #expect(chunks.reduce(0) { $0 + Int64($1.bytes) } == entry.rawBytes)
    #expect(try chunks == SegmentFile(path: path).chunks)
  }

  @Test func `makes a cold stream read-only, says so in the audit stream, and keeps every byte`()
    throws
  {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 10)
    let before = try digests(scratch.store, scratch.folder)
    let summary = try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold])
    #expect(summary.segments.count == 1)
    #expect(summary.events == 10)
    #expect(summary.released == 10)

    #expect(try scratch.store.record("user-1-loans").status == .archived)
    #expect(
      try scratch.store.audited("StreamArchived") == [
        "{\"name\":\"user-1-loans\",\"segment\":\"\(summary.segments[0])\","
          + "\"reason\":\"cold\",\"by\":\"system\"}"
      ])
    #expect(throws: StoreError.streamArchived(name)) {
      try scratch.store.append(AppendRequest(name, events: [event(10, at: day(61))]))
    }
    #expect(StoreError.streamArchived(name).code.rawValue == "stream-archived")
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test func `leaves a stream that is rolled off active, and its next events are appended`() throws
  {
    let scratch = try Scratch()
    let name = try scratch.store.fill("service-uptime-api", days: 60)
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([rolling])
    let record = try scratch.store.record("service-uptime-api")
    #expect(record.status == .active)
    #expect(record.prunedTo == 49)
    let result = try scratch.store.append(AppendRequest(name, events: [event(60, at: day(60))]))
    #expect(result.last == Revision(60))
    #expect(try scratch.store.audited("StreamArchived").isEmpty)
    let entry = try #require(try scratch.store.entries().first)
    #expect(
      try scratch.store.audited("SegmentArchived") == [
        "{\"segment\":\"\(entry.file)\",\"archiveSeq\":\"1\",\"events\":\"50\","
          + "\"manifestSHA256\":\"\(entry.manifestSHA256)\",\"reason\":\"cold\",\"by\":\"system\"}"
      ])
  }

  @Test func `chains each segment to the one before, and each stream to its own`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: 60)
    try scratch.store.fill("user-1-loans", days: 10)
    for now in [Int64(30), 45, 60] {
      try Archiver(scratch.store, scratch.folder, now: day(now)).run([cold, rolling])
    }
    let entries = try scratch.store.entries()
    let manifests = try entries.map(scratch.store.manifest)
    // Day 30: api 0…19. Day 45: the loans as a whole and api 20…34, in one pack. Day 60: api.
    #expect(entries.map(\.archiveSeq) == [1, 2, 3])
    #expect(manifests.map(\.streams.count) == [1, 2, 1])
    #expect(manifests.map { $0.prev?.archiveSeq } == [nil, 1, 2])
    #expect(
      manifests.map { $0.prev?.manifestSHA256.description }
        == [nil, entries[0].manifestSHA256, entries[1].manifestSHA256])
    let streamLinks = manifests.flatMap(\.streams).map {
      "\($0.info.name) \($0.first)…\($0.last) after \($0.info.prev?.description ?? "nothing")"
    }
    #expect(
      streamLinks == [
        "service-uptime-api 0…19 after nothing",
        "user-1-loans 0…9 after nothing",
        "service-uptime-api 20…34 after \(entries[0].manifestSHA256)",
        "service-uptime-api 35…49 after \(entries[1].manifestSHA256)",
      ])
    #expect(
      try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(60)).isSound)
  }

  @Test func `leaves a stream active that gets an event while it is being archived`() throws {
    let scratch = try Scratch()
    let store = scratch.store
    let name = try store.fill("user-1-loans", days: 10)
    let archiver = Archiver(store, scratch.folder, now: day(60)) { step in
      guard step == .verified else { return }
      _ = try? store.append(AppendRequest(name, events: [event(10, at: day(59))]))
    }
    let summary = try archiver.run([cold])
    #expect(summary.events == 10)
    let record = try store.record("user-1-loans")
    #expect(record.status == .active)
    #expect(record.events == 11)
    #expect(record.prunedTo == 9)
    #expect(try store.audited("StreamArchived").isEmpty)

    #expect(try Archiver(store, scratch.folder, now: day(80)).run([cold]).events == 0)
    #expect(try Archiver(store, scratch.folder, now: day(89)).run([cold]).events == 1)
    #expect(try store.record("user-1-loans").status == .archived)
  }

  @Test func `takes a reopened stream again once it is cold, linked to what it archived before`()
    throws
  {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 10)
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold])
    try scratch.store.reopen(name, by: .system, reason: "the user came back")
    try scratch.store.fill("user-1-loans", days: 3, from: 70)
    let before = try digests(scratch.store, scratch.folder)
    try Archiver(scratch.store, scratch.folder, now: day(110)).run([cold])

    let record = try scratch.store.record("user-1-loans")
    #expect(record.status == .archived)
    #expect(record.prunedTo == 12)
    let entries = try scratch.store.entries()
    let second = try scratch.store.manifest(of: try #require(entries.last))
    #expect(second.streams.map(\.first) == [Revision(10)])
    #expect(second.streams[0].info.prev?.description == entries[0].manifestSHA256)
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test func `cuts a large stream into segments that are read as one`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 12)
    let before = try digests(scratch.store, scratch.folder)
    // The plan is cut by estimates: say that each event is enormous.
    try scratch.store.write { db in
      try db.execute(
        sql: "UPDATE streams SET bytes = ? WHERE name = ?",
        arguments: [600 << 20, name.rawValue])
    }
    let summary = try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold])
    #expect(summary.segments.count == 3)
    #expect(try scratch.store.record("user-1-loans").status == .archived)
    #expect(try scratch.store.record("user-1-loans").prunedTo == 11)
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test func `says in the manifest what is said about the stream`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 3)
    try scratch.store.describe(
      name, metadata: #"{"owner":"éva"}"#, permissions: #"{"read":["*"]}"#, by: .system)
    try scratch.store.placeHold(on: name, reason: "case 7", by: .system)
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold])
    let manifest = try scratch.store.manifest(
      of: try #require(try scratch.store.entries().first))
    let info = try #require(manifest.streams.first).info
    #expect(info.name == name)
    #expect(info.category == "loans")
    #expect(info.lifecycle == .archived)
    #expect(info.acl == #"{"read":["*"]}"#)
    #expect(info.metadata == #"{"owner":"éva"}"#)
    #expect(info.legalHold == "case 7")
    #expect(manifest.storeID == scratch.store.id)
    #expect(manifest.createdAt == day(60))
  }

  @Test func `goes through the steps in order`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 3, bytes: 50_000)
    let steps = Mutex<[ArchiveStep]>([])
    let record: @Sendable (ArchiveStep) -> Void = { step in steps.withLock { $0.append(step) } }
    try Archiver(scratch.store, scratch.folder, now: day(60), onStep: record).run([cold])
    // Parity is made only where a policy asks for it.
    #expect(steps.withLock { $0 } == ArchiveStep.allCases.filter { $0 != .parity })
  }

  private func mode(of path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
  }
}
