import Archive
import EventStore
import Foundation
import GRDB
import History
import Segments
import Streams
import Testing

@Suite struct `An archive run that meets a fault` {
  private let cold = ArchivePolicy(streams: "user-*", coldAfter: days(30))

  @Test func `because the disk is full keeps the rows and leaves no file, and goes on with room`()
    throws
  {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 20, bytes: 100_000)
    let before = try digests(scratch.store, scratch.folder)
    let disk = try SmallDisk(at: scratch.folder.path, kibibytes: 256)
    let archiver = Archiver(scratch.store, scratch.folder, now: day(60))
    let error = try #require(throws: SegmentError.self) { try archiver.run([cold]) }
    #expect(error.code == .storageFull)
    #expect(try fileSums(scratch.folder) == [:])
    #expect(try scratch.store.entries().isEmpty)
    #expect(try scratch.store.record("user-1-loans").prunedTo == -1)
    #expect(try digests(scratch.store, scratch.folder) == before)

    try disk.grow(kibibytes: 16_384)
    #expect(try archiver.run([cold]).released == 20)
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test func `because the folder can't be written says so and changes nothing`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 5)
    let disk = try SmallDisk(at: scratch.root + "/readonly", kibibytes: 256)
    try disk.makeReadOnly()
    try Data("not a folder".utf8).write(to: URL(filePath: scratch.root + "/file"))
    for path in ["readonly", "file", "no/such/parent"] {
      let folder = ArchiveFolder(path: scratch.root + "/" + path)
      let error = try #require(throws: ArchiveError.self) {
        try Archiver(scratch.store, folder, now: day(60)).run([cold])
      }
      #expect(error.code == .ioError)
      #expect(error.message.contains(folder.path))
      try expectUntouched(scratch.store, rows: 5)
    }
    #expect(try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold]).events == 5)
  }

  @Test func `because the folder is gone stops before it makes another in its place`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 5)
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold])
    try scratch.store.fill("user-2-loans", days: 5)
    try FileManager.default.moveItem(
      atPath: scratch.folder.path, toPath: scratch.folder.path + ".unmounted")
    let error = try #require(throws: ArchiveError.self) {
      try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold])
    }
    #expect(error.code == .ioError)
    #expect(!FileManager.default.fileExists(atPath: scratch.folder.path))
    #expect(try scratch.store.record("user-2-loans").prunedTo == -1)

    try FileManager.default.moveItem(
      atPath: scratch.folder.path + ".unmounted", toPath: scratch.folder.path)
    #expect(try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold]).released == 5)
  }

  @Test func `because a stranger's file has the segment's name leaves the file alone`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 5)
    let segment = SegmentName(
      streamID: SegmentName.streamID(store: scratch.store.id, stream: name), first: Revision(0),
      last: Revision(4), generation: 1)
    let path = scratch.folder.file(segment.relativePath)
    try FileManager.default.createDirectory(
      atPath: scratch.folder.file(segment.folder), withIntermediateDirectories: true)
    try Data("somebody's".utf8).write(to: URL(filePath: path))
    for _ in 0..<3 {
      #expect(throws: SegmentError.alreadyExists(segment: segment.relativePath)) {
        try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold])
      }
      try expectUntouched(scratch.store, rows: 5)
      #expect(FileManager.default.contents(atPath: path) == Data("somebody's".utf8))
    }
    try FileManager.default.removeItem(atPath: path)
    #expect(try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold]).released == 5)
  }

  @Test func `because the disk changed what was written puts the file aside and starts anew`()
    throws
  {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 5)
    let before = try digests(scratch.store, scratch.folder)
    let folder = scratch.folder
    for turn in 1...2 {
      let archiver = Archiver(scratch.store, folder, now: day(60)) { step in
        guard step == .durable, let file = folder.files().first else { return }
        try? flip(folder.file(file))
      }
      let error = try #require(throws: ArchiveError.self) { try archiver.run([cold]) }
      #expect(error.code == .segmentCorrupt)
      try expectUntouched(scratch.store, rows: 5)
      #expect(folder.files() == [])
      #expect(
        try fileSums(folder).keys.filter { $0.hasPrefix("quarantine/") }.count == turn)
    }
    #expect(try Archiver(scratch.store, folder, now: day(60)).run([cold]).released == 5)
    #expect(try digests(scratch.store, folder) == before)
  }

  @Test func `because a row is not what was written names the revision`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 5)
    let other = try EventStore(path: scratch.store.path)
    let archiver = Archiver(scratch.store, scratch.folder, now: day(60)) { step in
      guard step == .durable else { return }
      _ = try? other.write { db in
        try db.execute(sql: "UPDATE events SET metadata = x'7b7d' WHERE position = 3")
      }
    }
    let error = try #require(throws: ArchiveError.self) { try archiver.run([cold]) }
    guard case .mismatch(_, name, Revision(3)) = error else {
      Issue.record("\(error)")
      return
    }
    try expectUntouched(scratch.store, rows: 5)
    #expect(try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold]).events == 5)
  }

  @Test(arguments: ["gone", "flipped", "cut", "writable"])
  func `in a segment before its release quarantines it and goes on serving the rows`(
    fault: String
  ) throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 5)
    try scratch.store.fill("user-2-loans", days: 5, bytes: 60_000)
    let before = try digests(scratch.store, scratch.folder)
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold], grace: days(1))
    let entry = try #require(try scratch.store.entries().last)
    try damage(scratch.folder.file(entry.file), fault)
    let summary = try Archiver(scratch.store, scratch.folder, now: day(61))
      .run([cold], grace: days(1))
    #expect(summary.quarantined == [entry.file])
    #expect(summary.released == 5)
    #expect(try scratch.store.entries().map(\.state) == [.pruned, .quarantined])
    #expect(try scratch.store.record("user-1-loans").prunedTo == -1)
    #expect(try digests(scratch.store, scratch.folder) == before)

    let again = try Archiver(scratch.store, scratch.folder, now: day(62)).run([cold])
    #expect(again == Archiver.Summary())
    #expect(try scratch.store.entries().last?.verifiedAt == day(60))
  }

  @Test func `because another process archives gives way, and runs once that has ended`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 5)
    try FileManager.default.createDirectory(
      atPath: scratch.folder.path, withIntermediateDirectories: true)
    let other = try OtherProcess(holding: scratch.folder.file(".lock"))
    let archiver = Archiver(scratch.store, scratch.folder, now: day(60))
    let locked = ArchiveError.locked(folder: scratch.folder.path)
    #expect(throws: locked) { try archiver.run([cold]) }
    #expect(locked.code.rawValue == "lock-held")
    try expectUntouched(scratch.store, rows: 5)
    other.end()
    #expect(try archiver.run([cold]).released == 5)
  }

  private func damage(_ path: String, _ fault: String) throws {
    switch fault {
    case "gone": try FileManager.default.removeItem(atPath: path)
    case "flipped": try flip(path)
    case "cut": try overwrite(path) { $0.removeLast($0.count / 3) }
    default:
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    }
  }

  private func expectUntouched(_ store: EventStore, rows: Int64) throws {
    let record = try store.record("user-1-loans")
    #expect(record.prunedTo == -1)
    #expect(record.status == .active)
    #expect(try store.read { try $0.hotCount(of: record.id) } == rows)
    #expect(try store.entries().isEmpty)
    let jobs = try store.read { try Int.fetchOne($0.db, sql: "SELECT count(*) FROM archive_jobs") }
    #expect(jobs == 0)
  }
}
