import EventStore
import Foundation
import GRDB
import Glibc
import History
import Segments
import Streams
import Synchronization
import Testing

@testable import Archive

/// The machine is gone with its store and its archive folder; what was copied elsewhere is not.
@Suite struct `A store that is rebuilt from targets` {
  private let server: ObjectServer

  init() throws { server = try ObjectServer.shared.get() }

  private func targets(port: Int? = nil) -> Targets {
    Targets(environment: ObjectServer.environment(port: port ?? server.port), patience: .quick)
  }

  private func make(_ place: Place, in root: String) throws -> String {
    switch place {
    case .s3: return server.newPlace()
    case .folder:
      let path = root + "/second disk"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      return path
    }
  }

  /// Two segments, a stream's own and a pack, at `address` as well as in the folder, or only there.
  private func archived(
    _ scratch: borrowing Scratch, at address: String, isMirror: Bool
  ) throws -> ArchiveFolder {
    try scratch.store.fill("user-1-activity", days: 5, bytes: 160_000)
    for number in 2...5 { try scratch.store.fill("user-\(number)-loans", days: 5) }
    let folder = ArchiveFolder(path: scratch.root + "/segments", targets: targets())
    let settings =
      isMirror ? SegmentSettings(mirror: address) : SegmentSettings(target: address)
    try Archiver(scratch.store, folder, now: day(200)).run([
      ArchivePolicy(streams: "user-*", coldAfter: days(30), settings: settings)
    ])
    try #require(try scratch.store.entries().map(\.state) == [.pruned, .pruned])
    return folder
  }

  private func rebuild(
    _ root: String, _ folder: ArchiveFolder, from targets: [String], isDry: Bool = false
  ) throws -> ReindexReport {
    try StoreRebuild(path: root + "/new.db", folder: folder, targets: targets)
      .run(isDry: isDry, now: day(300))
  }

