import Archive
import EventStore
import Foundation
import GRDB
import Segments
import Streams
import Testing

/// Somebody takes a segment away and lets the catalog say that this is as it should be.
@Suite struct `A segment that is said to have no file any more` {
  /// 1: a pack of three users, rewritten as 4 and again as 5; 2 and 3: one stream, rolled off; 6: a
  /// stream of its own, deleted.
  private func archived() throws -> Scratch {
    let scratch = try Scratch()
    for user in 1...3 { try scratch.store.fill("user-\(user)-loans", days: 5) }
    for user in 1...2 {
      // What is said of a stream makes its manifest tell of somebody: it is not kept.
      try scratch.store.describe(
        try StreamName("user-\(user)-loans"), metadata: #"{"of":\#(user)}"#, by: .system)
    }
    try run(scratch, at: 50, ArchivePolicy(streams: "user-*", coldAfter: days(30)))
    try scratch.store.fill("service-uptime-api", days: 61)
    for now in [Int64(61), 71] {
      try run(
        scratch, at: now,
        ArchivePolicy(streams: "service-*", keepHot: days(20), rollOffEvery: days(1)))
    }
    for user in ["1", "2"] {
      let archiver = Archiver(scratch.store, scratch.folder, now: day(80))
      _ = try Eraser(archiver).erase(user: user, reason: "asked")
    }
    try scratch.store.fill("user-9-activity", days: 3, bytes: 300_000)
    try run(scratch, at: 90, ArchivePolicy(streams: "user-9-*", coldAfter: days(30)))
    let archiver = Archiver(scratch.store, scratch.folder, now: day(91))
    _ = try Disposal(archiver).delete(
      try StreamName("user-9-activity"), reason: "test", early: true)
    try #require(
      try scratch.store.entries().map(\.retired)
        == [.superseded, nil, nil, .superseded, nil, .deleted])
    return scratch
  }

  private func run(
    _ scratch: borrowing Scratch, at now: Int64, _ policy: ArchivePolicy
  ) throws {
    try Archiver(scratch.store, scratch.folder, now: day(now)).run([policy])
  }

  private func check(
    _ scratch: borrowing Scratch, _ level: VerifyLevel = .index
  ) throws -> SegmentCheck.Report {
    try SegmentCheck(store: scratch.store, folder: scratch.folder).run(level: level, now: day(100))
  }

  @Test func `is believed where what took its place, or its tombstones, prove it`() throws {
    let scratch = try archived()
    let report = try check(scratch, .full)
    #expect(report.isSound && report.chainProblems == [])
    #expect(report.total == 3 && report.retired == 3)
    // Of two only the hash is left.
    #expect(try scratch.store.entries().count { !$0.hasManifest } == 2)
    // A hold that comes after the deletion does not bring it back.
    try scratch.store.placeHold(
      on: .streams(matching: "user-9-*"), reason: "late", by: .system, now: day(95))
    #expect(try check(scratch).isSound)
  }

  enum Forgery: String, CaseIterable {
    case superseded, supersededAndBlanked, deleted, deletedAndBlanked
    case heirSuperseded, heirDeleted
    case undeleted, heldWhenDeleted, deletedWithoutManifest
    case claimed, claimedWithoutRanges
    case cutBefore, numberMoved
  }

  /// What is done to the catalog, and the number of the segment that must be named for it.
  private func forge(_ forgery: Forgery, _ scratch: borrowing Scratch) throws -> Int64 {
    func retire(_ number: Int64, _ why: String, isBlanked: Bool) throws {
      let entry = try #require(try scratch.store.entries().first { $0.archiveSeq == number })
      try FileManager.default.removeItem(atPath: scratch.folder.file(entry.file))
      try scratch.store.write { db in
        for table in ["segment_chunks", "segment_ranges"] {
          try db.execute(sql: "DELETE FROM \(table) WHERE archive_seq = ?", arguments: [number])
        }
        try db.execute(
          sql: """
            UPDATE segments SET retired = ?, manifest = iif(?, x'', manifest) WHERE archive_seq = ?
            """, arguments: [why, isBlanked, number])
      }
    }
    func sql(_ text: String) throws { try scratch.store.write { try $0.execute(sql: text) } }
    switch forgery {
    case .superseded: try retire(2, "superseded", isBlanked: false)
    case .supersededAndBlanked: try retire(2, "superseded", isBlanked: true)
    case .deleted: try retire(2, "deleted", isBlanked: false)
    case .deletedAndBlanked: try retire(2, "deleted", isBlanked: true)
    case .heirSuperseded:
      try retire(5, "superseded", isBlanked: true)
      return 5
    case .heirDeleted:
      try retire(5, "deleted", isBlanked: false)
      return 5
    case .undeleted:
      try sql("UPDATE streams SET status = 'archived' WHERE name = 'user-9-activity'")
      return 6
    case .heldWhenDeleted:
      try scratch.store.placeHold(
        on: .streams(matching: "user-9-*"), reason: "case", by: .system, now: day(60))
      return 6
    case .deletedWithoutManifest:
      try sql("UPDATE segments SET manifest = x'' WHERE archive_seq = 6")
      return 6
    case .claimed:
      // Another is made to say that it took the place of one that is gone: the chain pins it.
      try retire(2, "superseded", isBlanked: true)
      try claim(2, by: 5, scratch)
      return 6
    case .claimedWithoutRanges:
      try retire(2, "superseded", isBlanked: false)
      try claim(2, by: 6, scratch)
    case .cutBefore:
      // Segment 4 can't say any more which one it followed: the one in its place can.
      try rehash(3, scratch) { $0.createdAt = day(1) }
      return 4
    case .numberMoved:
      try sql("UPDATE segments SET archive_seq = 14 WHERE archive_seq = 4")
      return 4
    }
    return 2
  }

