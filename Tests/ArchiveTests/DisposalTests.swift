import EventStore
import Foundation
import Glibc
import GRDB
import Segments
import Streams
import Synchronization
import Testing

@testable import Archive

@Suite struct `The disposal of what nobody has to keep` {
  static let retention = [ArchivePolicy(streams: "user-*", retainFor: days(365))]

  @Test func `removes a segment once every stream in it is deleted, and the chain closes`() throws {
    let scratch = try Scratch.withSegments()
    let file = try scratch.store.entries()[0].file
    try Data("parity".utf8).write(to: URL(filePath: scratch.folder.file(file + ".par2")))
    let summary = try scratch.dispose(now: day(9 + 365))
    #expect(summary.deleted.map(\.rawValue) == ["user-1-activity", "user-2-loans", "user-3-loans"])
    #expect(summary.retired == (try scratch.store.entries()).prefix(2).map(\.file))
    #expect(scratch.folder.files() == [try scratch.store.entries()[2].file])
    #expect(!FileManager.default.fileExists(atPath: scratch.folder.file(file + ".par2")))
    #expect(try scratch.store.entries().map(\.retired) == [.deleted, .deleted, nil])
    let check = try SegmentCheck(store: scratch.store, folder: scratch.folder)
      .run(level: .full, now: day(900))
    #expect(check.isSound)
    #expect(check.total == 1)
    #expect(check.retired == 2)
    #expect(check.orphans == [])
    #expect(try scratch.dispose(now: day(9 + 365)) == Disposal.Summary())
  }

