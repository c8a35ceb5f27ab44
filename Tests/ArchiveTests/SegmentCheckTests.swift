import Archive
import EventStore
import Foundation
import GRDB
import Segments
import Streams
import Testing

@Suite struct `A check of the segments` {
  private let rolling = ArchivePolicy(
    streams: "service-uptime-*", keepHot: days(10), rollOffEvery: days(1))

  /// Three segments of one stream: revisions 0…19, 20…39 and 40…59; the second has three chunks.
  private func archived() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: 20)
    try scratch.store.fill("service-uptime-api", days: 20, from: 20, bytes: 150_000)
    try scratch.store.fill("service-uptime-api", days: 21, from: 40)
    for now in [Int64(30), 50, 70] {
      try Archiver(scratch.store, scratch.folder, now: day(now)).run([rolling])
    }
    try #require(try scratch.store.entries().count == 3)
    return scratch
  }

  private func check(
    _ store: EventStore, _ folder: ArchiveFolder, _ level: VerifyLevel = .full, now: Int64 = 100,
    budget: Int64 = .max, only: String...
  ) throws -> SegmentCheck.Report {
    try SegmentCheck(store: store, folder: folder)
      .run(level: level, budgetBytes: budget, only: only, now: day(now))
  }

  @Test(arguments: VerifyLevel.allCases)
  func `finds sound ones sound, and only a full one counts as verified`(level: VerifyLevel) throws {
    let scratch = try archived()
    let report = try check(scratch.store, scratch.folder, level)
    #expect(report.isSound)
    #expect(report.checked.count == 3)
    #expect(report.checked.allSatisfy { $0.damage.isEmpty && $0.lost.isEmpty })
    #expect(report.checked.reduce(0) { $0 + $1.events } == (level == .full ? 60 : 0))
    let isVerified = try scratch.store.entries().map { $0.verifiedAt == day(100) }
    #expect(isVerified == Array(repeating: level == .full, count: 3))
  }

  enum Fault: String, CaseIterable {
    case missing, empty, flipped, cut, ofAnotherStore, ofAnotherRange, longer, writable
  }

  /// What is wrong with the second segment, and which of its revisions can't be read.
  @Test(arguments: [
    (Fault.missing, "the file is missing", "20…39"), (.empty, "the file is empty", "20…39"),
    (.flipped, "chunk 1 (revisions 26 to 31) is damaged", "26…31"),
    (.cut, "the file is cut off", "32…39"), (.ofAnotherStore, "of another store", "20…39"),
    (.ofAnotherRange, "number 1 instead of 2", "20…39"), (.longer, "bytes follow the end", ""),
    (.writable, "the file is not read-only", ""),
  ])
  func `says what is wrong with a file and which revisions can't be read`(
    fault: Fault, says: String, lost: String
  ) throws {
    let scratch = try archived()
    let entry = try scratch.store.entries()[1]
    try damage(scratch.folder, entry, fault, scratch.store)
    let report = try check(scratch.store, scratch.folder)
    #expect(!report.isSound)
    let item = try #require(report.damaged.first)
    #expect(report.damaged.count == 1)
    #expect(item.file == entry.file)
    #expect(item.damage.contains { $0.description.contains(says) }, "\(item.damage)")
    #expect(spans(item.lost) == lost)
    // It is not noted as verified, and the others are.
    #expect(
      try scratch.store.entries().map { $0.verifiedAt == day(100) } == [true, false, true])
  }

  /// Another process rewrites a segment while the ones before it are read.
  @Test func `calls nothing damaged that was rewritten meanwhile`() throws {
    let scratch = try Scratch()
    for number in 1...4 { try scratch.store.fill("user-\(number)-loans", days: 5) }
    for number in 1...4 {
      try Archiver(scratch.store, scratch.folder, now: day(100)).run([
        ArchivePolicy(streams: "user-\(number)-*", coldAfter: days(30))
      ])
    }
    var check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    check.workers = 1
    var isFirst = true
    let report = try check.run(level: .full, now: day(110)) { _, _ in
      guard isFirst else { return }
      isFirst = false
      do {
        _ = try Eraser(Archiver(scratch.store, scratch.folder, now: day(105)))
          .erase(user: "4", reason: "asked")
      } catch {
        Issue.record(error)
      }
    }
    #expect(report.isSound && report.notReached == 0)
    #expect(report.checked.map(\.archiveSeq) == [1, 2, 3])
    #expect(report.total == 3 && report.retired == 1)
    #expect(try scratch.store.entries().allSatisfy { $0.state != .quarantined })
  }

  @Test func `finds a changed bit wherever it is`() throws {
    let scratch = try archived()
    let entry = try scratch.store.entries()[1]
    let path = scratch.folder.file(entry.file)
    var place = 40
    while place < Int(entry.bytes) {
      try flip(path) { _ in place }
      #expect(try !check(scratch.store, scratch.folder, only: entry.file).isSound, "\(place)")
      try flip(path) { _ in place }
      place += Int(entry.bytes) / 23
    }
    #expect(try check(scratch.store, scratch.folder).isSound)
  }

  @Test func `finds a chain that was cut, bent or rewritten`() throws {
    let changes: [(sql: String, says: String)] = [
      ("DELETE FROM segments WHERE archive_seq = 2", "segment 2 is missing"),
      ("DELETE FROM segments WHERE archive_seq = 1", "segment 1 is missing"),
      (
        "UPDATE segments SET manifest = CAST('{' || substr(manifest, 2) || ' ' AS BLOB) "
          + "WHERE archive_seq = 2", "does not match its hash"
      ),
      (
        "UPDATE segments SET manifest_sha256 = (SELECT sha256 FROM segments LIMIT 1) "
          + "WHERE archive_seq = 1", "does not follow the segment before it"
      ),
    ]
    for change in changes {
      let scratch = try archived()
      try scratch.store.write { db in
        try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
        try db.execute(sql: "DELETE FROM segment_chunks")
        try db.execute(sql: "DELETE FROM segment_ranges")
        try db.execute(sql: change.sql)
      }
      let report = try check(scratch.store, scratch.folder, .stat)
      #expect(!report.isSound)
      #expect(
        report.chainProblems.contains { $0.contains(change.says) }, "\(report.chainProblems)")
    }
  }

  @Test func `reports files it does not know and leaves them alone`() throws {
    let scratch = try archived()
    let known = try scratch.store.entries()[0].file
    let stranger = String(known.prefix(3)) + "stranger.tar.zst"
    try FileManager.default.copyItem(
      atPath: scratch.folder.file(known), toPath: scratch.folder.file(stranger))
    let files = try fileSums(scratch.folder)
    let report = try check(scratch.store, scratch.folder)
    #expect(report.orphans == [stranger])
    #expect(report.isSound)
    try Archiver(scratch.store, scratch.folder, now: day(71)).run([rolling])
    #expect(try fileSums(scratch.folder) == files)
  }

  @Test func `with a budget takes those first that were not read for longest`() throws {
    let scratch = try archived()
    var files: [String] = []
    for night in Int64(0)..<6 {
      let report = try check(scratch.store, scratch.folder, now: 100 + night, budget: 1)
      #expect(report.total == 3)
      files += report.checked.map(\.file)
    }
    let inOrder = try scratch.store.entries().map(\.file)
    #expect(files == inOrder + inOrder)
    let bytes = try scratch.store.entries()[0].bytes + 1
    #expect(try check(scratch.store, scratch.folder, now: 200, budget: bytes).checked.count == 2)
    #expect(try check(scratch.store, scratch.folder, now: 200, budget: 0).checked.count == 1)
  }

  @Test func `of one segment is that one's, by id or file, and none other's`() throws {
    let scratch = try archived()
    let entry = try scratch.store.entries()[2]
    for name in [entry.file, entry.segmentID] {
      let report = try check(scratch.store, scratch.folder, only: name)
      #expect(report.checked.map(\.archiveSeq) == [3])
    }
    #expect(throws: ArchiveError.noSuchSegment("pack-9-g1")) {
      try check(scratch.store, scratch.folder, only: "pack-9-g1")
    }
  }

  private func damage(
    _ folder: ArchiveFolder, _ entry: CatalogEntry, _ fault: Fault, _ store: EventStore
  ) throws {
    let path = folder.file(entry.file)
    switch fault {
    case .missing: try FileManager.default.removeItem(atPath: path)
    case .empty: try overwrite(path) { $0 = [] }
    case .flipped:
      let chunk = try store.read { try Catalog.chunks($0.db, of: entry.archiveSeq) }[1]
      try flip(path) { _ in Int(chunk.offset) + chunk.compressedBytes / 2 }
    case .cut:
      let chunk = try store.read { try Catalog.chunks($0.db, of: entry.archiveSeq) }[2]
      try overwrite(path) { $0.removeLast($0.count - Int(chunk.offset) - 100) }
    case .ofAnotherStore:
      let other = try archived()
      let file = try other.store.entries()[1].file
      let bytes = try #require(FileManager.default.contents(atPath: other.folder.file(file)))
      try overwrite(path) { $0 = Array(bytes) }
    case .ofAnotherRange:
      let file = try store.entries()[0].file
      let bytes = try #require(FileManager.default.contents(atPath: folder.file(file)))
      try overwrite(path) { $0 = Array(bytes) }
    case .longer: try overwrite(path) { $0 += [0, 0, 0] }
    case .writable:
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    }
  }

  /// `20…39` for the one run of revisions that `lost` names, in however many parts.
  private func spans(_ lost: [SegmentCheck.Lost]) -> String {
    guard let first = lost.first?.first, let last = lost.last?.last else { return "" }
    return "\(first)…\(last)"
  }
}
