import EventStore
import Foundation
import GRDB
import History
import Sealing
import Segments
import Streams
import Testing

@testable import Archive

private let canary = "canary-77aa"

extension Scratch {
  /// A user's stream of several chunks and a small one, both sealed from their first event on, and a
  /// stream that is not.
  fileprivate static func withSealed() throws -> Scratch {
    let scratch = try Scratch()
    _ = try scratch.store.seal("user-*", reason: "privacy", by: .system)
    try scratch.fill()
    return scratch
  }

  fileprivate func fill() throws {
    for (name, count, bytes) in [("user-7-activity", 60, 60_000), ("user-7-loans", 9, 50)] {
      let events = (0..<Int64(count)).map { number -> NewEvent in
        var event = event(number, at: day(number / 10), bytes: bytes)
        event.data = Array("{\"secret\":\"\(canary)\",".utf8) + event.data.dropFirst()
        event.metadata = Array("{\"by\":\"\(canary)\"}".utf8)
        return event
      }
      try store.append(AppendRequest(try StreamName(name), events: events), now: day(6))
    }
    try store.fill("system-jobs", days: 6)
  }

  fileprivate static let policies = [
    ArchivePolicy(
      streams: "*", coldAfter: days(20), settings: SegmentSettings(segmentBytes: 1 << 20))
  ]

  fileprivate func check() throws -> SegmentCheck.Report {
    var check = SegmentCheck(store: store, folder: folder)
    check.isAgainstStore = true
    return try check.run(level: .full, now: day(41))
  }

  fileprivate func canaries() throws -> [String] { try files(holding: canary) }
}

