import Archive
import EventStore
import Foundation
import GRDB
import Segments
import Streams
import Testing

/// An archive in the hands of somebody who can write all of it.
@Suite struct `The chain of an archive` {
  /// Three segments, all released: revisions 0…19, 20…39 and 40…59.
  private func archived(_ signer: SegmentSigner? = nil) throws -> Scratch {
    let scratch = try Scratch()
    if let signer {
      try SigningKeys(scratch.store).trust(
        signer.publicKey, by: .system, reason: "test", now: day(1))
    }
    try scratch.store.fill("service-uptime-api", days: 61)
    let rolling = ArchivePolicy(
      streams: "service-uptime-*", keepHot: days(10), rollOffEvery: days(1),
      settings: SegmentSettings(level: 1, isSigned: signer != nil))
    for now in [Int64(30), 50, 70] {
      try Archiver(
        store: scratch.store, folder: scratch.folder, now: day(now), version: "test",
        signer: signer
      ).run([rolling])
    }
    try #require(try scratch.store.entries().count == 3)
    return scratch
  }

  private func check(
    _ scratch: borrowing Scratch, _ level: VerifyLevel = .full,
    _ configure: (inout SegmentCheck) -> Void = { _ in }
  ) throws -> SegmentCheck.Report {
    var check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    configure(&check)
    return try check.run(level: level, now: day(100))
  }

  private func heads(_ scratch: borrowing Scratch) throws -> [ChainHead] {
    try scratch.store.entries().map { entry in
      ChainHead(
        archiveSeq: entry.archiveSeq,
        manifestSHA256: try #require(SHA256Sum(entry.manifestSHA256)))
    }
  }

  @Test func `holds every head that was ever published`() throws {
    let scratch = try archived()
    let heads = try heads(scratch)
    let report = try check(scratch, .index) { $0.published = heads }
    #expect(report.isSound)
    #expect(report.head == heads.last)
    for head in heads { #expect(ChainHead(head.description) == head) }
    for text in ["", "1", "1:", "0:" + heads[0].manifestSHA256.description, "1:abc"] {
      #expect(ChainHead(text) == nil)
    }
  }

  @Test func `does not hold a head of another archive, or one of later`() throws {
    let scratch = try archived()
    let strangers = try heads(try archived())
    let later = ChainHead(archiveSeq: 4, manifestSHA256: strangers[0].manifestSHA256)
    for head in strangers + [later] {
      let report = try check(scratch, .index) { $0.published = [head] }
      #expect(report.chainProblems.count == 1)
      #expect(report.chainProblems[0].contains("published as the head"))
    }
  }

  enum Attack: CaseIterable { case removedLast, removed, swapped, replaced, altered }

  @Test(arguments: Attack.allCases)
  func `tells a segment that was removed, reordered, replaced or altered`(attack: Attack) throws {
    let scratch = try archived()
    let head = try #require(try heads(scratch).last)
    let entries = try scratch.store.entries()
    let paths = entries.map { scratch.folder.file($0.file) }
    switch attack {
    case .removedLast: try remove(3, scratch)
    case .removed: try remove(2, scratch)
    case .swapped:
      try FileManager.default.moveItem(atPath: paths[0], toPath: paths[0] + ".0")
      try FileManager.default.moveItem(atPath: paths[1], toPath: paths[0])
      try FileManager.default.moveItem(atPath: paths[0] + ".0", toPath: paths[1])
    case .replaced:
      let other = try archived()
      let file = try other.store.entries()[1].file
      try FileManager.default.removeItem(atPath: paths[1])
      try FileManager.default.copyItem(atPath: other.folder.file(file), toPath: paths[1])
    case .altered: try flip(paths[1])
    }
    // The last one leaves no gap: only who has kept the head can tell.
    #expect(try check(scratch).isSound == (attack == .removedLast))
    #expect(try !check(scratch) { $0.published = [head] }.isSound)
  }

  private func remove(_ archiveSeq: Int64, _ scratch: borrowing Scratch) throws {
    let entry = try #require(try scratch.store.entries().first { $0.archiveSeq == archiveSeq })
    try FileManager.default.removeItem(atPath: scratch.folder.file(entry.file))
    try scratch.store.write { db in
      for table in ["segment_chunks", "segment_ranges", "segments"] {
        try db.execute(sql: "DELETE FROM \(table) WHERE archive_seq = ?", arguments: [archiveSeq])
      }
    }
  }

  /// File, catalog and every later link agree: only what is kept elsewhere can tell.
  @Test func `that was rewritten with everything is told by a published head`() throws {
    let scratch = try archived()
    let heads = try heads(scratch)
    try Rewriter(store: scratch.store, folder: scratch.folder).rewrite(from: 2, changing: 25)
    #expect(try check(scratch).isSound)
    #expect(try check(scratch) { $0.published = [heads[0]] }.isSound)
    for head in heads[1...] {
      let report = try check(scratch, .stat) { $0.published = [head] }
      #expect(
        report.chainProblems
          == ["segment \(head.archiveSeq) is not the one that was published as the head"])
    }
  }

  @Test func `that was rewritten with everything is told by the events the store remembers`() throws
  {
    let scratch = try archived()
    try Rewriter(store: scratch.store, folder: scratch.folder).rewrite(from: 2, changing: 25)
    let report = try check(scratch) { $0.isAgainstStore = true }
    #expect(!report.isSound)
    #expect(
      report.damaged.flatMap(\.differences).map(\.description)
        == ["service-uptime-api revision 25 is not what was appended"])
  }

  @Test func `that was rewritten without its signatures is told by the newest being unsigned`()
    throws
  {
    let scratch = try archived(SegmentSigner())
    #expect(try check(scratch, .index) { $0.isSignatureRequired = true }.isSound)
    try Rewriter(store: scratch.store, folder: scratch.folder).rewrite(from: 2, changing: 25)
    let report = try check(scratch, .index) { $0.isSignatureRequired = true }
    #expect(
      report.chainProblems == ["segment 3, the newest, carries no signature of a trusted key"])
    #expect(report.signedThrough == 1)
  }

  @Test func `that was rewritten and signed with another key is told by the signature`() throws {
    let signer = SegmentSigner()
    let scratch = try archived(signer)
    let head = try #require(try heads(scratch).last)
    var forger = Rewriter(store: scratch.store, folder: scratch.folder)
    let other = SegmentSigner()
    forger.signer = other
    try forger.rewrite(from: 1, changing: 5)
    let untrusted = Array(repeating: other.publicKey.id, count: 3)
    let report = try check(scratch, .index) { $0.isSignatureRequired = true }
    #expect(!report.isSound && report.untrusted.map(\.untrustedKey) == untrusted)
    // Whoever can write the store can also write its list of keys.
    try scratch.store.write { try $0.execute(sql: "DELETE FROM signing_keys") }
    try SigningKeys(scratch.store).trust(
      other.publicKey, by: .system, reason: "forged", now: day(1))
    #expect(try check(scratch).isSound)
    let byKey = try check(scratch, .index) { $0.trustedKeys = [TrustedKey(signer.publicKey)] }
    #expect(!byKey.isSound && byKey.untrusted.map(\.untrustedKey) == untrusted)
    #expect(try !check(scratch, .index) { $0.published = [head] }.isSound)
  }
}
