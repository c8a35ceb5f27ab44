import EventStore
import Foundation
import Glibc
import Segments
import Streams
import Testing

@testable import Archive

private let canary = "canary-77aa"

/// What an erasure meets that was begun before it and is not done.
@Suite struct `An erasure after a crash of the archiver` {
  private static let mirror = "/mirror"

  /// Two users with a small stream each, and a service; nothing is archived.
  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.root + Self.mirror, withIntermediateDirectories: true)
    for name in ["user-7-loans", "user-8-loans"] {
      var first = event(name == "user-7-loans" ? 700 : 800, at: day(0))
      first.data = Array("{\"secret\":\"\(name == "user-7-loans" ? canary : "other")\"}".utf8)
      try scratch.store.append(
        AppendRequest(try StreamName(name), events: [first]), now: day(1))
    }
    try scratch.store.fill("service-uptime-api", days: 5)
    return scratch
  }

  private static func policy(_ streams: String, _ root: String) -> ArchivePolicy {
    ArchivePolicy(
      streams: streams, coldAfter: days(20), settings: SegmentSettings(mirror: root + mirror))
  }

  private func erase(_ scratch: borrowing Scratch, now: Int64 = 50) throws -> Eraser.Report {
    try Eraser(Archiver(scratch.store, scratch.folder, now: day(now)))
      .erase(user: "7", reason: "asked")
  }

  private func archive(_ scratch: borrowing Scratch, now: Int64) throws -> Archiver.Summary {
    try Archiver(scratch.store, scratch.folder, now: day(now))
      .tell([Self.policy("user-*", scratch.root)])
  }

  private func die(archiving streams: String, at step: ArchiveStep, in root: String) async {
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = root as String, streams = streams as String, name = step.rawValue as String] in
      let archiver = Archiver(
        try EventStore(path: root + "/store.db"), ArchiveFolder(path: root + "/segments"),
        now: day(40)
      ) { if $0.rawValue == name { raise(SIGKILL) } }
      try archiver.run([Self.policy(streams, root)])
    }
  }

  @Test(arguments: [ArchiveStep.sealed, .written, .published, .verified, .copied])
  func `makes and sends nothing of the user's, and leaves nothing of what was made`(
    step: ArchiveStep
  ) async throws {
    let scratch = try scratch()
    await die(archiving: "user-*", at: step, in: scratch.root)
    let report = try erase(scratch)
    #expect(report.isLogEmpty && report.rewritten == [])
    #expect(try scratch.files(holding: canary) == [])
    #expect(try scratch.store.entries().isEmpty)
    #expect(try scratch.store.read { try ArchiveJob.isUnderWay($0.db) } == false)
    let mirror = ArchiveFolder(path: scratch.root + Self.mirror)
    #expect(scratch.folder.files() + mirror.files() == [])
    // What was to be archived with it is, in the next run.
    #expect(try archive(scratch, now: 51).released == 1)
    #expect(mirror.files().count == 1)
    try expectSettled(scratch.store, scratch.folder)
  }

  @Test func `completes a job that has nothing of the user's`() async throws {
    let scratch = try scratch()
    await die(archiving: "service-*", at: .verified, in: scratch.root)
    #expect(try erase(scratch).isLogEmpty)
    #expect(try scratch.store.entries().count == 1)
    #expect(ArchiveFolder(path: scratch.root + Self.mirror).files().count == 1)
  }

  /// The name is not the store's own: a pack of another store has the same.
  @Test func `leaves what another store has at a target under the name of the job`() async throws {
    let scratch = try scratch()
    let other = try self.scratch()
    await die(archiving: "user-*", at: .copied, in: scratch.root)
    await die(archiving: "user-*", at: .copied, in: other.root)
    let path = scratch.root + Self.mirror + "/"
    let pack = try #require(ArchiveFolder(path: path).files().first)
    #expect(pack.hasSuffix("/pack-1-g1.tar.zst"))
    try FileManager.default.removeItem(atPath: path + pack)
    try FileManager.default.copyItem(
      atPath: other.root + Self.mirror + "/" + pack, toPath: path + pack)
    _ = try erase(scratch)
    #expect(ArchiveFolder(path: path).files() == [pack])
  }

  @Test(arguments: [false, true])
  func `sends no copy that is owed of the user's events, and deletes one that arrived`(
    hasArrived: Bool
  ) throws {
    let scratch = try scratch()
    let (path, files) = (scratch.root + Self.mirror, FileManager.default)
    try files.moveItem(atPath: path, toPath: path + ".away")
    #expect(try archive(scratch, now: 40).problems.count == 1)
    try files.moveItem(atPath: path + ".away", toPath: path)
    let old = try #require(try scratch.store.entries().first).file
    if hasArrived {
      try files.createDirectory(
        atPath: Folder.parent(of: path + "/" + old), withIntermediateDirectories: true)
      try files.copyItem(atPath: scratch.folder.file(old), toPath: path + "/" + old)
    }
    #expect(try erase(scratch).rewritten == [old])
    #expect(try scratch.files(holding: canary) == [])
    let new = try #require(try scratch.store.entries().last).file
    #expect(ArchiveFolder(path: path).files() == [])
    // It is owed of the new one.
    _ = try archive(scratch, now: 51)
    #expect(ArchiveFolder(path: path).files() == [new])
    try expectSettled(scratch.store, scratch.folder)
  }

  /// Nor does an archive run between the erasure that was killed and the one that completes it.
  @Test func `has no copy sent by others that is owed of the user's events`() async throws {
    let scratch = try scratch()
    let (path, files) = (scratch.root + Self.mirror, FileManager.default)
    try files.moveItem(atPath: path, toPath: path + ".away")
    #expect(try archive(scratch, now: 40).problems.count == 1)
    try files.moveItem(atPath: path + ".away", toPath: path)
    await #expect(processExitsWith: .signal(SIGKILL)) { [root = scratch.root as String] in
      let archiver = Archiver(
        try EventStore(path: root + "/store.db"), ArchiveFolder(path: root + "/segments"),
        now: day(50))
      _ = try Eraser(archiver) { if $0 == .keyDestroyed { raise(SIGKILL) } }
        .erase(user: "7", reason: "asked")
    }
    _ = try archive(scratch, now: 51)
    #expect(ArchiveFolder(path: path).files() == [])
    #expect(try erase(scratch, now: 52).isDone)
    _ = try archive(scratch, now: 53)
    #expect(ArchiveFolder(path: path).files() == [try scratch.store.entries()[1].file])
    #expect(try scratch.files(holding: canary) == [])
    try expectSettled(scratch.store, scratch.folder)
  }

  @Test(arguments: [ArchiveStep.verified, .copied], [false, true])
  func `is not done while nobody can tell what arrived at a target`(
    step: ArchiveStep, isNightly: Bool
  ) async throws {
    let scratch = try scratch()
    await die(archiving: "user-*", at: step, in: scratch.root)
    let (path, files) = (scratch.root + Self.mirror, FileManager.default)
    try files.moveItem(atPath: path, toPath: path + ".away")
    let report = try erase(scratch)
    let old = try #require(try scratch.store.entries().first).file
    #expect(report.retained == [RetainedCopy(file: old, address: path, until: nil)])
    #expect(!report.isDone && report.rewritten == [old])
    #expect(try scratch.store.pendingErasures().map(\.user) == ["7"])
    try files.moveItem(atPath: path + ".away", toPath: path)
    // The copy that is owed is made meanwhile, of what took its place.
    _ = try archive(scratch, now: 51)
    if isNightly {
      let archiver = Archiver(scratch.store, scratch.folder, now: day(52))
      #expect(try Disposal(archiver).run([]).erased == ["7"])
    } else {
      #expect(try erase(scratch, now: 52).isDone)
    }
    #expect(try scratch.files(holding: canary) == [])
    #expect(try scratch.store.pendingErasures() == [])
    #expect(ArchiveFolder(path: path).files() == [try scratch.store.entries()[1].file])
    try expectSettled(scratch.store, scratch.folder)
  }

  /// It is asked for its signature after the plan was made, and before anything is erased.
  @Test func `reaches a stream that the user got while it was planned`() throws {
    let scratch = try Scratch()
    let signer = SegmentSigner()
    try SigningKeys(scratch.store).trust(
      signer.publicKey, by: .system, reason: "test", now: day(1))
    try scratch.store.fill("user-7-loans", days: 5)
    let policy = ArchivePolicy(
      streams: "user-*", coldAfter: 0, settings: SegmentSettings(level: 1, isSigned: true))
    let store = scratch.store
    @Sendable func late() throws -> SegmentSigner {
      if try store.read({ try $0.stream(StreamName("user-7-loans")) })?.status == .archived {
        try store.fill("user-7-offers", days: 3, from: 20)
      }
      return signer
    }
    let archiver = Archiver(
      store: store, folder: scratch.folder, now: day(50), version: "test", signer: try late())
    try archiver.run([policy])
    let report = try Eraser(archiver).erase(user: "7", reason: "asked")
    #expect(report.streams.map(\.rawValue) == ["user-7-loans", "user-7-offers"])
    #expect(report.events == 8)
    #expect(try store.read { try $0.stream(StreamName("user-7-offers")) }?.status == .deleted)
  }
}