  private func claim(_ old: Int64, by heir: Int64, _ scratch: borrowing Scratch) throws {
    let entries = try scratch.store.entries()
    let hash = try #require(
      entries.first { $0.archiveSeq == old }.flatMap { SHA256Sum($0.manifestSHA256) })
    try rehash(heir, scratch) { manifest in
      manifest.generation = 2
      manifest.supersedes = Manifest.Supersession(manifestSHA256: hash, reason: "forged")
    }
    try scratch.store.write {
      try $0.execute(
        sql: "UPDATE segments SET generation = 2 WHERE archive_seq = ?", arguments: [heir])
    }
  }

  private func rehash(
    _ number: Int64, _ scratch: borrowing Scratch, _ change: (inout Manifest) -> Void
  ) throws {
    let entry = try #require(try scratch.store.entries().first { $0.archiveSeq == number })
    var manifest = try scratch.store.manifest(of: entry)
    change(&manifest)
    try scratch.store.write { db in
      try db.execute(
        sql: "UPDATE segments SET manifest = ?, manifest_sha256 = ? WHERE archive_seq = ?",
        arguments: [
          Data(manifest.encoded), SHA256Sum(of: manifest.encoded).description, number,
        ])
    }
  }

  @Test(arguments: Forgery.allCases)
  func `is not believed without proof`(forgery: Forgery) throws {
    let scratch = try archived()
    let number = try forge(forgery, scratch)
    let report = try check(scratch)
    #expect(!report.isSound)
    let names = try scratch.store.entries().first { $0.archiveSeq == number }.map(\.file)
    let expected = names ?? "segment \(number)"
    #expect(report.chainProblems.contains { $0.contains(expected) }, "\(report.chainProblems)")
  }

  /// Nothing that follows pins the newest, and this one has no file: the same as for one that was
  /// taken off the end.
  @Test func `in whose place the newest is said to stand, is told by a published head`() throws {
    let scratch = try archived()
    let head = try #require(try scratch.store.read { try Catalog.chainHead($0.db) })
    let entry = try scratch.store.entries()[1]
    try FileManager.default.removeItem(atPath: scratch.folder.file(entry.file))
    try scratch.store.write { db in
      for table in ["segment_chunks", "segment_ranges"] {
        try db.execute(sql: "DELETE FROM \(table) WHERE archive_seq = 2")
      }
      try db.execute(
        sql: "UPDATE segments SET retired = 'superseded', manifest = x'' WHERE archive_seq = 2")
    }
    try claim(2, by: 6, scratch)
    var check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    check.published = [head]
    #expect(try !check.run(level: .index, now: day(100)).isSound)
  }

  @Test func `is known exactly in a rebuilt catalog, however often it was rewritten`() throws {
    let scratch = try archived()
    let path = scratch.root + "/new.db"
    // The deleted segment is the newest: nothing in the others tells that there was one.
    let report = try StoreRebuild(path: path, folder: scratch.folder).run(now: day(200))
    #expect(report.isSound && report.missing == [])
    let store = try EventStore(path: path)
    func places(_ store: EventStore) throws -> [String] {
      try store.entries().prefix(5).map {
        "\($0.archiveSeq) \($0.generation) \($0.manifestSHA256) \($0.retired?.rawValue ?? "-")"
      }
    }
    #expect(try places(store) == places(scratch.store))
    let check = try SegmentCheck(store: store, folder: scratch.folder)
      .run(level: .full, now: day(201))
    #expect(check.isSound && check.chainProblems == [])
    for (user, reason) in [("1", "asked"), ("2", "asked")] {
      let record = try store.read { try $0.stream(try StreamName("user-\(user)-loans")) }
      #expect(
        record?.tombstone
          == Tombstone(deletedAt: day(80), deletedBy: .system, reason: reason))
    }
    // It goes on: a third rewrite names all that stood there.
    let archiver = Archiver(store, scratch.folder, now: day(210))
    _ = try Eraser(archiver).erase(user: "3", reason: "asked")
    let newest = try store.manifest(of: try #require(try store.entries().last))
    #expect(newest.supersedes?.generations.map(\.archiveSeq) == [1, 4, 5])
    #expect(
      try SegmentCheck(store: store, folder: scratch.folder).run(level: .full, now: day(211))
        .isSound)
  }

  /// As it was written before rewrites said where all that stood in their place had been.
  @Test func `is proven by a manifest that only names its hash`() throws {
    let scratch = try archived()
    // Both rewrites, and what follows, as they would be without.
    var before: SHA256Sum?
    for entry in try scratch.store.entries() where entry.archiveSeq >= 4 {
      guard entry.hasManifest else {
        before = SHA256Sum(entry.manifestSHA256)
        continue
      }
      let link = before.map {
        Manifest.Link(archiveSeq: entry.archiveSeq - 1, manifestSHA256: $0)
      }
      try rehash(entry.archiveSeq, scratch) { manifest in
        manifest.supersedes?.generations = []
        manifest.prev = link ?? manifest.prev
      }
      before = try scratch.store.entries().first { $0.archiveSeq == entry.archiveSeq }
        .flatMap { SHA256Sum($0.manifestSHA256) }
    }
    // The one in between tells of the first, but of its own manifest only the hash is left.
    let problems = try check(scratch, .stat).chainProblems
    let pack = try scratch.store.entries()[0].file
    #expect(
      problems == [
        "\(pack) is said to be superseded, and no segment there is has taken its place"
      ])
  }
}
