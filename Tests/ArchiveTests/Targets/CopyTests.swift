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

@Suite struct `A copy of a segment` {
  private let server: ObjectServer

  init() throws { server = try ObjectServer.shared.get() }

  private func make(_ place: Place, in root: String) throws -> String {
    try place.make(in: root, server)
  }

  private func targets(port: Int? = nil) -> Targets {
    Targets(environment: ObjectServer.environment(port: port ?? server.port), patience: .quick)
  }

  // MARK: - Mirrors

  @Test(arguments: Place.allCases)
  func `is written, read back and recorded before any row goes`(place: Place) throws {
    let scratch = try Scratch.withCopies(targets())
    let before = try digests(scratch.store, scratch.folder)
    let address = try make(place, in: scratch.root)
    let summary = try scratch.run(SegmentSettings(mirror: address))
    #expect(summary.released == 25)
    #expect(summary.copies.count == 2)
    let target = try targets().target(address)
    for entry in try scratch.store.entries() {
      #expect(entry.state == .pruned)
      let copies = try scratch.copies(of: entry)
      #expect(copies.map(\.target) == [address])
      let source = try target.source(entry.file, bytes: nil, version: copies[0].version)
      #expect(try source.sha256().description == entry.sha256)
    }
    #expect(try target.names() == scratch.folder.files().sorted())
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test(arguments: Place.allCases, ["damaged", "missing"])
  func `is read where the first is damaged or missing`(place: Place, state: String) throws {
    let scratch = try Scratch.withCopies(targets())
    let before = try digests(scratch.store, scratch.folder)
    try scratch.run(SegmentSettings(mirror: try make(place, in: scratch.root)))
    for file in scratch.folder.files() {
      if state == "damaged" {
        try flip(scratch.folder.file(file))
      } else {
        try FileManager.default.removeItem(atPath: scratch.folder.file(file))
      }
    }
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test func `that can't be written keeps every row, and the next run completes it`() throws {
    let isDown = Mutex(true)
    let proxy = try FaultProxy(before: server.port) { line in
      line.hasPrefix("PUT") && isDown.withLock { $0 } ? .status(500, "InternalError") : nil
    }
    let scratch = try Scratch.withCopies(targets(port: proxy.port))
    let before = try digests(scratch.store, scratch.folder)
    let settings = SegmentSettings(mirror: server.newPlace())
    let error = try #require(throws: TargetError.self) { try scratch.run(settings) }
    #expect(error.code == .targetUnavailable)
    // The second segment was not begun: the target was known to be away.
    #expect(proxy.fired == 5)
    #expect(try scratch.store.entries().map(\.state) == [.archived])
    #expect(try digests(scratch.store, scratch.folder) == before)
    isDown.withLock { $0 = false }
    #expect(try scratch.run(settings).released == 25)
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  /// A server that stores, or sends, another byte than it was given.
  @Test(arguments: [true, false])
  func `that does not read back as it was written is no copy`(storesWrongly: Bool) throws {
    let address = server.newPlace()
    let direct = try targets().target(address)
    let isBroken = Mutex(true)
    let proxy = try FaultProxy(before: server.port) { line in
      guard isBroken.withLock({ $0 }) else { return nil }
      if !storesWrongly { return line.hasPrefix("GET") ? .sendAnotherByte : nil }
      guard line.hasPrefix("PUT"), let name = name(inPut: line, under: address) else { return nil }
      let other = Bytes.random(400)
      _ = try? direct.put(other, as: name, sha256: other.sha256)
      return .status(200, "")
    }
    let scratch = try Scratch.withCopies(targets(port: proxy.port))
    let before = try digests(scratch.store, scratch.folder)
    let error = try #require(throws: TargetError.self) {
      try scratch.run(SegmentSettings(mirror: address))
    }
    #expect(error.code == .archiveConflict)
    #expect(proxy.fired >= 1)
    #expect(try scratch.store.entries().allSatisfy { $0.state == .archived })
    #expect(try digests(scratch.store, scratch.folder) == before)
    isBroken.withLock { $0 = false }
    #expect(try scratch.run(SegmentSettings(mirror: address)).released == 25)
  }

  @Test func `is never put in the place of something else`() throws {
    let address = server.newPlace()
    let scratch = try Scratch.withCopies(targets())
    let other = Bytes.random(500)
    let name = SegmentName(
      streamID: SegmentName.streamID(
        store: scratch.store.id, stream: try StreamName("user-1-activity")),
      first: Revision(0), last: Revision(4), generation: 1)
    let target = try targets().target(address)
    #expect(try target.put(other, as: name.relativePath, sha256: other.sha256))
    let error = try #require(throws: TargetError.self) {
      try scratch.run(SegmentSettings(mirror: address))
    }
    #expect(error.code == .archiveConflict)
    #expect(
      try target.source(name.relativePath, bytes: nil, version: nil).sha256() == other.sha256)
    // The other segment has its copy, and its rows are gone.
    #expect(try scratch.store.entries().map(\.state) == [.archived, .pruned])
    #expect(try scratch.store.record("user-1-activity").prunedTo == -1)
  }