  @Test func `takes deleted streams out of a segment they share, and leaves the rest as it was`()
    throws
  {
    let scratch = try Scratch.withSegments()
    let old = try scratch.store.entries()[1]
    let kept = try digests(scratch.store, scratch.folder)["user-3-loans"]
    try scratch.store.placeHold(on: try StreamName("user-3-loans"), reason: "case 7", by: .system)
    let summary = try scratch.dispose(now: day(800))
    #expect(summary.deleted.map(\.rawValue) == ["user-1-activity", "user-2-loans"])
    #expect(summary.retired.count == 1)
    #expect(summary.rewritten == [old.file] && summary.postponed == [])
    #expect(!scratch.folder.has(old.file))
    #expect(try scratch.store.read { try Catalog.partlyDeleted($0) }.isEmpty)

    let entry = try #require(try scratch.store.entries().last)
    let file = try SegmentFile(path: scratch.folder.file(entry.file))
    var erased: [Bool] = []
    for stream in 0...1 {
      try file.forEachEvent(stream: stream) { event in
        erased.append(event.isErased && event.data.isEmpty && event.metadata.isEmpty)
        return true
      }
    }
    #expect(erased == Array(repeating: true, count: 10) + Array(repeating: false, count: 10))
    #expect(try digests(scratch.store, scratch.folder)["user-3-loans"] == kept)
    #expect(
      try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(900)).isSound)
    #expect(
      try scratch.store.audited("SegmentRewritten") == [
        #"{"segment":"\#(entry.file)","archiveSeq":"4","manifestSHA256":"#
          + #""\#(entry.manifestSHA256)","supersedes":"\#(old.file)","#
          + #""reason":"streams were deleted","by":"system"}"#
      ])
    #expect(try scratch.dispose(now: day(800)) == Disposal.Summary())
    // In the end all of it goes.
    try scratch.store.liftHold(on: try StreamName("user-3-loans"), reason: "closed", by: .system)
    #expect(try scratch.dispose(now: day(800)).retired == [entry.file])
    #expect(
      try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(900)).isSound)
  }

  @Test(arguments: ["segment", "streams"])
  func `leaves a segment as it is while it, or what was deleted of it, is held`(hold: String) throws
  {
    let scratch = try Scratch.withSegments()
    let entry = try scratch.store.entries()[1]
    let sum = try fileSums(scratch.folder)[entry.file]
    let subject: LegalHold.Subject =
      hold == "segment" ? .segment(2) : .streams(matching: "user-2-*")
    try scratch.store.delete(try StreamName("user-2-loans"), by: .system, reason: "test")
    try scratch.store.placeHold(on: subject, reason: "case 7", by: .system)
    #expect(try scratch.dispose([], now: day(800)) == Disposal.Summary())
    #expect(try fileSums(scratch.folder)[entry.file] == sum)
    try scratch.store.liftHold(on: subject, reason: "closed", by: .system)
    #expect(try scratch.dispose([], now: day(800)).rewritten == [entry.file])
  }

  /// The hold wins over a rewrite that is under way.
  @Test func `leaves a segment as it is that is held while it is rewritten`() throws {
    let scratch = try Scratch.withSegments()
    let entry = try scratch.store.entries()[1]
    try scratch.store.delete(try StreamName("user-2-loans"), by: .system, reason: "test")
    let store = scratch.store
    let disposal = scratch.disposal(now: day(800)) { step in
      guard step == .rewriting(.verified) else { return }
      try? store.placeHold(on: .segment(2), reason: "case 7", by: .system)
    }
    #expect(try disposal.run([]) == Disposal.Summary())
    #expect(scratch.folder.has(entry.file))
    #expect(try store.entries()[1].retired == nil)
    try store.liftHold(on: .segment(2), reason: "closed", by: .system)
    #expect(try scratch.dispose([], now: day(801)).rewritten == [entry.file])
    let check = try SegmentCheck(store: store, folder: scratch.folder)
      .run(level: .full, now: day(900))
    #expect(check.isSound && check.orphans == [])
  }

  @Test func `rewrites so much a run, and goes on in the next`() throws {
    let scratch = try Scratch()
    for pack in 0..<3 {
      for number in 0...1 { try scratch.store.fill("user-\(pack)\(number)-loans", days: 3) }
      try Archiver(scratch.store, scratch.folder, now: day(60)).run([
        ArchivePolicy(streams: "user-\(pack)*", coldAfter: days(30))
      ])
      try scratch.store.delete(try StreamName("user-\(pack)0-loans"), by: .system, reason: "test")
    }
    let files = try scratch.store.entries().map(\.file)
    for turn in 0..<3 {
      let archiver = Archiver(scratch.store, scratch.folder, now: day(100 + Int64(turn)))
      let summary = try Disposal(archiver, rewriteBytes: 1).run([])
      #expect(summary.rewritten == [files[turn]])
      #expect(summary.postponed == Array(files[(turn + 1)...]))
    }
    #expect(try scratch.dispose([], now: day(800)) == Disposal.Summary())
  }

  /// What was deleted stays deleted in a store that is rebuilt: by its tombstone, with all it said.
  @Test func `is known in a store that is rebuilt from the segments`() throws {
    let scratch = try Scratch.withSegments()
    try scratch.store.placeHold(on: try StreamName("user-3-loans"), reason: "case 7", by: .system)
    _ = try scratch.disposal(now: day(800), by: .user("ann")).run(Self.retention, reason: "due")
    let path = scratch.root + "/new.db"
    let report = try StoreRebuild(path: path, folder: scratch.folder).run(now: day(900))
    let store = try EventStore(path: path)
    let gone = try StreamName("user-2-loans")
    let record = try #require(try store.read { try $0.stream(gone) })
    #expect(record.status == .deleted)
    #expect(
      record.tombstone
        == Tombstone(deletedAt: day(800), deletedBy: .user("ann"), reason: "due"))
    #expect { try store.append(AppendRequest(gone, events: [event(1, at: day(1))])) } throws: {
      ($0 as? StoreError)?.code == .streamDeleted
    }
    // Events that were never archived are in no segment.
    let name = "user-3-loans"
    #expect(
      try digests(store, scratch.folder)[name] == digests(scratch.store, scratch.folder)[name])
    // Only the segment of which nothing was left is missing, with the numbers before it known.
    #expect(report.missing == [1...1])
  }

  /// The rest of a stream may be in a segment that is not rewritten yet.
  @Test func `is known in a rebuilt store as soon as one of its segments says so`() throws {
    let scratch = try Scratch()
    for first in [Int64(0), 10] {
      for user in 1...2 { try scratch.store.fill("user-\(user)-loans", days: 5, from: first) }
      try Archiver(scratch.store, scratch.folder, now: day(40 + first)).run([
        first == 0
          ? ArchivePolicy(streams: "user-*", keepHot: days(20), rollOffEvery: days(1))
          : ArchivePolicy(streams: "user-*", coldAfter: days(20))
      ])
    }
    try #require(try scratch.store.entries().count == 2)
    let gone = try StreamName("user-1-loans")
    try scratch.store.delete(gone, by: .system, reason: "test", now: day(60))
    let archiver = Archiver(scratch.store, scratch.folder, now: day(61))
    let summary = try Disposal(archiver, rewriteBytes: 1).run([])
    try #require(summary.rewritten.count == 1 && summary.postponed.count == 1)
    let path = scratch.root + "/new.db"
    #expect(try StoreRebuild(path: path, folder: scratch.folder).run(now: day(70)).isSound)
    let store = try EventStore(path: path)
    #expect(try store.read { try $0.stream(gone) }?.tombstone?.deletedAt == day(60))
    #expect(try digests(store, scratch.folder) == digests(scratch.store, scratch.folder))
    // And the rebuilt store goes on with what was left.
    let next = try Disposal(Archiver(store, scratch.folder, now: day(71))).run([])
    #expect(next.rewritten == summary.postponed)
    #expect(
      try SegmentCheck(store: store, folder: scratch.folder).run(level: .full, now: day(72))
        .isSound)
  }

  @Test(arguments: ["segment", "streams"])
  func `leaves the file of deleted streams that were held afterwards`(hold: String) throws {
    let scratch = try Scratch.withSegments()
    let loans = ["user-2-loans", "user-3-loans"]
    for name in loans {
      try scratch.store.delete(try StreamName(name), by: .system, reason: "test")
    }
    try scratch.store.placeHold(
      on: hold == "segment" ? .segment(2) : .streams(matching: "*-loans"), reason: "case 7",
      by: .system)
    #expect(try scratch.dispose([], now: day(800)).retired == [])
    try scratch.store.liftHold(
      on: hold == "segment" ? .segment(2) : .streams(matching: "*-loans"), reason: "closed",
      by: .system)
    #expect(try scratch.dispose([], now: day(800)).retired.count == 1)
  }

  @Test func `deletes no stream whose segment is damaged, and removes no damaged segment`() throws {
    let scratch = try Scratch.withSegments()
    let pack = try scratch.store.entries()[1].file
    try flip(scratch.folder.file(pack))
    let summary = try scratch.dispose(now: day(800))
    #expect(summary.deleted.map(\.rawValue) == ["user-1-activity"])
    #expect(summary.damaged == [pack])
    #expect(try scratch.store.entries()[1].state == .quarantined)
    #expect(throws: ArchiveError.damaged(segment: pack, damage: [])) {
      try scratch.disposal(now: day(800))
        .delete(try StreamName("user-2-loans"), reason: "test", early: true)
    }
    for name in ["user-2-loans", "user-3-loans"] {
      try scratch.store.delete(try StreamName(name), by: .system, reason: "test")
    }
    #expect(try scratch.dispose(now: day(800)).retired == [])
    #expect(scratch.folder.has(pack))
  }

  @Test func `does nothing where the archive is not mounted`() throws {
    let scratch = try Scratch.withSegments()
    let disposal = Disposal(
      Archiver(
        scratch.store, ArchiveFolder(path: scratch.root + "/elsewhere"), now: day(800)))
    #expect { try disposal.run(Self.retention) } throws: {
      if case .away? = $0 as? ArchiveError { true } else { false }
    }
    #expect(try scratch.store.entries().allSatisfy { $0.state == .pruned })
    #expect(try scratch.store.audited("StreamDeleted").isEmpty)
  }

  @Test func `keeps what was promised when a stream was archived, unless it is told otherwise`()
    throws
  {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 10)
    let archived = ArchivePolicy(streams: "*", coldAfter: days(30), retainFor: days(365))
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([archived])
    let until = day(9 + 365)
    #expect(try scratch.store.record("user-1-loans").retainUntil == until)
    let manifest = try scratch.store.manifest(of: try scratch.store.entries()[0])
    let text = String(decoding: manifest.encoded, as: UTF8.self)
    #expect(text.contains(#""retain_until":"\#(until.rfc3339)""#))

    let shorter = [ArchivePolicy(streams: "*", retainFor: days(1))]
    let before = Timestamp(microseconds: until.microseconds - 1)
    #expect(try scratch.dispose(shorter, now: before).deleted == [])
    let verdict = try scratch.store.read {
      try Retention(policies: shorter, now: before).verdicts($0)
    }.first { $0.stream == name }
    #expect(verdict?.standing == .retained(until: until))
    #expect(throws: StoreError.retained(name, until: until)) {
      try scratch.disposal(now: before).delete(name, reason: "account closed")
    }
    let early = try scratch.disposal(now: before).delete(name, reason: "court order", early: true)
    #expect(early.deleted == [name])
    #expect(early.retired.count == 1)
  }

  @Test func `is one audit event a stream and one a segment, which say by whom and why`() throws {
    let scratch = try Scratch.withSegments()
    let before = try scratch.store.record("$audit").events
    let summary = try scratch.disposal(now: day(800), by: .user("ann"))
      .run(Self.retention, reason: "ten years are over")
    let after = try scratch.store.record("$audit").events
    #expect(after - before == Int64(summary.deleted.count + summary.retired.count))
    #expect(
      try scratch.store.audited("StreamDeleted")[0]
        == #"{"name":"user-1-activity","reason":"ten years are over","by":"user:ann"}"#)
    let entry = try scratch.store.entries()[0]
    #expect(
      try scratch.store.audited("SegmentRetired")[0]
        == #"{"segment":"\#(entry.file)","archiveSeq":"1","manifestSHA256":""#
        + #"\#(entry.manifestSHA256)","reason":"every stream in it is deleted","by":"user:ann"}"#)
  }

  @Test(
    arguments: ["deleted", "verified", "retired", "removed"].flatMap { step in
      [DisposalMoment(step: step, turn: 1), DisposalMoment(step: step, turn: 2)]
    })
  func `that is killed is completed by the next run`(moment: DisposalMoment) async throws {
    let scratch = try Scratch.withSegments()
    let kept = try digests(scratch.store, scratch.folder)["service-uptime-api"]
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, moment = moment as DisposalMoment] in
      try DisposalRun(root).run(until: moment)
    }
    let store = try EventStore(path: scratch.root + "/store.db")
    // What the catalog says has a file has one.
    for entry in try store.entries() where entry.retired == nil {
      #expect(scratch.folder.has(entry.file))
    }
    try DisposalRun(scratch.root).run()
    #expect(try store.entries().map(\.retired) == [.deleted, .deleted, nil])
    #expect(scratch.folder.files() == [try store.entries()[2].file])
    #expect(try store.audited("StreamDeleted").count == 3)
    #expect(try store.audited("SegmentRetired").count == 2)
    #expect(try digests(store, scratch.folder)["service-uptime-api"] == kept)
    #expect(
      try SegmentCheck(store: store, folder: scratch.folder).run(level: .full, now: day(900))
        .isSound)
  }

  static let rewriteMoments =
    [DisposalMoment(step: "deleted", turn: 2)]
    + [RewriteStep.written, .verified, .copied, .recorded, .removed].map {
      DisposalMoment(step: $0.rawValue, turn: 1)
    }

  /// With a copy elsewhere, where nothing is written over either.
  @Test(arguments: rewriteMoments)
  func `that is killed before a segment is rewritten is completed by the next run`(
    moment: DisposalMoment
  ) async throws {
    let scratch = try Scratch.withSegments(isMirrored: true)
    try scratch.store.placeHold(on: try StreamName("user-3-loans"), reason: "case 7", by: .system)
    let before = try digests(scratch.store, scratch.folder)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, moment = moment as DisposalMoment] in
      try DisposalRun(root).run(until: moment)
    }
    try DisposalRun(scratch.root, now: day(801)).run()
    let store = try EventStore(path: scratch.root + "/store.db")
    var others = before
    others["user-1-activity"] = nil
    others["user-2-loans"] = nil
    #expect(try digests(store, scratch.folder) == others)
    let check = try SegmentCheck(store: store, folder: scratch.folder)
      .run(level: .full, now: day(900))
    #expect(check.isSound && check.orphans == [])
    let living = try store.entries().filter { $0.retired == nil }.map(\.file).sorted()
    #expect(scratch.folder.files() == living)
    #expect(ArchiveFolder(path: scratch.root + "/mirror").files() == living)
    let path = scratch.root + "/new.db"
    _ = try StoreRebuild(path: path, folder: scratch.folder).run(now: day(902))
    let rebuilt = try EventStore(path: path)
    #expect(
      try rebuilt.read { try $0.stream(try StreamName("user-2-loans")) }?.tombstone?.deletedAt
        == day(800))
  }
}

