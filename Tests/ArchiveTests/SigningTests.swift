import EventStore
import Foundation
import Glibc
import GRDB
import Segments
import Streams
import Testing

@testable import Archive

@Suite struct `A signed archive` {
  private let signing = ArchivePolicy(
    streams: "signed-*", coldAfter: 0, settings: SegmentSettings(level: 1, isSigned: true))
  private let plain = ArchivePolicy(
    streams: "plain-*", coldAfter: 0, settings: SegmentSettings(level: 1))

  private func archiver(
    _ scratch: borrowing Scratch, _ signer: SegmentSigner?, now: Int64 = 50
  ) -> Archiver {
    Archiver(
      store: scratch.store, folder: scratch.folder, now: day(now), version: "test", signer: signer)
  }

  private func trust(_ scratch: borrowing Scratch, _ signer: SegmentSigner) throws {
    try SigningKeys(scratch.store).trust(
      signer.publicKey, by: .system, reason: "test", now: day(1))
  }

  /// Two segments, of which the second is signed.
  private func signedAndPlain(by signer: SegmentSigner) throws -> Scratch {
    let scratch = try Scratch()
    try trust(scratch, signer)
    try scratch.store.fill("signed-a", days: 5)
    try scratch.store.fill("plain-a", days: 5)
    try archiver(scratch, signer).run([plain, signing])
    return scratch
  }

  @Test func `has signatures where the policy says so, by a key the store trusts`() throws {
    let signer = SegmentSigner()
    let scratch = try signedAndPlain(by: signer)
    let keys = try scratch.store.entries().map { try scratch.store.manifest(of: $0).signingKey }
    #expect(keys == [nil, signer.publicKey.id])
    let report = try SegmentCheck(store: scratch.store, folder: scratch.folder)
      .run(level: .full, now: day(60))
    #expect(report.isSound)
    #expect(report.signedThrough == 2)
    #expect(report.checked.map(\.signedBy) == [nil, signer.publicKey.id])
  }

  @Test func `is not taken for unsigned while it is away`() throws {
    let signer = SegmentSigner()
    let scratch = try signedAndPlain(by: signer)
    func signed() throws -> [Bool] {
      var signed: [Bool] = []
      try RestoreCheck(scratch.store, scratch.folder).forEachManifest(from: 1, to: nil) {
        signed.append($0.signature != nil)
      }
      return signed
    }
    #expect(try signed() == [false, true])
    try FileManager.default.moveItem(
      atPath: scratch.folder.path, toPath: scratch.root + "/unmounted")
    let error = try #require(throws: SegmentError.self) { _ = try signed() }
    if case .unavailable = error {} else { Issue.record(error) }
  }

  enum Unfit: CaseIterable { case none, untrusted, retired }

  @Test(arguments: Unfit.allCases)
  func `is not begun with a key that nobody would trust`(unfit: Unfit) throws {
    let scratch = try Scratch()
    let signer = SegmentSigner()
    let id = signer.publicKey.id.description
    if unfit == .retired {
      try trust(scratch, signer)
      _ = try SigningKeys(scratch.store).retire(
        id, by: .system, reason: "test", now: day(2))
    }
    try scratch.store.fill("signed-a", days: 5)
    try scratch.store.fill("plain-a", days: 5)
    let expected: SigningKeyError =
      switch unfit {
      case .none: .missing
      case .untrusted: .untrusted(id)
      case .retired: .retired(id)
      }
    let archiver = archiver(scratch, unfit == .none ? nil : signer)
    #expect(throws: expected) { try archiver.run([plain, signing]) }
    #expect(try scratch.store.entries().isEmpty)
  }