  @Test(arguments: Place.allCases)
  func `that is gone when the grace period ends keeps the rows`(place: Place) throws {
    let scratch = try Scratch.withCopies(targets())
    let address = try make(place, in: scratch.root)
    let settings = SegmentSettings(mirror: address)
    try scratch.run(settings, grace: days(10))
    let entry = try #require(try scratch.store.entries().first)
    try targets().target(address).delete(entry.file, version: nil)
    let error = try #require(throws: TargetError.self) {
      try scratch.run(settings, grace: days(10), now: day(220))
    }
    #expect(error.message.contains(entry.file))
    #expect(try scratch.store.entries().map(\.state) == [.archived, .pruned])
  }

  @Test func `must be somewhere else`() throws {
    let scratch = try Scratch.withCopies(targets())
    try FileManager.default.createDirectory(
      atPath: scratch.folder.path, withIntermediateDirectories: true)
    let (link, disk) = (scratch.root + "/link", scratch.root + "/disk")
    for folder in [disk] {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    }
    symlink(scratch.folder.path, link)
    symlink(disk, disk + "-link")
    for settings in [
      SegmentSettings(mirror: scratch.folder.path + "/"),
      SegmentSettings(target: "s3://tests/x", mirror: "s3://tests/x/"),
      SegmentSettings(mirror: "ftp://elsewhere"), SegmentSettings(mirror: "no-such-name"),
      // Other ways to write the same folder.
      SegmentSettings(mirror: scratch.folder.path + "/."), SegmentSettings(mirror: link),
      SegmentSettings(target: disk, mirror: disk + "/../disk"),
      SegmentSettings(target: disk, mirror: disk + "-link"),
    ] {
      let error = try #require(throws: TargetError.self) { try scratch.run(settings) }
      #expect(error.code == .invalidOption)
    }
    #expect(try scratch.store.entries().isEmpty)
  }

  @Test func `that the server does not lock is none, though a lock was asked for`() throws {
    let isHidden = Mutex(true)
    let proxy = try FaultProxy(before: server.port) { _ in
      isHidden.withLock { $0 } ? .hideHeaders("x-amz-object-lock") : nil
    }
    var vault = Targets.Settings(name: "vault", address: server.newPlace(isLocked: true))
    vault.lock = ObjectLock(mode: .governance, lockFor: days(1))
    let scratch = try Scratch.withCopies(
      Targets(
        [vault], environment: ObjectServer.environment(port: proxy.port), patience: .quick))
    let settings = SegmentSettings(mirror: "vault")
    let error = try #require(throws: TargetError.self) { try scratch.run(settings) }
    #expect(error.code == .targetNotLocked)
    #expect(error.remedy.contains("object lock"))
    // No row goes, and the target is not tried with the other segment.
    let entry = try #require(try scratch.store.entries().first)
    #expect(try scratch.store.entries().map(\.state) == [.archived])
    #expect(try scratch.copies(of: entry).isEmpty)
    #expect(proxy.requests.filter { $0.hasPrefix("PUT") }.count == 1)
    // What is there already is no copy either, until it is known to be locked.
    let again = try #require(throws: TargetError.self) { try scratch.run(settings) }
    #expect(again.message.contains("not locked"))
    isHidden.withLock { $0 = false }
    #expect(try scratch.run(settings).released == 25)
    let until = try #require(try scratch.copies(of: entry).first?.lockedUntil)
    #expect(until > day(0))
  }

  @Test func `is kept by a lock when its segment is deleted`() throws {
    let address = server.newPlace(isLocked: true)
    var vault = Targets.Settings(name: "vault", address: address)
    vault.lock = ObjectLock(mode: .compliance, lockFor: days(1))
    let scratch = try Scratch.withCopies(
      Targets([vault], environment: server.environment, patience: .quick))
    try scratch.run(SegmentSettings(mirror: "vault"))
    let entry = try #require(try scratch.store.entries().first)
    let copies = try scratch.copies(of: entry)
    #expect(copies.first?.version != nil)
    #expect(copies.first?.lockedUntil != nil)
    #expect(try scratch.folder.delete(entry, copies: copies) == [address])
    #expect(!scratch.folder.has(entry.file))
    #expect(
      try scratch.folder.targets.target("vault")
        .source(entry.file, bytes: nil, version: copies[0].version).size() == entry.bytes)
  }

  @Test func `is not made twice when its folder is written in another way`() throws {
    let scratch = try Scratch.withCopies(targets())
    let disk = try make(.folder, in: scratch.root)
    try scratch.run(SegmentSettings(mirror: disk))
    symlink(disk, scratch.root + "/link")
    for other in [disk + "/.", scratch.root + "/link"] {
      #expect(try scratch.run(SegmentSettings(mirror: other)).copies == [])
    }
    for entry in try scratch.store.entries() {
      #expect(try scratch.copies(of: entry).map(\.target) == [disk])
    }
  }

  // MARK: - Segments that are nowhere else

  /// Encrypted, so that only their own chunks tell what their rows must be.
  @Test func `are asked for while anybody can append`() throws {
    let path = Mutex("")
    let refused = Mutex(0)
    let proxy = try FaultProxy(before: server.port) { _ in
      // Without a wait: whoever is in a transaction of his own holds it.
      guard let queue = try? DatabaseQueue(path: path.withLock { $0 }) else { return nil }
      do {
        try queue.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE; ROLLBACK") }
      } catch {
        refused.withLock { $0 += 1 }
      }
      return nil
    }
    let scratch = try Scratch.withCopies(
      Targets(
        environment: ObjectServer.environment(port: proxy.port), patience: .quick))
    path.withLock { [store = scratch.store.path] in $0 = store }
    let address = server.newPlace()
    let summary = try scratch.run(SegmentSettings(target: address, isEncrypted: true))
    #expect(summary.released == 25)
    #expect(!proxy.requests.isEmpty)
    #expect(refused.withLock { $0 } == 0)
  }

  @Test func `that is the only one is read by its version`() throws {
    let address = server.newPlace(isLocked: true)
    let scratch = try Scratch.withCopies(targets())
    let before = try digests(scratch.store, scratch.folder)
    try scratch.run(SegmentSettings(target: address))
    let target = try targets().target(address)
    for entry in try scratch.store.entries() {
      #expect(try entry.version != nil && entry.version == scratch.copies(of: entry)[0].version)
      // Somebody hides it, and puts something else in its place.
      try target.delete(entry.file, version: nil)
      let other = Bytes.random(Int(entry.bytes))
      #expect(try target.put(other, as: entry.file, sha256: other.sha256))
    }
    #expect(try digests(scratch.store, scratch.folder) == before)
    for entry in try scratch.store.entries() {
      #expect(try RestoreCheck(scratch.store, scratch.folder).verified(entry).damage == [])
    }
    let check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    #expect(try check.run(level: .full, now: day(201)).isSound)
    // The version recorded is what goes.
    let entry = try #require(try scratch.store.entries().first)
    #expect(try scratch.folder.delete(entry, copies: try scratch.copies(of: entry)) == [])
    #expect(try target.stat(entry.file, version: entry.version) == nil)
    #expect(try target.stat(entry.file) != nil)
  }

  @Test(arguments: VerifyLevel.allCases)
  func `that was cut off is found by its own length`(level: VerifyLevel) throws {
    let address = server.newPlace()
    let scratch = try Scratch.withCopies(targets())
    try scratch.run(SegmentSettings(target: address))
    let target = try targets().target(address)
    let entry = try #require(try scratch.store.entries().first)
    let source = try target.source(entry.file, bytes: nil, version: nil)
    let cut = Bytes(try source.bytes(at: 0, count: Int(entry.bytes) - 100))
    try target.delete(entry.file, version: nil)
    #expect(try target.put(cut, as: entry.file, sha256: cut.sha256))
    let report = try SegmentCheck(store: scratch.store, folder: scratch.folder)
      .run(level: level, now: day(201))
    #expect(report.damaged.map(\.file) == [entry.file])
  }

  @Test(arguments: Place.allCases)
  func `may be the only one, and reads as a local one does`(place: Place) throws {
    let scratch = try Scratch.withCopies(targets())
    let before = try digests(scratch.store, scratch.folder)
    let address = try make(place, in: scratch.root)
    #expect(try scratch.run(SegmentSettings(target: address)).released == 25)
    #expect(scratch.folder.files() == [])
    #expect(scratch.folder.staging.files() == [])
    #expect(try scratch.store.entries().allSatisfy { $0.target == address })
    #expect(try digests(scratch.store, scratch.folder) == before)
    let report = try SegmentCheck(store: scratch.store, folder: scratch.folder)
      .run(level: .full, now: day(201))
    #expect(report.isSound)
    #expect(report.checked.count == 2)
    let entry = try #require(try scratch.store.entries().first)
    #expect(
      try scratch.folder.delete(entry, copies: try scratch.copies(of: entry)) == [])
    #expect(try targets().target(address).stat(entry.file) == nil)
    #expect(throws: HistoryError.self) { try digests(scratch.store, scratch.folder) }
  }

  @Test func `gives one event for one request of one frame`() throws {
    let proxy = try FaultProxy(before: server.port)
    let scratch = try Scratch.withCopies(targets(port: proxy.port))
    try scratch.run(SegmentSettings(target: server.newPlace()))
    let asked = proxy.requests.count
    let record = try scratch.store.record("user-1-activity")
    var served: [Int64] = []
    try History(store: scratch.store, folder: scratch.folder).read { snapshot in
      _ = try snapshot.forEachEvent(of: record, in: 3...3) { event in
        served.append(event.revision.rawValue)
        return true
      }
    }
    #expect(served == [3])
    #expect(proxy.requests.count == asked + 1)
    #expect(proxy.requests.last?.hasPrefix("GET") == true)
  }

  @Test(arguments: [
    Fault.status(500, "InternalError"), .status(403, "AccessDenied"), .halfBody,
  ])
  func `that can't be had is not taken for missing, nor quarantined`(fault: Fault) throws {
    let isDown = Mutex(false)
    let proxy = try FaultProxy(before: server.port) { _ in isDown.withLock { $0 } ? fault : nil }
    let scratch = try Scratch.withCopies(targets(port: proxy.port))
    let before = try digests(scratch.store, scratch.folder)
    try scratch.run(SegmentSettings(target: server.newPlace()))
    isDown.withLock { $0 = true }
    let error = try #require(throws: HistoryError.self) {
      try digests(scratch.store, scratch.folder)
    }
    #expect(error.code == .ioError)
    #expect(proxy.fired >= 1)
    let report = try SegmentCheck(store: scratch.store, folder: scratch.folder)
      .run(level: .full, now: day(201))
    #expect(!report.isSound)
    #expect(try scratch.store.entries().allSatisfy { $0.state == .pruned })
    isDown.withLock { $0 = false }
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  // MARK: - Crashes

  static let moments = ["PUT", "HEAD 2", "GET", "copied", "archived"]

  @Test(arguments: moments, [true, false])
  func `that a process was killed over is completed by the next run`(
    moment: String, isMirror: Bool
  ) async throws {
    let scratch = try Scratch.withCopies(targets())
    let before = try digests(scratch.store, scratch.folder)
    let address = server.newPlace()
    let settings =
      isMirror ? SegmentSettings(mirror: address) : SegmentSettings(target: address)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [
        root = scratch.root as String, port = server.port as Int, moment = moment as String,
        settings = settings as SegmentSettings
      ] in
      let heads = Mutex(0)
      let proxy = try FaultProxy(before: port) { line in
        let isSecond =
          line.hasPrefix("HEAD")
          && heads.withLock {
            $0 += 1
            return $0 == 2
          }
        if moment == "HEAD 2" ? isSecond : line.hasPrefix(moment) { kill(getpid(), SIGKILL) }
        return nil
      }
      let targets = Targets(environment: ObjectServer.environment(port: proxy.port))
      let folder = ArchiveFolder(path: root + "/segments", targets: targets)
      let store = try EventStore(path: root + "/store.db")
      try runArchive(store, folder, settings) { step in
        if step.rawValue == moment { kill(getpid(), SIGKILL) }
      }
    }
    #expect(try digests(scratch.store, scratch.folder) == before)
    try scratch.run(settings)
    #expect(try digests(scratch.store, scratch.folder) == before)
    #expect(try scratch.store.entries().map(\.state) == [.pruned, .pruned])
    #expect(scratch.folder.staging.files() == [])
    let names = try targets().target(address).names()
    #expect(names == (try scratch.store.entries().map(\.file).sorted()))
    #expect(scratch.folder.files().count == (isMirror ? 2 : 0))
    #expect(try scratch.run(settings) == Archiver.Summary())
  }
}

/// The segment's name in `PUT /bucket/prefix/name HTTP/1.1`.
private func name(inPut line: String, under address: String) -> String? {
  let start = address.dropFirst("s3:/".count) + "/"
  let path = line.split(separator: " ")[1]
  return path.hasPrefix(start) ? String(path.dropFirst(start.count)) : nil
}
