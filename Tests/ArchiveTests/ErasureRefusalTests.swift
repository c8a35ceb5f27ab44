import Archive
import EventStore
import Foundation
import Sealing
import Segments
import Streams
import Testing

/// An erasure that says that it was done, and was not, is worse than none.
@Suite struct `An erasure that can't be whole` {
  /// Two users with a stream each, archived in one segment.
  private func archived(_ settings: SegmentSettings, _ signer: SegmentSigner? = nil) throws
    -> Scratch
  {
    let scratch = try Scratch()
    for name in ["user-7-loans", "user-8-loans"] { try scratch.store.fill(name, days: 10) }
    if let signer {
      try SigningKeys(scratch.store).trust(
        signer.publicKey, by: .system, reason: "test", now: day(1))
    }
    let archiver = Archiver(
      store: scratch.store, folder: scratch.folder, now: day(60), version: "test", signer: signer)
    try archiver.run([ArchivePolicy(streams: "user-*", coldAfter: days(30), settings: settings)])
    return scratch
  }

  private func expectUntouched(_ scratch: borrowing Scratch) throws {
    let streams = try digests(scratch.store, scratch.folder).keys.sorted()
    #expect(streams == ["user-7-loans", "user-8-loans"])
    #expect(try scratch.store.audited("SubjectErased") == [])
  }

  @Test func `is not begun where the keys of what is sealed are not`() throws {
    let scratch = try archived(SegmentSettings(isEncrypted: true))
    let elsewhere = try EventStore(
      path: scratch.store.path, keyFiles: KeyFiles(beside: scratch.root + "/not-mounted"))
    #expect(throws: SubjectKeyError.self) {
      try Eraser(Archiver(elsewhere, scratch.folder, now: day(61)))
        .erase(user: "7", reason: "asked")
    }
    #expect(try scratch.store.subjectKeys.hasKey(of: "user:7"))
    try expectUntouched(scratch)
  }

  @Test func `is not begun in a folder without the catalog's segments`() throws {
    let scratch = try archived(SegmentSettings())
    let empty = ArchiveFolder(path: scratch.root + "/not-mounted")
    #expect(throws: ArchiveError.self) {
      try Eraser(Archiver(scratch.store, empty, now: day(61))).erase(user: "7", reason: "asked")
    }
    try expectUntouched(scratch)
  }

  @Test func `keeps a signed segment until its successor can be signed`() throws {
    let signer = SegmentSigner()
    let scratch = try archived(SegmentSettings(isSigned: true), signer)
    let file = try #require(try scratch.store.entries().first).file
    #expect(throws: SigningKeyError.missing) {
      try Eraser(Archiver(scratch.store, scratch.folder, now: day(61)))
        .erase(user: "7", reason: "asked")
    }
    #expect(FileManager.default.fileExists(atPath: scratch.folder.file(file)))
    try expectUntouched(scratch)
    #expect(try scratch.store.pendingErasures().map(\.user) == [])
    let archiver = Archiver(
      store: scratch.store, folder: scratch.folder, now: day(62), version: "test", signer: signer)
    _ = try Eraser(archiver).erase(user: "7", reason: "asked")
    let check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    let report = try check.run(level: .full, now: day(63))
    #expect(report.isSound && report.checked.map(\.signedBy) == [signer.publicKey.id])
    #expect(!FileManager.default.fileExists(atPath: scratch.folder.file(file)))
  }
}
