import EventStore
import Foundation
import GRDB
import Glibc
import Segments
import Streams
import Synchronization
import Testing

@testable import Archive

@Suite struct `A repair of a damaged segment` {
  /// One segment of about 400 kB, and one of a pack; the rows go unless `grace` keeps them.
  private func archived(parity: Int = 0, grace: Int64 = 0) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-activity", days: 16, bytes: 60_000)
    try scratch.store.fill("user-2-loans", days: 5)
    var policy = ArchivePolicy(streams: "user-*", coldAfter: days(30))
    policy.parityPercent = parity
    let summary = try Archiver(scratch.store, scratch.folder, now: day(100))
      .run([policy], grace: grace)
    try #require(summary.segments.count == 2 && summary.unprotected == [])
    return scratch
  }

  private func repair(_ scratch: borrowing Scratch, _ names: [String] = []) throws -> RepairReport {
    try SegmentRepair(store: scratch.store, folder: scratch.folder).run(names, now: day(200))
  }

  private func large(_ scratch: borrowing Scratch) throws -> CatalogEntry {
    try #require(try scratch.store.entries().max { $0.bytes < $1.bytes })
  }

  enum Fault: String, CaseIterable {
    case bit, sector, page, hole, firstBytes, seekTable, longer, writable
  }

  private func damage(_ path: String, _ fault: Fault) throws {
    try overwrite(path) { bytes in
      let middle = bytes.count / 2
      switch fault {
      case .bit: bytes[middle] ^= 1
      case .sector: for place in middle..<(middle + 512) { bytes[place] ^= 0xFF }
      case .page: for place in middle..<(middle + 4096) { bytes[place] ^= 0xFF }
      case .hole: for place in middle..<(middle + 8192) { bytes[place] = 0 }
      case .firstBytes: bytes[0] ^= 0xFF
      case .seekTable: bytes[bytes.count - 12] ^= 0xFF
      case .longer: bytes += [1, 2, 3]
      case .writable: break
      }
    }
    if fault == .writable { chmod(path, 0o644) }
  }

  @Test(arguments: Fault.allCases)
  func `from parity gives back the very bytes`(fault: Fault) throws {
    let scratch = try archived(parity: 5)
    let before = try digests(scratch.store, scratch.folder)
    let entry = try large(scratch)
    let path = scratch.folder.file(entry.file)
    try damage(path, fault)
    #expect(
      try !SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(150)).isSound)
    try #require(try large(scratch).state == .quarantined)

    let report = try repair(scratch)
    #expect(report.items.count == 2 && report.damaged.isEmpty)
    #expect(report.healed.map(\.file) == [entry.file])
    guard case .healed(let source) = report.healed.first?.outcome else { return }
    #expect(source == (fault == .writable ? .mode : .parity))
    let bytes = try #require(FileManager.default.contents(atPath: path))
    #expect(SHA256Sum(of: Array(bytes)).description == entry.sha256)
    #expect(try mode(path) == 0o444)
    #expect(try large(scratch).state == .pruned)
    #expect(try large(scratch).verifiedAt == day(200))
    #expect(try digests(scratch.store, scratch.folder) == before)
    #expect(try kept(scratch.folder).count == (fault == .writable ? 0 : 1))
    #expect(
      try scratch.store.audited("SegmentRepaired").map { $0.contains(source.rawValue) } == [true])
    #expect(try leftovers(scratch.folder) == [])
    // There is nothing left to do.
    #expect(try repair(scratch).healed.isEmpty)
    #expect(try scratch.store.audited("SegmentRepaired").count == 1)
  }

  /// Without parity: what is sound in the file, and rows for the rest.
  @Test(arguments: Fault.allCases + [nil])
  func `in its grace period comes from the rows`(fault: Fault?) throws {
    let scratch = try archived(grace: days(1000))
    let before = try digests(scratch.store, scratch.folder)
    let entry = try large(scratch)
    let path = scratch.folder.file(entry.file)
    if let fault { try damage(path, fault) } else { unlink(path) }
    // An archive run finds it out and releases nothing.
    _ = try Archiver(scratch.store, scratch.folder, now: day(101)).run([])
    try #require(try large(scratch).state == .quarantined)
    let report = try repair(scratch, [entry.segmentID])
    #expect(report.damaged.isEmpty && report.healed.count == 1)
    #expect(try large(scratch).state == .archived)
    #expect(try large(scratch).manifestSHA256 == entry.manifestSHA256)
    #expect(
      try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(300)).isSound)
    try Archiver(scratch.store, scratch.folder, now: day(102)).run([])
    #expect(try scratch.store.entries().map(\.state) == [.pruned, .pruned])
    #expect(try scratch.store.record("user-1-activity").hotEvents == 0)
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test func `comes from another copy of the file`() throws {
    let scratch = try archived()
    let entry = try large(scratch)
    let mirror = scratch.root + "/mirror"
    let copy = mirror + "/" + entry.file
    try FileManager.default.createDirectory(
      atPath: mirror + "/" + entry.file.prefix(2), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: scratch.folder.file(entry.file), toPath: copy)
    for target in [scratch.root + "/gone", mirror] {
      try scratch.store.write {
        try $0.execute(
          sql: "INSERT INTO segment_copies VALUES (?, ?, NULL, NULL, 0)",
          arguments: [entry.archiveSeq, target])
      }
    }
    unlink(scratch.folder.file(entry.file))
    let report = try repair(scratch)
    guard case .healed(.copy) = report.healed.first?.outcome else {
      Issue.record("\(report)")
      return
    }
    let check = try SegmentCheck(store: scratch.store, folder: scratch.folder)
      .run(level: .full, now: day(300))
    // The folder of the other copy is not there.
    #expect(!check.isDamaged && check.unavailability?.places.count == 1)
    // A copy that is damaged itself heals nothing.
    try damage(copy, .bit)
    try damage(scratch.folder.file(entry.file), .page)
    #expect(try repair(scratch).damaged.count == 1)
  }

  @Test func `stops between two segments when asked to, and goes on when run again`() throws {
    let scratch = try archived(parity: 5)
    for entry in try scratch.store.entries() {
      try damage(scratch.folder.file(entry.file), .bit)
    }
    let repair = SegmentRepair(store: scratch.store, folder: scratch.folder)
    let asked = Mutex(false)
    let report = try repair.run(
      now: day(200), stop: StopRequest { asked.withLock { $0 } },
      progress: { _, _ in asked.withLock { $0 = true } })
    #expect(report.items.count == 1 && report.notReached == 1)
    #expect(report.healed.count == 1 && report.damaged.isEmpty)
    #expect(try leftovers(scratch.folder) == [])
    // Asked in the middle of a segment, it says nothing of it.
    let none = try repair.run(now: day(200), stop: StopRequest { true })
    #expect(none.items.isEmpty && none.notReached == 2)
    #expect(try scratch.store.entries().allSatisfy { $0.state != .quarantined })
    let rest = try repair.run(now: day(200))
    #expect(rest.items.count == 2 && rest.healed.count == 1 && rest.damaged.isEmpty)
  }

  @Test func `reads no private key where nothing is signed anew`() throws {
    let scratch = try archived(parity: 5)
    try damage(scratch.folder.file(try large(scratch).file), .sector)
    let repair = SegmentRepair(
      store: scratch.store, folder: scratch.folder,
      signer: try SegmentSigner(path: "/nonexistent/key"))
    #expect(try repair.run(now: day(200)).healed.count == 1)
  }

  // MARK: - The folder

  @Test(arguments: [true, false])
  func `of a folder that is away finds nothing damaged and makes none`(isEmpty: Bool) throws {
    let scratch = try archived()
    try FileManager.default.moveItem(
      atPath: scratch.folder.path, toPath: scratch.root + "/unmounted")
    if isEmpty { mkdir(scratch.folder.path, 0o755) }
    let check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    let report = try check.run(level: .full, now: day(150))
    #expect(!report.isDamaged && !report.isSound)
    let away = try #require(report.unavailability)
    #expect(away.places.map(\.address) == [scratch.folder.path])
    #expect(away.places.map(\.unavailable) == [2])
    #expect(away.message.contains("is its disk mounted?"))
    #expect(throws: ArchiveError.away(folder: scratch.folder.path, segments: 2)) {
      try repair(scratch)
    }
    #expect(throws: ArchiveError.away(folder: scratch.folder.path, segments: 2)) {
      try Archiver(scratch.store, scratch.folder, now: day(200)).run([])
    }
    #expect(access(scratch.folder.file(".lock"), F_OK) != 0)
    #expect((access(scratch.folder.path, F_OK) == 0) == isEmpty)
    #expect(try scratch.store.entries().map(\.state) == [.pruned, .pruned])
    rmdir(scratch.folder.path)
    try FileManager.default.moveItem(
      atPath: scratch.root + "/unmounted", toPath: scratch.folder.path)
    #expect(try check.run(level: .full, now: day(151)).isSound)
  }

  @Test func `fills a new folder from copies, but makes none`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-2-loans", days: 5)
    let mirror = scratch.root + "/mirror"
    mkdir(mirror, 0o755)
    try Archiver(scratch.store, scratch.folder, now: day(100)).run([
      ArchivePolicy(
        streams: "user-*", coldAfter: days(30), settings: SegmentSettings(mirror: mirror))
    ])
    let before = try digests(scratch.store, scratch.folder)
    try FileManager.default.removeItem(atPath: scratch.folder.path)
    #expect(throws: ArchiveError.away(folder: scratch.folder.path, segments: 1)) {
      try repair(scratch)
    }
    #expect(!scratch.folder.exists)
    mkdir(scratch.folder.path, 0o755)
    #expect(try repair(scratch).healed.count == 1)
    try FileManager.default.removeItem(atPath: mirror)
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test func `says exactly what is lost when there is nothing to heal it from`() throws {
    let scratch = try archived()
    let entry = try large(scratch)
    let path = scratch.folder.file(entry.file)
    let chunk = try scratch.store.read { try Catalog.chunks($0.db, of: entry.archiveSeq) }[0]
    try flip(path) { _ in Int(chunk.offset) + chunk.compressedBytes / 2 }
    let damaged = try fileSums(scratch.folder)
    let report = try repair(scratch)
    #expect(report.healed.isEmpty)
    guard case .damaged(_, let lost) = report.damaged.first?.outcome else {
      Issue.record("\(report)")
      return
    }
    #expect(lost.map(\.stream.rawValue) == ["user-1-activity"])
    #expect(lost.map(\.revisions) == [chunk.first.rawValue...chunk.last.rawValue])
    #expect(try large(scratch).state == .quarantined)
    #expect(try fileSums(scratch.folder) == damaged)
    #expect(try scratch.store.record("user-1-activity").prunedTo == 15)
  }

  @Test func `with more damage than parity says so, and keeps the file as it is`() throws {
    let scratch = try archived(parity: 5)
    let path = scratch.folder.file(try large(scratch).file)
    try overwrite(path) { bytes in
      for place in 1000..<(bytes.count / 2) { bytes[place] = 0 }
    }
    let damaged = try fileSums(scratch.folder)
    let report = try repair(scratch)
    guard case .damaged(let tried, let lost) = report.damaged.first?.outcome else {
      Issue.record("\(report)")
      return
    }
    #expect(tried.contains { $0.contains("more damage than parity") })
    #expect(lost.first?.revisions.lowerBound == 0)
    #expect(try fileSums(scratch.folder) == damaged)
    #expect(try leftovers(scratch.folder) == [])
  }

  @Test func `says that parity can't replace a file that is gone`() throws {
    let scratch = try archived(parity: 5)
    let entry = try large(scratch)
    unlink(scratch.folder.file(entry.file))
    guard case .damaged(let tried, let lost) = try repair(scratch).damaged.first?.outcome else {
      Issue.record("it is gone")
      return
    }
    #expect(tried.count == 1 && tried[0].contains("can't replace one"))
    #expect(lost.map(\.revisions) == [0...15])
  }

  @Test func `does not let a parity file for another name write anywhere`() throws {
    let scratch = try archived(parity: 5)
    let (one, other) = (try scratch.store.entries()[0], try scratch.store.entries()[1])
    try damage(scratch.folder.file(one.file), .bit)
    let sidecar = scratch.folder.file(one.file) + ".par2"
    unlink(sidecar)
    try FileManager.default.copyItem(
      atPath: scratch.folder.file(other.file) + ".par2", toPath: sidecar)
    let report = try repair(scratch, [one.file])
    guard case .damaged(let tried, _) = report.damaged.first?.outcome else {
      Issue.record("\(report)")
      return
    }
    #expect(tried.contains { $0.contains("is for another file") })
  }

  @Test func `of a segment the catalog does not have is refused`() throws {
    let scratch = try archived()
    #expect(throws: ArchiveError.noSuchSegment("pack-9-g1")) {
      try repair(scratch, ["pack-9-g1"])
    }
  }

  // MARK: - Parity

  @Test func `finds parity that a killed archive run has made, or makes it anew`() async throws {
    for step in [ArchiveStep.verified, .parity] {
      let scratch = try Scratch()
      try scratch.store.fill("user-1-activity", days: 16, bytes: 60_000)
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [root = scratch.root as String, step = step.rawValue as String] in
        let store = try EventStore(path: root + "/store.db")
        var policy = ArchivePolicy(streams: "user-*", coldAfter: days(30))
        policy.parityPercent = 10
        try Archiver(store, ArchiveFolder(path: root + "/segments"), now: day(100)) {
          if $0.rawValue == step { kill(getpid(), SIGKILL) }
        }.run([policy])
      }
      // What par2 itself may leave when it is killed.
      let stale = scratch.folder.file(".scratch/old")
      try FileManager.default.createDirectory(atPath: stale, withIntermediateDirectories: true)
      try Data("half".utf8).write(to: URL(filePath: stale + "/parity.par2"))
      let summary = try Archiver(scratch.store, scratch.folder, now: day(100)).run([])
      #expect(summary.segments.count == 1 && summary.unprotected == [])
      let sidecar = scratch.folder.file(try large(scratch).file + ".par2")
      #expect(try mode(sidecar) == 0o444)
      #expect(try leftovers(scratch.folder) == [])
      #expect(try par2(["verify", "-q", "-q", sidecar]) == 0)
    }
  }

  @Test func `leaves the segment archived when parity can't be made, and says so`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-2-loans", days: 5)
    var policy = ArchivePolicy(streams: "user-*", coldAfter: days(30))
    policy.parityPercent = 5
    // Its place is taken by a folder.
    let name = "01/pack-1-g1.tar.zst"
    let single = try scratch.store.read { _ in
      SegmentName(
        streamID: SegmentName.streamID(
          store: scratch.store.id, stream: try StreamName("user-2-loans")), first: Revision(0),
        last: Revision(4), generation: 1
      ).relativePath
    }
    for file in [name, single] {
      try FileManager.default.createDirectory(
        atPath: scratch.folder.file(file) + ".par2/x", withIntermediateDirectories: true)
    }
    let summary = try Archiver(scratch.store, scratch.folder, now: day(100)).run([policy])
    #expect(summary.segments.count == 1 && summary.released == 5)
    #expect(summary.unprotected.count == 1)
    #expect(summary.unprotected[0].contains(single))
    #expect(try scratch.store.entries().map(\.state) == [.pruned])
  }

  private func mode(_ path: String) throws -> Int {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return Int(status.st_mode & 0o7777)
  }

  private func kept(_ folder: ArchiveFolder) throws -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.file("quarantine"))) ?? []
  }

  private func leftovers(_ folder: ArchiveFolder) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
      $0.contains(".scratch") || $0.hasSuffix(".partial")
    }
  }

  private func par2(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["par2"] + arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
