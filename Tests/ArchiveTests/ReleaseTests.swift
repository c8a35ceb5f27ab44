import Archive
import EventStore
import Foundation
import GRDB
import Segments
import Streams
import Synchronization
import Testing

@Suite struct `Releasing rows` {
  private let cold = ArchivePolicy(streams: "user-*", coldAfter: days(30))
  private let rolling = ArchivePolicy(
    streams: "service-uptime-*", keepHot: days(10), rollOffEvery: days(1))

  @Test func `waits for the end of the grace period, to the microsecond`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 10)
    let before = try digests(scratch.store, scratch.folder)
    func run(_ microseconds: Int64) throws -> Int64 {
      let now = Timestamp(microseconds: day(60).microseconds + microseconds)
      return try Archiver(scratch.store, scratch.folder, now: now).run([cold], grace: days(2))
        .released
    }
    #expect(try run(0) == 0)
    #expect(try run(days(2) - 1) == 0)
    #expect(try scratch.store.record("user-1-loans").prunedTo == -1)
    #expect(try scratch.store.entries().map(\.state) == [.archived])
    #expect(try digests(scratch.store, scratch.folder) == before)

    #expect(try run(days(2)) == 10)
    #expect(try scratch.store.record("user-1-loans").prunedTo == 9)
    #expect(try scratch.store.entries().map(\.state) == [.pruned])
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test func `happens only after the file was read once more, and moves the watermark with it`()
    throws
  {
    let scratch = try Scratch()
    let store = scratch.store
    try store.fill("user-1-loans", days: 50, bytes: 200_000)
    let observer = try EventStore(path: store.path)
    let seen = Mutex<[String]>([])
    let note: @Sendable (ArchiveStep) -> Void = { step in
      guard let record = try? observer.record("user-1-loans"),
        let rows = try? observer.read({ try $0.hotCount(of: record.id) })
      else { return }
      seen.withLock { $0.append("\(step) \(record.prunedTo) \(rows)") }
    }
    try Archiver(store, scratch.folder, now: day(90), onStep: note).run([cold])
    let states = seen.withLock { $0 }
    #expect(states.prefix { !$0.hasPrefix("released") }.allSatisfy { $0.hasSuffix(" -1 50") })
    #expect(states.contains("verifiedAgain -1 50"))
    // Slices of 4 MiB and more: 5 chunks of 5 events and 0.97 MiB each.
    let slices = states.filter { $0.hasPrefix("released") }
    #expect(slices == ["released 24 25", "released 49 0"])
  }

  @Test func `gives the space back to the file system`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 40, bytes: 100_000)
    _ = try scratch.store.vacuum(pages: 1)
    let before = try size(scratch.store.path)
    try Archiver(scratch.store, scratch.folder, now: day(90)).run([cold])
    #expect(try size(scratch.store.path) < before / 4)
    #expect(try size(scratch.store.path + "-wal") == 0)
    let free = try scratch.store.read { try Int.fetchOne($0.db, sql: "PRAGMA freelist_count") }
    #expect(free == 0)
  }

  @Test func `does not happen to a stream on legal hold until that is lifted`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 10)
    try scratch.store.fill("user-2-loans", days: 10, bytes: 50_000)
    try scratch.store.placeHold(on: name, reason: "case 7", by: .system)
    let archiver = Archiver(scratch.store, scratch.folder, now: day(60))
    #expect(try archiver.run([cold]).released == 10)
    #expect(try scratch.store.record("user-1-loans").prunedTo == -1)
    #expect(try scratch.store.record("user-2-loans").prunedTo == 9)
    try scratch.store.liftHold(on: name, reason: "closed", by: .system)
    #expect(try archiver.run([cold]).released == 10)
    #expect(try scratch.store.record("user-1-loans").prunedTo == 9)
  }

  /// P9 reads the segment, which takes its time.
  @Test func `does not happen to a stream that was put on hold while its segment was read again`()
    throws
  {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 10)
    let other = try EventStore(path: scratch.store.path)
    let archiver = Archiver(scratch.store, scratch.folder, now: day(60)) { step in
      guard step == .verifiedAgain else { return }
      try? other.placeHold(on: name, reason: "case 7", by: .system)
    }
    #expect(try archiver.run([cold]).released == 0)
    #expect(try scratch.store.record("user-1-loans").prunedTo == -1)
    #expect(try scratch.store.entries().map(\.state) == [.archived])
  }

  @Test func `finds nothing to do for a stream that was deleted in the grace period`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 10)
    try scratch.store.fill("user-2-loans", days: 10)
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold], grace: days(1))
    try scratch.store.delete(name, by: .system, reason: "asked for")
    let summary = try Archiver(scratch.store, scratch.folder, now: day(61))
      .run([cold], grace: days(1))
    #expect(summary.released == 10)
    #expect(try scratch.store.entries().map(\.state) == [.pruned])
  }

  @Test func `stops before rows that are not those of the segment, and leaves them all`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 10)
    let archiver = Archiver(scratch.store, scratch.folder, now: day(60))
    try archiver.run([cold], grace: days(1))
    try scratch.store.write { db in
      try db.execute(sql: "UPDATE events SET data = x'7b7d' WHERE position = 4")
    }
    let file = try #require(try scratch.store.entries().first).file
    #expect(
      throws: ArchiveError.mismatch(segment: file, stream: name, revision: Revision(0))
    ) { try archiver.run([cold]) }
    #expect(try scratch.store.record("user-1-loans").prunedTo == -1)
    #expect(try scratch.store.entries().map(\.state) == [.archived])
  }

  @Test func `of a stream waits while a segment before it is quarantined, and goes on after`()
    throws
  {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: 60)
    // Large enough for a segment of its own, which does not wait.
    try scratch.store.fill("service-uptime-web", days: 60, from: 100, bytes: 40_000)
    let before = try digests(scratch.store, scratch.folder)
    @discardableResult
    func run(_ now: Int64) throws -> Archiver.Summary {
      try Archiver(scratch.store, scratch.folder, now: day(now)).run([rolling], grace: days(5))
    }
    try run(30)
    let first = try #require(try scratch.store.entries().first)
    let sound = Array(
      try #require(FileManager.default.contents(atPath: scratch.folder.file(first.file))))
    try flip(scratch.folder.file(first.file))
    #expect(try run(40).quarantined == [first.file])
    try run(120)
    let waiting = try run(130)
    #expect(waiting.quarantined.isEmpty)
    #expect(try scratch.store.record("service-uptime-api").prunedTo == -1)
    #expect(try scratch.store.record("service-uptime-web").prunedTo == 9)
    #expect(try digests(scratch.store, scratch.folder) == before)

    try overwrite(scratch.folder.file(first.file)) { $0 = sound }
    #expect(
      try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(131)).isSound)
    #expect(try run(131).released > 0)
    #expect(try scratch.store.record("service-uptime-api").prunedTo == 58)
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  private func size(_ path: String) throws -> Int64 {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require((attributes[.size] as? NSNumber)?.int64Value)
  }
}