@Suite struct `A sealed stream in the archive` {
  @Test func `comes back byte for byte, and is nowhere plain on its way`() throws {
    let scratch = try Scratch.withSealed()
    let (store, folder) = (scratch.store, scratch.folder)
    let before = try digests(store, folder)
    let ids = "SELECT * FROM event_ids ORDER BY stream, id"
    let known = try store.read { try Row.fetchAll($0.db, sql: ids) }
    #expect(try scratch.canaries() == [])
    let summary = try Archiver(store, folder, now: day(40)) { _ in
      #expect((try? scratch.canaries()) == [])
    }.run(Scratch.policies)
    #expect(summary.released == 75)
    #expect(try store.record("user-7-activity").hotEvents == 0)
    #expect(try digests(store, folder) == before)
    #expect(try scratch.canaries() == [])
    #expect(try scratch.check().isSound)
    let restorer = HotRestorer(store: store, folder: folder, now: day(41))
    for name in ["user-7-activity", "user-7-loans"] {
      _ = try restorer.restore(
        try StreamName(name), until: day(50), by: .system, reason: "case 7")
      #expect(try store.record(name).prunedTo == -1)
    }
    #expect(try digests(store, folder) == before)
    #expect(try scratch.canaries() == [])
    let sealed = try store.read {
      try Int64.fetchOne($0.db, sql: "SELECT count(*) FROM events WHERE sealed IS NOT NULL")
    }
    #expect(sealed == 69)
    // The rows that came back are released again, compared with their segments.
    try Archiver(store, folder, now: day(60)).run(Scratch.policies)
    #expect(try store.record("user-7-activity").hotEvents == 0)
    #expect(try digests(store, folder) == before)
    #expect(
      try store.read { try Row.fetchAll($0.db, sql: ids) }.filter { known.contains($0) } == known)
    _ = try store.vacuum(pages: 1_000_000)
    #expect(try scratch.canaries() == [])
  }

  @Test func `is encrypted, whatever its policy says, and the forecast says so`() throws {
    let scratch = try Scratch.withSealed()
    let planner = Planner(policies: Scratch.policies, now: day(40))
    let archiver = Archiver(scratch.store, scratch.folder, now: day(40))
    let forecast = try archiver.forecast(grace: 0, plan: { try planner.plan($0) })
    let said = Set(
      forecast.segments.flatMap { segment in
        segment.parts.map { "\($0.stream) \($0.isSealed) \(segment.settings.isEncrypted)" }
      })
    #expect(
      said == [
        "user-7-activity true true", "user-7-loans true true", "system-jobs false false",
      ])
    #expect(
      forecast.payloadBytes
        == (try scratch.store.read { snapshot in
          try snapshot.streams().filter { !$0.name.isReserved }.reduce(0) { $0 + $1.bytes }
        }))
    try archiver.run(Scratch.policies)
    for entry in try scratch.store.entries() {
      let manifest = try scratch.store.manifest(of: entry)
      for chunk in manifest.chunks {
        let isSealed = manifest.streams[chunk.stream].info.name.rawValue.hasPrefix("user-")
        #expect((chunk.encryption == .ageV1) == isSealed)
      }
    }
    #expect(try scratch.store.read { try Catalog.plainSegments($0.db, ofSealed: "*") } == [])
  }

  @Test func `is encrypted still when its seal was removed, or added after the plan`() throws {
    let scratch = try Scratch.withSealed()
    try scratch.store.removeSeal("user-*", reason: "no more", by: .system)
    let planner = Planner(policies: Scratch.policies, now: day(40))
    let plan = try scratch.store.read { try planner.plan($0) }
    _ = try scratch.store.seal("system-*", reason: "late", by: .system)
    _ = try Archiver(scratch.store, scratch.folder, now: day(40))
      .run(grace: 0, plan: { _ in plan })
    #expect(try scratch.canaries() == [])
    #expect(try scratch.store.read { try Catalog.plainSegments($0.db, ofSealed: "*") } == [])
    #expect(try scratch.check().isSound)
  }

  @Test func `keeps nothing that confirms a guess, also of events archived before`() throws {
    let scratch = try Scratch()
    try scratch.fill()
    try Archiver(scratch.store, scratch.folder, now: day(40)).run(Scratch.policies)
    let before = try digests(scratch.store, scratch.folder)
    let query =
      "SELECT fingerprint FROM event_ids JOIN streams ON streams.id = stream WHERE name = ?"
    func fingerprints(_ name: String) throws -> Set<Int64> {
      Set(
        try scratch.store.read { try Int64.fetchAll($0.db, sql: query, arguments: [name]) })
    }
    let (plain, other) = (try fingerprints("user-7-loans"), try fingerprints("system-jobs"))
    let report = try scratch.store.seal("user-*", reason: "privacy", by: .system)
    #expect(report.streams == 2 && report.events == 0)
    // Its segments are from before, and are told of.
    let segments = try scratch.store.read { try Catalog.plainSegments($0.db, ofSealed: "user-*") }
    #expect(!segments.isEmpty)
    for _ in 0..<2 {
      #expect(try fingerprints("user-7-loans").isDisjoint(with: plain))
      #expect(try fingerprints("user-7-loans").count == plain.count)
      #expect(try fingerprints("system-jobs") == other)
      #expect(try scratch.check().isSound)
      // A second time, and under another pattern, nothing is keyed twice.
      _ = try scratch.store.seal("user-*", reason: "again", by: .system)
      _ = try scratch.store.seal("user-7-*", reason: "again", by: .system)
    }
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test func `is forgotten in a copy of the store that was taken before`() throws {
    let scratch = try Scratch.withSealed()
    _ = try scratch.store.scrub()
    let copy = scratch.root + "/copy.db"
    try FileManager.default.copyItem(atPath: scratch.store.path, toPath: copy)
    let report = try Eraser(Archiver(scratch.store, scratch.folder, now: day(41)))
      .erase(user: "7", reason: "asked")
    #expect(report.hadKey && report.isLogEmpty && report.rewritten == [])
    let old = try EventStore(path: copy, keyFiles: scratch.store.subjectKeys.files)
    var count = 0
    try History(store: old, folder: scratch.folder)
      .forEachEvent(of: try StreamName("user-7-loans")) { event in
        #expect(event.isErased && event.data.isEmpty && event.metadata.isEmpty)
        count += 1
        return true
      }
    #expect(count == 9)
    #expect(try scratch.canaries() == [])
    // What is forgotten does not come again.
    #expect {
      try scratch.fill()
    } throws: { ($0 as? StoreError)?.code == .streamDeleted }
  }

  /// As in a store that was rebuilt after its user was erased. The newest segment is a plain one.
  @Test(arguments: [false, true])
  func `is restored as far as its key was not destroyed, and what is erased is told`(
    hasNewer: Bool
  ) throws {
    let scratch = try Scratch()
    let (store, folder) = (scratch.store, scratch.folder)
    func archive(now: Int64, isEncrypted: Bool) throws -> Int64 {
      try Archiver(store, folder, now: day(now)).run([
        ArchivePolicy(
          streams: "user-7-activity", keepHot: days(20), rollOffEvery: days(1),
          settings: SegmentSettings(segmentBytes: 1 << 20, isEncrypted: isEncrypted))
      ])
      return try store.record("user-7-activity").prunedTo
    }
    let name = try store.fill("user-7-activity", days: 60, bytes: 60_000)
    let erased = try archive(now: 75, isEncrypted: true)
    #expect(try store.subjectKeys.destroy("user:7"))
    if hasNewer { try store.fill("user-7-activity", days: 9, from: 60, bytes: 90) }
    let released = hasNewer ? try archive(now: 95, isEncrypted: false) : erased
    #expect(hasNewer == (released > erased) && erased > 40)
    let before = try digests(store, folder)
    let report = try HotRestorer(store: store, folder: folder, now: day(150))
      .restore(name, until: day(160), by: .system, reason: "case 7")
    #expect(report.erased == [0...erased])
    #expect(report.events == released - erased && report.first == erased + 1)
    #expect(try store.record("user-7-activity").prunedTo == erased)
    #expect(try digests(store, folder) == before)
    try expectRowsCovered(store)
    // It ends as any other.
    try Archiver(store, folder, now: day(170)).run([])
    #expect(try store.record("user-7-activity").prunedTo == released)
    #expect(try store.record("user-7-activity").restoredUntil == nil)
    #expect(try digests(store, folder) == before)
  }

  @Test func `whose key was destroyed while it was in rows keeps no other from the archive`() throws
  {
    let scratch = try Scratch.withSealed()
    #expect(try scratch.store.subjectKeys.destroy("user:7"))
    let archiver = Archiver(scratch.store, scratch.folder, now: day(40))
    let summary = try archiver.tell([
      ArchivePolicy(streams: "user-7-activity", coldAfter: days(20)),
      ArchivePolicy(streams: "system-*", coldAfter: days(20)),
    ])
    #expect(summary.problems.map(\.error.code) == [.invalidEvent])
    #expect(try scratch.store.record("system-jobs").status == .archived)
    #expect(try scratch.store.record("user-7-activity").status == .active)
    #expect(try !scratch.store.read { try ArchiveJob.isUnderWay($0.db) })
  }

  @Test func `is not begun to be restored where its keys can't be asked`() throws {
    let scratch = try Scratch.withSealed()
    try Archiver(scratch.store, scratch.folder, now: day(40)).run(Scratch.policies)
    let path = scratch.store.path
    let elsewhere = try EventStore(
      path: path, keyFiles: KeyFiles(beside: scratch.root + "/not-mounted"))
    #expect(throws: SubjectKeyError.self) {
      try HotRestorer(store: elsewhere, folder: scratch.folder, now: day(150)).restore(
        try StreamName("user-7-activity"), until: day(160), by: .system, reason: "case 7")
    }
    #expect(try scratch.store.record("user-7-activity").restoredUntil == nil)
  }

  @Test func `is known to a catalog that was lost`() throws {
    let scratch = try Scratch.withSealed()
    try Archiver(scratch.store, scratch.folder, now: day(40)).run(Scratch.policies)
    let before = try digests(scratch.store, scratch.folder)
    try scratch.store.write { db in
      for table in ["segment_chunks", "segment_copies", "segment_ranges", "segments"] {
        try db.execute(sql: "DELETE FROM \(table)")
      }
    }
    let report = try Reindexer(store: scratch.store, folder: scratch.folder)
      .run(now: day(50))
    #expect(report.isSound)
    #expect(try digests(scratch.store, scratch.folder) == before)
  }
}
