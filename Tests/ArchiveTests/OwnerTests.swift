import EventStore
import Foundation
import GRDB
import Sealing
import Segments
import Streams
import Testing

@testable import Archive

/// Two stores that are given the archive folder and the keys of one of them.
@Suite struct `An archive and its keys` {
  private static let policy = ArchivePolicy(
    streams: "*", coldAfter: days(1), settings: SegmentSettings(level: 1, isEncrypted: true))

  /// One with an archived stream of a user.
  private func owner(_ scratch: borrowing Scratch) throws {
    try scratch.store.fill("user-7-loans", days: 3)
    #expect(try Archiver(scratch.store, scratch.folder, now: day(9)).run([Self.policy]).events == 3)
  }

  /// Another, with a stream of the same name that is to go to the same place.
  private func stranger(_ scratch: borrowing Scratch) throws -> EventStore {
    let store = try EventStore(
      path: scratch.root + "/other.db", mode: .createIfMissing,
      keyFiles: scratch.store.subjectKeys.files)
    try store.fill("user-7-loans", days: 3)
    return store
  }

  /// - Parameter mark: what the lock's file says; nil leaves it as it is.
  @Test(arguments: [nil, "", "half-of-an-id"])
  func `are never another store's`(mark: String?) throws {
    let scratch = try Scratch()
    try owner(scratch)
    let other = try stranger(scratch)
    if let mark { try Data(mark.utf8).write(to: URL(filePath: scratch.folder.file(".lock"))) }
    let files = try fileSums(scratch.folder)
    let keys = FileManager.default.contents(atPath: scratch.store.subjectKeys.files.database)
    let archiver = Archiver(other, scratch.folder, now: day(9))
    let wrong = WrongStore(
      path: scratch.folder.path, owner: scratch.store.id, store: other.id)
    #expect(throws: wrong) { try archiver.run([Self.policy]) }
    #expect(throws: wrong) {
      try Disposal(Archiver(other, scratch.folder, now: day(900))).run([Self.policy])
    }
    #expect(throws: wrong) {
      try Reindexer(store: other, folder: scratch.folder).run(now: day(9))
    }
    #expect(throws: WrongStore.self) { try Eraser(archiver).erase(user: "7", reason: "asked") }
    #expect(throws: WrongStore.self) { try other.subjectKeys.destroy("user:7") }
    #expect(throws: WrongStore.self) { try other.subjectKeys.sealingKey(of: "user:8") }
    #expect(throws: WrongStore.self) { try other.subjectKeys.hasKey(of: "user:7") }
    #expect(try fileSums(scratch.folder) == files)
    #expect(FileManager.default.contents(atPath: scratch.store.subjectKeys.files.database) == keys)
    #expect(try other.record("user-7-loans").status == .active)
    // Its own store goes on as before.
    #expect(try digests(scratch.store, scratch.folder).count == 1)
    #expect(try Archiver(scratch.store, scratch.folder, now: day(9)).run([Self.policy]).events == 0)
  }

  @Test func `that say nothing are those of the store whose segments they go with`() throws {
    let scratch = try Scratch()
    try owner(scratch)
    let other = try stranger(scratch)
    try FileManager.default.removeItem(atPath: scratch.folder.file(".lock"))
    try DatabaseQueue(path: scratch.store.subjectKeys.files.database).write { db in
      try db.execute(sql: "DROP TABLE owner")
    }
    let unknown = WrongStore(
      path: scratch.store.subjectKeys.files.database, owner: nil, store: other.id)
    #expect(throws: unknown) { try other.subjectKeys.destroy("user:7") }
    #expect(try scratch.store.subjectKeys.hasKey(of: "user:7"))
    #expect(try scratch.store.subjectKeys.destroy("user:7"))
    #expect(throws: WrongStore.self) { try other.subjectKeys.sealingKey(of: "user:7") }
    #expect(try Archiver(scratch.store, scratch.folder, now: day(9)).run([Self.policy]).events == 0)
    #expect(throws: WrongStore.self) {
      try Archiver(other, scratch.folder, now: day(9)).run([Self.policy])
    }
  }

  @Test func `stay a store's when it is lost and made anew from them`() throws {
    let scratch = try Scratch()
    try owner(scratch)
    let path = scratch.root + "/new.db"
    _ = try StoreRebuild(
      path: path, folder: scratch.folder, keyFiles: scratch.store.subjectKeys.files
    )
    .run(now: day(9))
    let store = try EventStore(path: path, keyFiles: scratch.store.subjectKeys.files)
    #expect(try store.subjectKeys.hasKey(of: "user:7"))
    #expect(try Archiver(store, scratch.folder, now: day(9)).run([Self.policy]).events == 0)
  }
}
