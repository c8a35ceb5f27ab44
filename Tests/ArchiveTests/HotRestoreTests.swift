import Archive
import EventStore
import Foundation
import GRDB
import Glibc
import Segments
import Streams
import Synchronization
import Testing

/// A stream of 50 large events in ten chunks, archived and released whole; four small ones that
/// share a pack; one that was rolled off and stays active.
@Suite struct `A stream restored into the hot store` {
  private static func archived() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 50, bytes: 200_000)
    for number in 2...5 { try scratch.store.fill("user-\(number)-loans", days: 20) }
    try scratch.store.fill("service-uptime-api", days: 150, bytes: 6_000)
    try archive(scratch.store, scratch.folder, now: day(200))
    return scratch
  }

  @discardableResult
  private static func archive(
    _ store: EventStore, _ folder: ArchiveFolder, now: Timestamp
  ) throws -> Archiver.Summary {
    try Archiver(store, folder, now: now).run([
      ArchivePolicy(streams: "service-uptime-*", keepHot: days(100), rollOffEvery: days(1)),
      ArchivePolicy(streams: "user-*", coldAfter: days(30)),
    ])
  }

  @discardableResult
  private static func restore(
    _ store: EventStore, _ folder: ArchiveFolder, _ name: String, from first: Int64 = 0,
    days count: Int64 = 30, onStep: @escaping @Sendable (HotRestoreStep) -> Void = { _ in }
  ) throws -> HotRestorer.Report {
    try HotRestorer(store: store, folder: folder, now: day(200), onStep: onStep).restore(
      try StreamName(name), from: first, until: day(200 + count), by: .system, reason: "case 7")
  }

  @Test(arguments: [false, true])
  func `until now brings nothing back, and ends a restore that was made`(isRestored: Bool) throws {
    let scratch = try Self.archived()
    let (store, folder) = (scratch.store, scratch.folder)
    if isRestored { try Self.restore(store, folder, "user-1-loans", from: 20) }
    let before = try store.record("user-1-loans").prunedTo
    let report = try Self.restore(store, folder, "user-1-loans", days: 0)
    #expect(report.events == 0 && report.segments.isEmpty && report.first == before + 1)
    #expect(try store.record("user-1-loans").prunedTo == before)
    #expect(try store.record("user-1-loans").restoredUntil == day(200))
    try Self.archive(store, folder, now: day(201))
    #expect(try store.record("user-1-loans").prunedTo == 49)
  }

  @Test func `reads the same before, at every slice, and after, and stays read-only`() throws {
    let scratch = try Self.archived()
    let (store, folder) = (scratch.store, scratch.folder)
    let before = try digests(store, folder)
    let files = try fileSums(folder)
    let observer = try EventStore(path: store.path)
    let seen = Mutex<[String]>([])
    let report = try Self.restore(store, folder, "user-1-loans") { step in
      guard let record = try? observer.record("user-1-loans"),
        let rows = try? observer.read({ try $0.hotCount(of: record.id) }),
        let now = try? digests(observer, folder)
      else { return }
      seen.withLock { $0.append("\(step) \(record.prunedTo) \(rows) \(now == before)") }
    }
    // Newest first: the watermark falls with the rows it gives back.
    #expect(
      seen.withLock { $0 } == ["verified 49 0 true", "opened 49 0 true"]
        + (0..<10).map { "imported \(44 - 5 * $0) \(5 + 5 * $0) true" })
    #expect(report.events == 50)
    #expect(report.first == 0)
    #expect(report.chunks == 10)
    #expect(report.segments.map(\.chunks) == [10])
    #expect(report.segments.map(\.damage) == [[]])

    let record = try store.record("user-1-loans")
    #expect(record.status == .archived)
    #expect(record.restoredUntil == day(230))
    let append = #expect(throws: StoreError.self) {
      try store.append(AppendRequest(record.name, events: [event(999, at: day(201))]))
    }
    #expect(append?.code == .streamArchived)
    #expect(try fileSums(folder) == files)
    #expect(
      try store.audited("StreamRestored") == [
        #"{"name":"user-1-loans","into":"hot store","from":"0","#
          + #""until":"\#(day(230).rfc3339)","reason":"case 7","by":"system"}"#
      ])
  }

  @Test func `keeps its rows until the expiry, to the microsecond, and is then released again`()
    throws
  {
    let scratch = try Self.archived()
    let (store, folder) = (scratch.store, scratch.folder)
    let before = try digests(store, folder)
    try Self.restore(store, folder, "user-1-loans")
    let instant = Timestamp(microseconds: day(230).microseconds - 1)
    try Self.archive(store, folder, now: instant)
    #expect(try store.record("user-1-loans").prunedTo == -1)
    #expect(try store.record("user-1-loans").restoredUntil == day(230))

    let summary = try Self.archive(store, folder, now: day(230))
    #expect(summary.released >= 50)
    let record = try store.record("user-1-loans")
    #expect(record.prunedTo == 49)
    #expect(record.restoredUntil == nil)
    #expect(try store.read { try $0.hotCount(of: record.id) } == 0)
    #expect(try Set(store.entries().map(\.state)) == [.pruned])
    #expect(try digests(store, folder) == before)
  }

  @Test func `can be kept longer, or given back at once`() throws {
    let scratch = try Self.archived()
    let (store, folder) = (scratch.store, scratch.folder)
    try Self.restore(store, folder, "user-1-loans")
    #expect(try Self.restore(store, folder, "user-1-loans", days: 60).events == 0)
    try Self.archive(store, folder, now: day(240))
    #expect(try store.record("user-1-loans").prunedTo == -1)
    try Self.restore(store, folder, "user-1-loans", days: 0)
    try Self.archive(store, folder, now: day(240))
    #expect(try store.record("user-1-loans").prunedTo == 49)
  }

  @Test func `leaves the others of its pack where they are, and holds none of them up`() throws {
    let scratch = try Self.archived()
    let (store, folder) = (scratch.store, scratch.folder)
    let before = try digests(store, folder)
    #expect(try Self.restore(store, folder, "user-3-loans").events == 20)
    #expect(try store.record("user-3-loans").prunedTo == -1)
    #expect(try store.record("user-2-loans").prunedTo == 19)
    #expect(try store.record("user-4-loans").prunedTo == 19)
    #expect(try digests(store, folder) == before)
    try Self.archive(store, folder, now: day(230))
    #expect(try store.record("user-3-loans").prunedTo == 19)
    #expect(try digests(store, folder) == before)
  }

  @Test(arguments: [(from: Int64(0), first: Int64(0)), (22, 20), (45, 45), (49, 45)])
  func `comes back from a revision on, in whole chunks`(from: Int64, first: Int64) throws {
    let scratch = try Self.archived()
    let (store, folder) = (scratch.store, scratch.folder)
    let before = try digests(store, folder)
    let report = try Self.restore(store, folder, "user-1-loans", from: from)
    #expect(report.first == first)
    #expect(report.events == 50 - first)
    #expect(try store.record("user-1-loans").prunedTo == first - 1)
    #expect(try digests(store, folder) == before)
    try Self.archive(store, folder, now: day(230))
    #expect(try store.record("user-1-loans").prunedTo == 49)
  }

  @Test func `goes on taking events when it is active`() throws {
    let scratch = try Self.archived()
    let (store, folder) = (scratch.store, scratch.folder)
    let last = try store.record("service-uptime-api").prunedTo
    #expect(try Self.restore(store, folder, "service-uptime-api").events == last + 1)
    try store.fill("service-uptime-api", days: 1, from: 150)
    let before = try digests(store, folder)
    try Self.archive(store, folder, now: day(230))
    #expect(try store.record("service-uptime-api").prunedTo >= last)
    #expect(try digests(store, folder) == before)
  }

  @Test func `is not made of a damaged segment, and nothing is changed`() throws {
    let scratch = try Self.archived()
    let (store, folder) = (scratch.store, scratch.folder)
    let entry = try #require(
      try store.read { snapshot in
        try Catalog.ranges(snapshot.db, of: snapshot.readableStream(StreamName("user-1-loans")).id)
          .first.flatMap { try Catalog.entry(snapshot.db, $0.archiveSeq) }
      })
    try flip(folder.file(entry.file))
    let before = try store.archiveTables()
    let error = #expect(throws: ArchiveError.self) {
      try Self.restore(store, folder, "user-1-loans")
    }
    #expect(error?.code == .segmentCorrupt)
    #expect(try store.archiveTables() == before)
  }

  @Test func `whose rows were changed is not released again`() throws {
    let scratch = try Self.archived()
    let (store, folder) = (scratch.store, scratch.folder)
    try Self.restore(store, folder, "user-1-loans")
    let record = try store.record("user-1-loans")
    try store.write { db in
      try db.execute(
        sql: "UPDATE events SET data = x'7b7d' WHERE key = ?", arguments: [record.id << 38 | 12])
    }
    let error = #expect(throws: ArchiveError.self) {
      try Self.archive(store, folder, now: day(230))
    }
    #expect(error?.code == .archiveConflict)
    #expect(try store.record("user-1-loans").prunedTo < 12)
  }

  @Test func `is not deleted before the expiry, by hand or by retention`() throws {
    let scratch = try Self.archived()
    try Self.restore(scratch.store, scratch.folder, "user-1-loans")
    let name = try StreamName("user-1-loans")
    func delete(_ now: Timestamp) throws {
      try scratch.store.delete(name, by: .system, reason: "test", now: now)
    }
    func due(_ now: Timestamp) throws -> Bool {
      let policies = [ArchivePolicy(streams: "user-*", retainFor: days(1))]
      return try scratch.store.read { try Retention(policies: policies, now: now).due($0) }
        .contains(name)
    }
    let before = Timestamp(microseconds: day(230).microseconds - 1)
    #expect(throws: StoreError.restored(name, until: day(230))) { try delete(before) }
    #expect(try !due(before))
    #expect(try due(day(230)))
    try delete(day(230))
  }

  @Test func `waits for no other archiver`() throws {
    let scratch = try Self.archived()
    let other = try OtherProcess(holding: scratch.folder.file(".lock"))
    let error = #expect(throws: ArchiveError.self) {
      try Self.restore(scratch.store, scratch.folder, "user-1-loans")
    }
    #expect(error?.code == .lockHeld)
    #expect(try scratch.store.record("user-1-loans").restoredUntil == nil)
    other.end()
  }

  static let deaths = [("verified", 1), ("opened", 1), ("imported", 1), ("imported", 10)]

  @Test(arguments: deaths)
  func `by a process that is killed reads the same, and the next run completes it`(
    step: String, turn: Int
  ) async throws {
    let scratch = try Self.archived()
    let (store, folder) = (scratch.store, scratch.folder)
    let before = try digests(store, folder)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, step = step as String, turn = turn as Int] in
      let turns = Mutex(0)
      _ = try HotRestorer(
        store: try EventStore(path: root + "/store.db"),
        folder: ArchiveFolder(path: root + "/segments"), now: day(200)
      ) { now in
        guard now.rawValue == step else { return }
        let count = turns.withLock { count in
          count += 1
          return count
        }
        if count == turn { kill(getpid(), SIGKILL) }
      }.restore(
        try StreamName("user-1-loans"), until: day(230), by: .system, reason: "case 7")
    }
    #expect(try digests(store, folder) == before)
    // The archiver may come first: it leaves alone what is on its way back.
    try Self.archive(store, folder, now: day(201))
    #expect(try digests(store, folder) == before)
    try Self.restore(store, folder, "user-1-loans")
    #expect(try store.record("user-1-loans").prunedTo == -1)
    #expect(try digests(store, folder) == before)
    #expect(try store.integrityProblems() == [])
    try Self.archive(store, folder, now: day(230))
    #expect(try store.record("user-1-loans").prunedTo == 49)
    #expect(try digests(store, folder) == before)
  }
}