  @Test(arguments: Place.allCases, [true, false])
  func `knows all they hold, and that it is there`(place: Place, isMirror: Bool) throws {
    let scratch = try Scratch()
    let address = try make(place, in: scratch.root)
    let folder = try archived(scratch, at: address, isMirror: isMirror)
    let before = try digests(scratch.store, folder)
    // Nothing is left of the machine; the new one has an archive folder of its own.
    let new = ArchiveFolder(path: scratch.root + "/new.segments", targets: targets())
    let dry = try rebuild(scratch.root, new, from: [address], isDry: true)
    #expect(dry.isSound && dry.taken.map(\.target) == [address, address])
    #expect(!FileManager.default.fileExists(atPath: scratch.root + "/new.db"))
    let report = try rebuild(scratch.root, new, from: [address])
    #expect(report.isSound && report.files == 2)
    #expect(report.newEvents == 25)

    let store = try EventStore(path: scratch.root + "/new.db")
    #expect(store.id == scratch.store.id)
    #expect(try digests(store, new) == before)
    #expect(try store.knowledge() == scratch.store.knowledge())
    for (entry, old) in zip(try store.entries(), try scratch.store.entries()) {
      #expect(entry.target == address && entry.sha256 == old.sha256 && entry.state == .pruned)
      let copies = try store.read { try Catalog.copies($0.db, of: entry.archiveSeq) }
      #expect(copies.map(\.target) == [address])
      #expect(copies.map(\.verifiedAt) == [day(300)])
    }
    #expect(try SegmentCheck(store: store, folder: new).run(level: .full, now: day(301)).isSound)
    // The chain goes on, in the new folder.
    try store.fill("user-9-loans", days: 2, from: 300)
    try Archiver(store, new, now: day(400)).run([
      ArchivePolicy(streams: "user-9-*", coldAfter: days(30))
    ])
    #expect(try SegmentCheck(store: store, folder: new).run(level: .full, now: day(401)).isSound)
    let again = try Reindexer(store: store, folder: new, targets: [address]).run(now: day(402))
    #expect(again.taken == [] && again.known == 3 && again.isSound)
    // No copy that was fetched is left beside the store.
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.root)
    #expect(!left.contains { $0.hasPrefix(".copy") })
  }

  @Test(arguments: Place.allCases)
  func `counts what is in the archive folder as the first copy`(place: Place) throws {
    let scratch = try Scratch()
    let address = try make(place, in: scratch.root)
    let folder = try archived(scratch, at: address, isMirror: true)
    #expect(try rebuild(scratch.root, folder, from: [address]).isSound)
    let store = try EventStore(path: scratch.root + "/new.db")
    for (entry, old) in zip(try store.entries(), try scratch.store.entries()) {
      #expect(entry.target == nil)
      let copies = try store.read { try Catalog.copies($0.db, of: entry.archiveSeq) }
      let were = try scratch.store.read { try Catalog.copies($0.db, of: old.archiveSeq) }
      #expect(copies.map(\.target) == were.map(\.target))
      #expect(copies.map(\.version) == were.map(\.version))
    }
  }

  @Test(arguments: ["damaged", "another's", "missing"])
  func `takes the sound one of several files, and names the others`(state: String) throws {
    let scratch = try Scratch()
    let address = server.newPlace()
    let folder = try archived(scratch, at: address, isMirror: true)
    let before = try digests(scratch.store, folder)
    let file = try scratch.store.entries()[0].file
    switch state {
    case "damaged": try flip(folder.file(file))
    case "missing": try FileManager.default.removeItem(atPath: folder.file(file))
    default:
      let other = try Scratch()
      let foreign = try archived(other, at: server.newPlace(), isMirror: true)
      try FileManager.default.removeItem(atPath: folder.file(file))
      try FileManager.default.copyItem(
        atPath: foreign.file(try other.store.entries()[0].file), toPath: folder.file(file))
    }
    let report = try rebuild(scratch.root, folder, from: [address])
    #expect(report.isSound == (state == "missing"))
    #expect(report.refused.map(\.file) == (state == "missing" ? [] : [file]))
    #expect(report.taken.map(\.isDamaged) == [false, false])
    let store = try EventStore(path: scratch.root + "/new.db")
    #expect(try store.entries().map(\.target) == [address, nil])
    #expect(try digests(store, folder) == before)
  }

  @Test func `takes nothing while one of them can't be asked`() throws {
    let scratch = try Scratch()
    let address = server.newPlace()
    let folder = try archived(scratch, at: address, isMirror: true)
    let away = scratch.root + "/not mounted"
    let error = try #require(throws: TargetError.self) {
      try rebuild(scratch.root, folder, from: [address, away])
    }
    #expect(error.code == .targetUnavailable)
    #expect(!FileManager.default.fileExists(atPath: scratch.root + "/new.db"))
    #expect(!FileManager.default.fileExists(atPath: scratch.root + "/new.db.rebuilding"))
  }

  @Test func `goes on where the server went away`() throws {
    let scratch = try Scratch()
    let address = server.newPlace()
    let folder = try archived(scratch, at: address, isMirror: false)
    let before = try digests(scratch.store, folder)
    let gets = Mutex(0)
    let isDown = Mutex(true)
    let proxy = try FaultProxy(before: server.port) { line in
      guard line.hasPrefix("GET"), isDown.withLock({ $0 }) else { return nil }
      let count = gets.withLock {
        $0 += 1
        return $0
      }
      return count > 20 ? .status(500, "InternalError") : nil
    }
    let new = ArchiveFolder(
      path: scratch.root + "/new.segments", targets: targets(port: proxy.port))
    // However far it gets, what it has taken stays, and half a store has not got the store's name.
    _ = try? rebuild(scratch.root, new, from: [address])
    isDown.withLock { $0 = false }
    if !FileManager.default.fileExists(atPath: scratch.root + "/new.db") {
      #expect(try rebuild(scratch.root, new, from: [address]).isSound)
    }
    let store = try EventStore(path: scratch.root + "/new.db")
    #expect(try digests(store, new) == before)
  }

  @Test func `gives a catalog back that is lost, too`() throws {
    let scratch = try Scratch()
    let address = server.newPlace()
    let folder = try archived(scratch, at: address, isMirror: false)
    let before = try digests(scratch.store, folder)
    let entries = try scratch.store.entries()
    try scratch.store.write { db in
      for table in ["segment_copies", "segment_chunks", "segment_ranges", "segments"] {
        try db.execute(sql: "DELETE FROM \(table)")
      }
    }
    let report = try Reindexer(store: scratch.store, folder: folder, targets: [address])
      .run(now: day(300))
    #expect(report.isSound && report.newEvents == 0)
    #expect(try scratch.store.entries().map(\.target) == entries.map(\.target))
    #expect(try digests(scratch.store, folder) == before)
  }

  /// A lock may keep a segment that was replaced: it is known as such, and goes when the lock ends.
  @Test func `knows what was replaced and is still there`() throws {
    let scratch = try Scratch()
    let address = server.newPlace(isLocked: true)
    var settings = Targets.Settings(name: "vault", address: address)
    settings.lock = ObjectLock(mode: .governance, lockFor: 3_600_000_000)
    let targets = Targets([settings], environment: server.environment, patience: .quick)
    let folder = ArchiveFolder(path: scratch.root + "/segments", targets: targets)
    for number in 2...3 { try scratch.store.fill("user-\(number)-loans", days: 5) }
    try Archiver(scratch.store, folder, now: day(200)).run([
      ArchivePolicy(
        streams: "user-*", coldAfter: days(30), settings: SegmentSettings(mirror: "vault"))
    ])
    _ = try Eraser(Archiver(scratch.store, folder, now: .now())).erase(user: "2", reason: "asked")
    try #require(try targets.target("vault").names().count == 2)
    let report = try rebuild(scratch.root, folder, from: try targets.configured())
    #expect(report.isSound)
    let store = try EventStore(path: scratch.root + "/new.db")
    #expect(try store.entries().map(\.retired) == [.superseded, nil])
    let copies = try store.read { try Catalog.copies($0.db, of: 1) }
    #expect(copies.map(\.target) == [address])
    #expect(copies.allSatisfy { $0.version != nil && $0.lockedUntil != nil })
    let gone = try StreamName("user-2-loans")
    #expect(try store.read { try $0.stream(gone) }?.tombstone?.reason == "asked")
    #expect(
      try SegmentCheck(store: store, folder: folder).run(level: .full, now: .now()).isSound)
  }
}