  /// Whether its file is there already or not, the segment is signed in the end.
  @Test(arguments: [ArchiveStep.sealed, .written, .finished, .published, .durable, .verified])
  func `is signed after a process was killed, too`(step: ArchiveStep) async throws {
    let scratch = try Scratch()
    let signer = SegmentSigner()
    try trust(scratch, signer)
    try signer.write(to: scratch.root + "/key.pem")
    try scratch.store.fill("signed-a", days: 5)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, step = step.rawValue as String] in
      let archiver = Archiver(
        store: try EventStore(path: root + "/store.db"),
        folder: ArchiveFolder(path: root + "/segments"), now: day(50), version: "test",
        signer: try SegmentSigner(path: root + "/key.pem"),
        onStep: { if $0.rawValue == step { kill(getpid(), SIGKILL) } })
      try archiver.run([
        ArchivePolicy(
          streams: "signed-*", coldAfter: 0, settings: SegmentSettings(level: 1, isSigned: true))
      ])
    }
    try archiver(scratch, signer, now: 51).run([])
    let report = try SegmentCheck(store: scratch.store, folder: scratch.folder)
      .run(level: .full, now: day(60))
    #expect(report.isSound)
    #expect(report.checked.map(\.signedBy) == [signer.publicKey.id])
  }

  @Test func `whose signature was replaced is not released from`() throws {
    let scratch = try Scratch()
    let signer = SegmentSigner()
    try trust(scratch, signer)
    try scratch.store.fill("signed-a", days: 5)
    try archiver(scratch, signer).run([signing], grace: days(1))
    var forger = Rewriter(store: scratch.store, folder: scratch.folder)
    forger.signer = SegmentSigner()
    try forger.rewrite(from: 1, changing: 3)
    let entry = try scratch.store.entries()[0]
    let key = try #require(forger.signer?.publicKey.id)
    #expect(throws: ArchiveError.untrusted(segment: entry.file, key: key)) {
      try archiver(scratch, signer, now: 52).run([signing])
    }
    #expect(try scratch.store.record("signed-a").hotEvents == 5)
    #expect(try scratch.store.entries()[0].state == .archived)
  }

  /// Segments 1 and 2, both signed by the key that is retired then, and 3 by its successor.
  private func withRetiredKey() throws -> (scratch: ScratchBox, stolen: SegmentSigner) {
    let box = ScratchBox(try Scratch())
    let (stolen, successor) = (SegmentSigner(), SegmentSigner())
    try trust(box.scratch, stolen)
    for (name, now) in [("signed-a", Int64(50)), ("signed-b", 51)] {
      try box.scratch.store.fill(name, days: 5)
      try archiver(box.scratch, stolen, now: now).run([signing])
    }
    let entry = try SigningKeys(box.scratch.store).retire(
      stolen.publicKey.id.description, by: .system, reason: "stolen", now: day(60))
    #expect(entry.retiredHead?.archiveSeq == 2)
    try trust(box.scratch, successor)
    try box.scratch.store.fill("signed-c", days: 5)
    try archiver(box.scratch, successor, now: 70).run([signing])
    return (box, stolen)
  }

  @Test func `keeps the worth of what a key signed before it was retired`() throws {
    let (box, stolen) = try withRetiredKey()
    let report = try SegmentCheck(store: box.scratch.store, folder: box.scratch.folder)
      .run(level: .full, now: day(80))
    #expect(report.isSound && report.chainProblems == [])
    #expect(report.checked.filter { $0.signedBy == stolen.publicKey.id }.count == 2)
  }

  /// Who has stolen the key writes a past of his own: at its end, or with all that comes after it.
  @Test(arguments: [Int64(1), 2, 3])
  func `is not forged with a key that was retired, whatever date it bears`(first: Int64) throws {
    let (box, stolen) = try withRetiredKey()
    var forger = Rewriter(store: box.scratch.store, folder: box.scratch.folder)
    (forger.signer, forger.createdAt) = (stolen, day(40))
    try forger.rewrite(from: first, changing: 3)
    let report = try SegmentCheck(store: box.scratch.store, folder: box.scratch.folder)
      .run(level: .full, now: day(80))
    #expect(!report.isSound)
    let late = report.checked.first { $0.archiveSeq == 3 }
    #expect(late?.damage == [.retiredKey(stolen.publicKey.id)])
    let id = stolen.publicKey.id
    #expect(
      report.chainProblems
        == (first == 3
          ? [] : ["segment 2 is not the one that was the head when key \(id) was retired"]))
  }

  /// Between the check of the file and the transaction that records it.
  @Test func `does not get a segment whose key was retired while that was made`() throws {
    let scratch = try Scratch()
    let (signer, successor) = (SegmentSigner(), SegmentSigner())
    try trust(scratch, signer)
    try trust(scratch, successor)
    try scratch.store.fill("signed-a", days: 5)
    let (store, id) = (scratch.store, signer.publicKey.id.description)
    let archiver = Archiver(
      store: store, folder: scratch.folder, now: day(50), version: "test", signer: signer,
      onStep: { step in
        guard step == .copied else { return }
        _ = try? SigningKeys(store).retire(id, by: .system, reason: "stolen", now: day(50))
      })
    #expect(throws: SigningKeyError.retired(id)) { try archiver.run([signing]) }
    #expect(try store.entries().isEmpty)
    // What is left of it goes to quarantine, and the next run signs with the other key.
    #expect(throws: ArchiveError.self) { try self.archiver(scratch, successor).run([]) }
    #expect(try self.archiver(scratch, successor, now: 51).run([signing]).segments.count == 1)
    let check = try SegmentCheck(store: store, folder: scratch.folder)
      .run(level: .full, now: day(60))
    #expect(check.isSound && check.checked.map(\.signedBy) == [successor.publicKey.id])
  }

  /// Another's key may be an older one of one's own: it is told, and nothing is taken for damaged.
  @Test func `is sound where its key is not trusted, but vouched for by nobody`() throws {
    let scratch = try Scratch()
    let signer = SegmentSigner()
    try trust(scratch, signer)
    try scratch.store.fill("signed-a", days: 5)
    try archiver(scratch, signer).run([signing])
    try scratch.store.write { try $0.execute(sql: "DELETE FROM signing_keys") }
    var check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    let report = try check.run(level: .full, now: day(60))
    #expect(report.isSound && report.damaged.isEmpty)
    #expect(report.untrusted.map(\.untrustedKey) == [signer.publicKey.id])
    #expect(report.signedThrough == nil)
    #expect(try scratch.store.entries().map(\.state) == [.pruned])
    check.isSignatureRequired = true
    #expect(try !check.run(level: .index, now: day(60)).isSound)
    check.isSignatureRequired = false
    check.trustedKeys = [TrustedKey(signer.publicKey)]
    #expect(try check.run(level: .index, now: day(60)).isSound)
  }

  @Test(arguments: [false, true])
  func `is sound in a store that is rebuilt, and vouched for once its key is trusted`(
    isTrusted: Bool
  ) throws {
    let scratch = try Scratch()
    let signer = SegmentSigner()
    try trust(scratch, signer)
    try scratch.store.fill("signed-a", days: 5)
    try archiver(scratch, signer).run([signing])
    let path = scratch.root + "/new.db"
    let report = try StoreRebuild(
      path: path, folder: scratch.folder, trusting: isTrusted ? [signer.publicKey] : []
    ).run(now: day(60))
    #expect(report.isSound)
    #expect(report.untrusted == (isTrusted ? [] : [signer.publicKey.id.description]))
    let store = try EventStore(path: path)
    let check = try SegmentCheck(store: store, folder: scratch.folder)
      .run(level: .full, now: day(61))
    #expect(check.isSound)
    #expect(check.signedThrough == (isTrusted ? 1 : nil))
    #expect(check.untrusted.count == (isTrusted ? 0 : 1))
    #expect(try store.entries().map(\.state) == [.pruned])
    #expect((try? store.audited("SigningKeyTrusted"))?.count ?? 0 == (isTrusted ? 1 : 0))
  }

  @Test func `has a signature again where a segment is rewritten`() throws {
    let scratch = try Scratch()
    let signer = SegmentSigner()
    try trust(scratch, signer)
    for user in 7...8 { try scratch.store.fill("user-\(user)-loans", days: 5) }
    let policy = ArchivePolicy(
      streams: "user-*", coldAfter: 0, settings: SegmentSettings(level: 1, isSigned: true))
    try archiver(scratch, signer).run([policy])
    let before = try digests(scratch.store, scratch.folder)["user-8-loans"]

    // Without the key nothing is begun: what is unsigned never takes the place of what is signed.
    #expect(throws: SigningKeyError.missing) {
      try Eraser(archiver(scratch, nil)).erase(user: "7", reason: "asked")
    }
    #expect(try scratch.store.pendingErasures().map(\.user) == [])
    #expect(try scratch.store.record("user-7-loans").events == 5)

    _ = try Eraser(archiver(scratch, signer)).erase(user: "7", reason: "asked")
    let entries = try scratch.store.entries()
    #expect(entries.map(\.retired) == [.superseded, nil])
    #expect(try scratch.store.manifest(of: entries[1]).signingKey == signer.publicKey.id)
    var check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    check.isSignatureRequired = true
    check.trustedKeys = [TrustedKey(signer.publicKey)]
    let report = try check.run(level: .full, now: day(60))
    #expect(report.isSound)
    #expect(report.signedThrough == 2)
    #expect(try digests(scratch.store, scratch.folder) == ["user-8-loans": before])
  }
}

