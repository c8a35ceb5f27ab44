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

  @Test func `keeps a pack that still holds a living stream, and names it`() throws {
    let scratch = try Scratch.withSegments()
    try scratch.store.placeHold(on: try StreamName("user-3-loans"), reason: "case 7", by: .system)
    let summary = try scratch.dispose(now: day(800))
    #expect(summary.deleted.map(\.rawValue) == ["user-1-activity", "user-2-loans"])
    #expect(summary.retired.count == 1)
    let parts = try scratch.store.read { try Catalog.partlyDeleted($0) }
    #expect(parts.map(\.archiveSeq) == [2])
    #expect(parts[0].deleted.map(\.last) == [9])
    #expect(parts[0].living.map(\.last) == [9])
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
      store: scratch.store, folder: ArchiveFolder(path: scratch.root + "/elsewhere"),
      now: day(800))
    #expect { try disposal.run(Self.retention) } throws: {
      if case .folder? = $0 as? ArchiveError { true } else { false }
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
    let manifest = String(decoding: try scratch.store.entries()[0].manifest, as: UTF8.self)
    #expect(manifest.contains(#""retain_until":"\#(until.rfc3339)""#))

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
    arguments: DisposalStep.allCases.flatMap { step in
      [DisposalMoment(step: step.rawValue, turn: 1), DisposalMoment(step: step.rawValue, turn: 2)]
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
}

/// Right after a step was taken for the `turn`-th time.
struct DisposalMoment: Sendable, Codable {
  var step: String
  var turn: Int
}

/// A disposal as another process makes it.
struct DisposalRun {
  private let root: String

  init(_ root: String) throws { self.root = root }

  func run(until moment: DisposalMoment) throws {
    let turns = Mutex(0)
    try run { step in
      guard step.rawValue == moment.step else { return }
      let turn = turns.withLock { count in
        count += 1
        return count
      }
      if turn == moment.turn { kill(getpid(), SIGKILL) }
    }
  }

  func run(onStep: @escaping @Sendable (DisposalStep) -> Void = { _ in }) throws {
    _ = try Disposal(
      store: try EventStore(path: root + "/store.db"),
      folder: ArchiveFolder(path: root + "/segments"), now: day(800), onStep: onStep
    ).run(`The disposal of what nobody has to keep`.retention)
  }
}

extension Scratch {
  /// Segments 1 to 3: one stream of its own, a pack of two, and a part of a stream that lives on.
  fileprivate static func withSegments() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-activity", days: 10, bytes: 60_000)
    for number in 2...3 { try scratch.store.fill("user-\(number)-loans", days: 10) }
    let cold = ArchivePolicy(streams: "user-*", coldAfter: days(30))
    try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold])
    try scratch.store.fill("service-uptime-api", days: 60)
    let rolling = ArchivePolicy(streams: "service-*", keepHot: days(10), rollOffEvery: days(1))
    try Archiver(scratch.store, scratch.folder, now: day(61)).run([rolling])
    return scratch
  }

  fileprivate func disposal(now: Timestamp, by principal: Principal = .system) -> Disposal {
    Disposal(store: store, folder: folder, now: now, principal: principal)
  }

  fileprivate func dispose(
    _ policies: [ArchivePolicy] = `The disposal of what nobody has to keep`.retention,
    now: Timestamp
  ) throws -> Disposal.Summary {
    try disposal(now: now).run(policies)
  }
}
