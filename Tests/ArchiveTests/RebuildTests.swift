import Archive
import EventStore
import Foundation
import GRDB
import Glibc
import Segments
import Streams
import Synchronization
import Testing

@Suite struct `A store that is rebuilt from its segments` {
  /// All streams in segments, none hot; some described, one on hold.
  private func archived() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: 150, bytes: 6_000)
    try scratch.store.fill("user-1-activity", days: 32, bytes: 160_000)
    for number in 2...5 { try scratch.store.fill("user-\(number)-loans", days: 20) }
    let held = try StreamName("user-2-loans")
    try scratch.store.describe(
      held, metadata: #"{ "b" : 1 }"#, permissions: #"{"read":["*"]}"#, by: .system)
    // Without a time of its own: the store gives it the time of recording.
    try scratch.store.append(
      AppendRequest(
        held, events: [NewEvent(id: EventID(high: 2, low: 2), type: "Untimed", data: [1, 2, 3])]),
      now: day(21))
    try CrashingRun(scratch.root).run()
    try Archiver(scratch.store, scratch.folder, now: day(400)).run([
      ArchivePolicy(streams: "service-*", coldAfter: days(30))
    ])
    try #require(try scratch.store.entries().map(\.state) == Array(repeating: .pruned, count: 4))
    return scratch
  }

  private func rebuild(
    _ root: String, isDry: Bool = false, onSegment: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> ReindexReport {
    try StoreRebuild(
      path: root + "/new.db", folder: ArchiveFolder(path: root + "/segments"),
      onSegment: onSegment
    ).run(isDry: isDry, now: day(500))
  }

  @Test func `knows all that the segments hold, as it was`() throws {
    let scratch = try archived()
    let files = try fileSums(scratch.folder)
    let dry = try rebuild(scratch.root, isDry: true)
    #expect(dry.taken.count == 4 && dry.isSound)
    #expect(try names(in: scratch.root).filter { $0.hasPrefix("new") } == [])

    let report = try rebuild(scratch.root)
    #expect(report.isSound)
    #expect(report.newEvents == 150 + 32 + 4 * 20 + 1)
    #expect(report.head?.archiveSeq == 4)
    #expect(report.head?.manifestSHA256 == (try scratch.store.entries().last?.manifestSHA256))
    #expect(try names(in: scratch.root).filter { $0.hasPrefix("new") } == ["new.db"])
    let store = try EventStore(path: scratch.root + "/new.db")
    #expect(store.id == scratch.store.id)
    #expect(try digests(store, scratch.folder) == digests(scratch.store, scratch.folder))
    #expect(try store.knowledge() == scratch.store.knowledge())
    #expect(try fileSums(scratch.folder) == files)
    #expect(try store.integrityProblems() == [])
    let check = try SegmentCheck(store: store, folder: scratch.folder)
      .run(level: .full, now: day(500))
    #expect(check.isSound && check.orphans == [] && check.total == 4)
    #expect(try store.audited("ArchiveReindexed").count == 1)
    let position = try store.read { try $0.nextPosition.rawValue }
    let last = try scratch.store.read { try $0.nextPosition.rawValue }
    #expect(position >= last - 10)
  }

  @Test func `appends, refuses and archives as the lost one would have`() throws {
    let scratch = try archived()
    _ = try rebuild(scratch.root)
    let store = try EventStore(path: scratch.root + "/new.db")
    let closed = try StreamName("user-3-loans")
    #expect(throws: StoreError.streamArchived(closed)) {
      try store.append(AppendRequest(closed, events: [event(900, at: day(1))]))
    }
    try store.reopen(closed, by: .system, reason: "test")
    // The same events again add nothing, with or without a time of their own.
    let repeated = try store.append(
      AppendRequest(closed, expected: .noStream, events: (0..<20).map { event($0, at: day($0)) }))
    #expect(repeated.isRepeated)
    let held = try StreamName("user-2-loans")
    #expect(
      try store.append(
        AppendRequest(
          held, events: [NewEvent(id: EventID(high: 2, low: 2), type: "Untimed", data: [1, 2, 3])])
      ).isRepeated)
    #expect(throws: StoreError.eventIDConflict(closed, event(3, at: day(3)).id)) {
      try store.append(AppendRequest(closed, events: [event(3, at: day(4))]))
    }
    let result = try store.append(
      AppendRequest(closed, events: [event(900, at: day(450))]), now: day(450))
    #expect(result.first == Revision(20))

    try Archiver(store, scratch.folder, now: day(600)).run([
      ArchivePolicy(streams: "user-3-*", coldAfter: days(30))
    ])
    let newest = try #require(try store.entries().last)
    #expect(newest.archiveSeq == 5)
    let check = try SegmentCheck(store: store, folder: scratch.folder)
      .run(level: .full, now: day(600))
    #expect(check.isSound && check.total == 5)
    #expect(try digests(store, scratch.folder)["user-3-loans"]?.hasPrefix("21 ") == true)
  }

  @Test(arguments: 1...4)
  func `goes on where a rebuild was killed`(turn: Int) async throws {
    let scratch = try archived()
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, turn = turn as Int] in
      let turns = Mutex(0)
      _ = try StoreRebuild(
        path: root + "/new.db", folder: ArchiveFolder(path: root + "/segments"),
        onSegment: { _ in
          let now = turns.withLock { count in
            count += 1
            return count
          }
          if now == turn { kill(getpid(), SIGKILL) }
        }
      ).run(now: day(500))
    }
    // Half a store has not got the store's name.
    #expect(throws: StoreError.missing(path: scratch.root + "/new.db")) {
      try EventStore(path: scratch.root + "/new.db")
    }
    let report = try rebuild(scratch.root)
    #expect(report.known == turn && report.taken.count == 4 - turn)
    #expect(report.isSound)
    let store = try EventStore(path: scratch.root + "/new.db")
    #expect(try digests(store, scratch.folder) == digests(scratch.store, scratch.folder))
    #expect(try store.knowledge() == scratch.store.knowledge())
    let audited = try store.audited("ArchiveReindexed")
    #expect(audited.count == 1)
    #expect(audited[0].contains(#""segments":"4","newEvents":"263""#))
  }

  /// Or a stream could be deleted earlier for having lost its store.
  @Test func `keeps how long streams are to be kept`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 5)
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([
      ArchivePolicy(streams: "user-*", coldAfter: days(30), retainFor: days(3650))
    ])
    func retainUntil(_ store: EventStore) throws -> [Int64?] {
      try store.read {
        try Int64?.fetchAll(
          $0.db, sql: "SELECT retain_until FROM streams WHERE name = 'user-1-loans'")
      }
    }
    let promised = try retainUntil(scratch.store)
    #expect(promised != [nil])
    _ = try StoreRebuild(path: scratch.root + "/new.db", folder: scratch.folder).run(now: day(61))
    #expect(try retainUntil(EventStore(path: scratch.root + "/new.db")) == promised)
  }

  /// SQLite would replay it into the new store.
  @Test(arguments: ["-wal", "-shm"])
  func `is not made beside the log of the lost one`(suffix: String) throws {
    let scratch = try archived()
    let log = scratch.root + "/new.db" + suffix
    try Data([1]).write(to: URL(filePath: log))
    #expect(throws: RebuildError.exists(path: log)) { try rebuild(scratch.root) }
  }

  @Test func `does not take the name of a store that was made meanwhile`() throws {
    let scratch = try archived()
    let path = scratch.root + "/new.db"
    let rebuild = StoreRebuild(path: path, folder: scratch.folder) { _ in
      _ = try? EventStore(path: path, mode: .createIfMissing)
    }
    #expect(throws: RebuildError.self) { try rebuild.run(now: day(500)) }
    let store = try EventStore(path: path)
    #expect(try store.read { try $0.streams() }.allSatisfy(\.name.isReserved))
  }

  @Test func `is not shortened by a segment that is gone: what is lost is said`() throws {
    let scratch = try archived()
    let path = scratch.folder.file(try scratch.store.entries()[0].file)
    let lost = try scratch.store.read { try Catalog.ranges($0.db, in: 1) }[0]
    try FileManager.default.moveItem(atPath: path, toPath: scratch.root + "/aside")
    let report = try rebuild(scratch.root)
    #expect(!report.isSound)
    #expect(report.missing == [1...1])
    #expect(report.lost.map(\.stream.rawValue) == ["service-uptime-api"])
    #expect(report.lost.map(\.revisions) == [0...lost.last])
    let store = try EventStore(path: scratch.root + "/new.db")
    #expect(try store.record("service-uptime-api").events == 150)
    #expect(throws: (any Error).self) { try digests(store, scratch.folder) }
    let check = SegmentCheck(store: store, folder: scratch.folder)
    #expect(try !check.run(level: .index, now: day(500)).isSound)

    // It is found again.
    try FileManager.default.moveItem(atPath: scratch.root + "/aside", toPath: path)
    #expect(try Reindexer(store: store, folder: scratch.folder).run(now: day(501)).isSound)
    #expect(try digests(store, scratch.folder) == digests(scratch.store, scratch.folder))
    #expect(try store.knowledge() == scratch.store.knowledge())
  }

  @Test func `takes of a damaged segment what is sound, and the rest once it is healed`() throws {
    let scratch = try archived()
    let entry = try scratch.store.entries()[1]
    let path = scratch.folder.file(entry.file)
    let chunk = try scratch.store.read { try Catalog.chunks($0.db, of: entry.archiveSeq) }[2]
    try flip(path) { _ in Int(chunk.offset) + chunk.compressedBytes / 2 }
    let report = try rebuild(scratch.root)
    #expect(!report.isSound)
    #expect(report.taken.map(\.isDamaged) == [false, true, false, false])
    #expect(report.newEvents == 263 - chunk.count)
    let store = try EventStore(path: scratch.root + "/new.db")
    #expect(try store.entries().map(\.state) == [.pruned, .quarantined, .pruned, .pruned])
    #expect(try store.record("user-1-activity").events == 32)

    try flip(path) { _ in Int(chunk.offset) + chunk.compressedBytes / 2 }
    let again = try Reindexer(store: store, folder: scratch.folder).run(now: day(501))
    #expect(again.isSound)
    #expect(again.newEvents == chunk.count)
    #expect(try store.knowledge() == scratch.store.knowledge())
    #expect(try digests(store, scratch.folder) == digests(scratch.store, scratch.folder))
  }

  @Test func `is refused where it would be a guess`() throws {
    let scratch = try archived()
    #expect(throws: RebuildError.exists(path: scratch.root + "/store.db")) {
      try StoreRebuild(path: scratch.root + "/store.db", folder: scratch.folder).run(now: day(1))
    }
    let empty = ArchiveFolder(path: scratch.root + "/empty")
    #expect(throws: RebuildError.noSegments(folder: empty.path)) {
      try StoreRebuild(path: scratch.root + "/new.db", folder: empty).run(now: day(1))
    }
    let other = try archived()
    for entry in try other.store.entries() where !entry.file.contains("pack") {
      let target = scratch.folder.file(entry.file)
      try FileManager.default.createDirectory(
        atPath: String(target.prefix { $0 != "." }.dropLast(entry.segmentID.count + 1)),
        withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: other.folder.file(entry.file), toPath: target)
    }
    let ids = [scratch.store.id, other.store.id].sorted()
    #expect(throws: RebuildError.manyStores(folder: scratch.folder.path, ids: ids)) {
      try StoreRebuild(path: scratch.root + "/new.db", folder: scratch.folder).run(now: day(1))
    }
    let report = try StoreRebuild(path: scratch.root + "/new.db", folder: scratch.folder)
      .run(storeID: scratch.store.id, now: day(1))
    #expect(report.taken.count == 4)
    #expect(
      report.refused.map(\.problem) == Array(repeating: .foreign(store: other.store.id), count: 3))
    #expect(report.isSound)
  }

  private func names(in path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}

extension EventStore {
  /// What the store knows of its streams beside their rows, as text: numbers of streams and types,
  /// which may differ, are replaced by names.
  func knowledge() throws -> [String] {
    try read { snapshot in
      try [
        """
        SELECT name, metadata, permissions, status, created_at, events, bytes, first_at, last_at,
          pruned_to, hold_reason FROM streams WHERE name NOT LIKE '$%' ORDER BY name
        """,
        """
        SELECT name, e.id, revision, fingerprint FROM event_ids AS e JOIN streams AS s
          ON s.id = stream WHERE name NOT LIKE '$%' ORDER BY name, revision
        """,
        """
        SELECT s.name, day, t.name AS type, d.events, d.bytes FROM stream_days AS d
          JOIN streams AS s ON s.id = stream JOIN event_types AS t ON t.id = d.type
          WHERE s.name NOT LIKE '$%' ORDER BY s.name, day, t.name
        """,
      ].flatMap { try Row.fetchAll(snapshot.db, sql: $0).map(\.description) }
    }
  }
}