/// Right after a step was taken for the `turn`-th time.
struct DisposalMoment: Sendable, Codable {
  var step: String
  var turn: Int
}

/// A disposal as another process makes it.
struct DisposalRun {
  private let root: String
  private let now: Timestamp

  init(_ root: String, now: Timestamp = day(800)) throws {
    self.root = root
    self.now = now
  }

  func run(until moment: DisposalMoment) throws {
    let turns = Mutex(0)
    try run { step in
      guard step.name == moment.step else { return }
      let turn = turns.withLock { count in
        count += 1
        return count
      }
      if turn == moment.turn { kill(getpid(), SIGKILL) }
    }
  }

  func run(onStep: @escaping @Sendable (DisposalStep) -> Void = { _ in }) throws {
    let archiver = Archiver(
      try EventStore(path: root + "/store.db"), ArchiveFolder(path: root + "/segments"), now: now)
    _ = try Disposal(archiver, onStep: onStep)
      .run(`The disposal of what nobody has to keep`.retention)
  }
}

extension DisposalStep {
  fileprivate var name: String {
    if case .rewriting(let step) = self { step.rawValue } else { "\(self)" }
  }
}

extension Scratch {
  /// Segments 1 to 3: one stream of its own, a pack of two, and a part of a stream that lives on.
  fileprivate static func withSegments(isMirrored: Bool = false) throws -> Scratch {
    let scratch = try Scratch()
    let mirror = scratch.root + "/mirror"
    try FileManager.default.createDirectory(atPath: mirror, withIntermediateDirectories: true)
    let settings = SegmentSettings(mirror: isMirrored ? mirror : nil)
    try scratch.store.fill("user-1-activity", days: 10, bytes: 60_000)
    for number in 2...3 { try scratch.store.fill("user-\(number)-loans", days: 10) }
    let cold = ArchivePolicy(streams: "user-*", coldAfter: days(30), settings: settings)
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold])
    try scratch.store.fill("service-uptime-api", days: 60)
    let rolling = ArchivePolicy(
      streams: "service-*", keepHot: days(10), rollOffEvery: days(1), settings: settings)
    try Archiver(scratch.store, scratch.folder, now: day(61)).run([rolling])
    return scratch
  }

  fileprivate func disposal(
    now: Timestamp, by principal: Principal = .system,
    onStep: @escaping @Sendable (DisposalStep) -> Void = { _ in }
  ) -> Disposal {
    Disposal(
      Archiver(
        store: store, folder: folder, now: now, version: "test", principal: principal),
      onStep: onStep)
  }

  fileprivate func dispose(
    _ policies: [ArchivePolicy] = `The disposal of what nobody has to keep`.retention,
    now: Timestamp
  ) throws -> Disposal.Summary {
    try disposal(now: now).run(policies)
  }
}