/// Holds a scratch folder that comes with something else.
private final class ScratchBox {
  let scratch: Scratch
  init(_ scratch: consuming Scratch) { self.scratch = scratch }
}

@Suite struct `The keys a store trusts` {
  private let key = SegmentSigner().publicKey

  @Test func `are kept with who, when and why, and are not trusted again once retired`() throws {
    let scratch = try Scratch()
    let keys = SigningKeys(scratch.store)
    let id = key.id.description
    try keys.trust(key, by: .system, reason: "new site", now: day(1))
    try keys.trust(key, by: .system, reason: "again", now: day(2))
    let short = String(id.prefix(8))
    #expect(try keys.retire(short, by: .system, reason: "yearly", now: day(3)).id == id)
    #expect(
      try scratch.store.read { try SigningKeys.entries($0.db) }
        == [SigningKeys.Entry(publicKey: key, addedAt: day(1), retiredAt: day(3))])
    #expect(throws: SigningKeyError.retired(id)) {
      try keys.trust(key, by: .system, reason: "back", now: day(4))
    }
    #expect(throws: SigningKeyError.retired(id)) {
      try keys.retire(id, by: .system, reason: "twice", now: day(4))
    }
    #expect(
      try scratch.store.audited("SigningKeyTrusted")
        == ["{\"key\":\"\(id)\",\"reason\":\"new site\",\"by\":\"system\"}"])
    #expect(
      try scratch.store.audited("SigningKeyRetired")
        == ["{\"key\":\"\(id)\",\"reason\":\"yearly\",\"by\":\"system\"}"])
  }

  @Test func `are named by 8 digits or more`() throws {
    let scratch = try Scratch()
    let keys = SigningKeys(scratch.store)
    try keys.trust(key, by: .system, reason: "test", now: day(1))
    let short = String(key.id.description.prefix(7))
    for id in [short, "", "zzzzzzzz"] {
      #expect(throws: SigningKeyError.unknown(id)) {
        try keys.retire(id, by: .system, reason: "test", now: day(2))
      }
    }
  }

  @Test func `are refused when the table was tampered with`() throws {
    let scratch = try Scratch()
    try SigningKeys(scratch.store).trust(key, by: .system, reason: "test", now: day(1))
    try scratch.store.write { db in
      try db.execute(sql: "UPDATE signing_keys SET public_key = zeroblob(32)")
    }
    #expect(throws: StoreError.self) { try scratch.store.read { try SigningKeys.entries($0.db) } }
  }
}
