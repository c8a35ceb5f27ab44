import EventStore
import Foundation
import Segments
import Streams
import Synchronization
import Testing

@testable import Archive

/// Verification and repair of the copies at targets.
@Suite struct `Of a segment with a mirror every copy` {
  private let server: ObjectServer

  init() throws { server = try ObjectServer.shared.get() }

  private func targets(port: Int? = nil) -> Targets {
    Targets(environment: ObjectServer.environment(port: port ?? server.port), patience: .quick)
  }

  private func check(
    _ scratch: borrowing CopyScratch, _ level: VerifyLevel = .full
  ) throws -> SegmentCheck.Report {
    try SegmentCheck(store: scratch.store, folder: scratch.folder).run(level: level, now: day(300))
  }

  private func repair(_ scratch: borrowing CopyScratch) throws -> RepairReport {
    try SegmentRepair(store: scratch.store, folder: scratch.folder).run(now: day(301))
  }

  /// Puts something else in the place of a copy, or nothing.
  private func spoil(_ entry: CatalogEntry, at target: any Target, isMissing: Bool) throws {
    var bytes = try target.source(entry.file, bytes: nil, version: nil)
      .bytes(at: 0, count: Int(entry.bytes))
    if let folder = target as? FolderTarget {
      let path = folder.address + "/" + entry.file
      if isMissing { try FileManager.default.removeItem(atPath: path) } else { try flip(path) }
      return
    }
    try target.delete(entry.file, version: nil)
    guard !isMissing else { return }
    bytes[bytes.count / 2] ^= 0x10
    let other = Bytes(bytes)
    #expect(try target.put(other, as: entry.file, sha256: other.sha256))
  }

  @Test(arguments: Place.allCases, [true, false])
  func `is checked, named by its address, and healed from a sound one`(
    place: Place, isMissing: Bool
  ) throws {
    let scratch = try Scratch.withCopies(targets())
    let address = try place.make(in: scratch.root, server)
    try scratch.run(SegmentSettings(mirror: address))
    let entry = try #require(try scratch.store.entries().first)
    #expect(try check(scratch).isSound)
    #expect(try scratch.copies(of: entry).map(\.verifiedAt) == [day(300)])
    let target = try targets().target(address)
    try spoil(entry, at: target, isMissing: isMissing)

    let report = try check(scratch)
    #expect(report.isDamaged)
    let item = try #require(report.damaged.first)
    #expect(report.damaged.count == 1 && item.file == entry.file)
    #expect(item.copies.map(\.address) == [scratch.folder.path, address])
    #expect(item.copies.map(\.isSound) == [true, false])
    #expect(item.lost.isEmpty && item.readableEvents == item.totalEvents)
    #expect(try scratch.store.entries().first?.state == .quarantined)
    if isMissing { #expect(try check(scratch, .stat).isDamaged) }

    let healed = try repair(scratch)
    #expect(healed.damaged.isEmpty && healed.healed.map(\.file) == [entry.file])
    #expect(healed.items.first?.copies.map(\.outcome) == [.healed])
    #expect(try check(scratch).isSound)
    #expect(try scratch.store.entries().first?.state == .pruned)
    let audited = try scratch.store.audited("SegmentRepaired")
    #expect(audited.count == 1 && audited[0].contains(address))
    if place == .folder {
      let kept = FileManager.default.subpaths(atPath: address + "/quarantine") ?? []
      #expect(kept.count == (isMissing ? 0 : 1))
    }
    #expect(try repair(scratch).healed.isEmpty)
  }

  @Test(arguments: Place.allCases)
  func `heals the others, whichever it is that is sound`(place: Place) throws {
    let scratch = try Scratch.withCopies(targets())
    let address = try place.make(in: scratch.root, server)
    try scratch.run(SegmentSettings(mirror: address))
    let (first, second) = (try scratch.store.entries()[0], try scratch.store.entries()[1])
    try flip(scratch.folder.file(first.file))
    try spoil(second, at: try targets().target(address), isMissing: false)
    let report = try check(scratch)
    #expect(report.damaged.count == 2)
    #expect(report.places.map(\.damaged) == [1, 1])
    #expect(try repair(scratch).healed.count == 2)
    #expect(try check(scratch).isSound)
  }

  /// The first copy at a target, and a second one somewhere else.
  @Test func `of a segment that is not in the archive folder is healed, too`() throws {
    let scratch = try Scratch.withCopies(targets())
    let (first, second) = (
      try Place.s3.make(in: scratch.root, server), try Place.folder.make(in: scratch.root, server)
    )
    try scratch.run(SegmentSettings(target: first, mirror: second))
    let entries = try scratch.store.entries()
    try spoil(entries[0], at: try targets().target(first), isMissing: false)
    try spoil(entries[1], at: try targets().target(second), isMissing: true)
    #expect(try check(scratch).places.map(\.damaged) == [1, 1])
    #expect(try repair(scratch).damaged.isEmpty)
    #expect(try check(scratch).isSound)
    #expect(scratch.folder.files() == [])
  }

  @Test func `that is damaged everywhere is damaged, and nothing of it is touched`() throws {
    let scratch = try Scratch.withCopies(targets())
    let address = try Place.folder.make(in: scratch.root, server)
    try scratch.run(SegmentSettings(mirror: address))
    let entry = try scratch.store.entries()[0]
    try flip(scratch.folder.file(entry.file))
    try flip(address + "/" + entry.file)
    let before = try fileSums(scratch.folder)
    let report = try repair(scratch)
    #expect(report.damaged.map(\.file) == [entry.file])
    #expect(try fileSums(scratch.folder) == before)
    #expect(!FileManager.default.fileExists(atPath: address + "/quarantine"))
    #expect(try check(scratch).damaged.first?.lost.isEmpty == false)
  }

  @Test func `that a lock keeps is told, and stays`() throws {
    let address = server.newPlace(isLocked: true)
    var vault = Targets.Settings(name: "vault", address: address)
    vault.lock = ObjectLock(mode: .compliance, lockFor: days(1))
    let isBroken = Mutex(false)
    let proxy = try FaultProxy(before: server.port) { line in
      isBroken.withLock { $0 } && line.hasPrefix("GET /") && !line.contains("?list-type")
        ? .sendAnotherByte : nil
    }
    let scratch = try Scratch.withCopies(
      Targets([vault], environment: ObjectServer.environment(port: proxy.port), patience: .quick))
    try scratch.run(SegmentSettings(mirror: "vault"))
    isBroken.withLock { $0 = true }
    let report = try repair(scratch)
    #expect(report.damaged.count == 2)
    for copy in report.items.flatMap(\.copies) {
      guard case .locked(let says) = copy.outcome else {
        Issue.record("\(copy)")
        continue
      }
      #expect(says.contains("locked against deletion"))
    }
    isBroken.withLock { $0 = false }
    #expect(try check(scratch).isSound)
  }

  @Test(arguments: Place.allCases)
  func `at a target that is away is named, is no damage, and keeps nothing else from being checked`(
    place: Place
  ) throws {
    let isDown = Mutex(false)
    let proxy = try FaultProxy(before: server.port) { _ in
      isDown.withLock { $0 } ? .status(503, "ServiceUnavailable") : nil
    }
    let scratch = try Scratch.withCopies(targets(port: proxy.port))
    let address = try place.make(in: scratch.root, server)
    try scratch.run(SegmentSettings(mirror: address))
    isDown.withLock { $0 = true }
    if place == .folder {
      try FileManager.default.moveItem(atPath: address, toPath: address + ".away")
    }
    for level in VerifyLevel.allCases {
      let report = try check(scratch, level)
      #expect(!report.isDamaged && !report.isSound)
      #expect(report.checked.count == 2)
      let away = try #require(report.unavailability)
      #expect(away.code == .targetUnavailable)
      #expect(away.places.map(\.address) == [address] && away.places[0].unavailable == 2)
      #expect(report.places.map(\.sound).reduce(0, +) == 2)
      #expect(report.checked.allSatisfy { $0.lost.isEmpty })
    }
    #expect(try scratch.store.entries().allSatisfy { $0.state == .pruned })
    #expect(try scratch.store.entries().allSatisfy { $0.verifiedAt == day(300) })
    let entry = try #require(try scratch.store.entries().first)
    #expect(try scratch.copies(of: entry)[0].verifiedAt == day(200))
    let repaired = try repair(scratch)
    #expect(repaired.damaged.isEmpty && repaired.unavailability != nil)
    // What is damaged is damaged, whoever is away.
    try flip(scratch.folder.file(entry.file))
    #expect(try check(scratch).isDamaged)
    #expect(try check(scratch).damaged.first?.lost == [])
    isDown.withLock { $0 = false }
    if place == .folder {
      try FileManager.default.moveItem(atPath: address + ".away", toPath: address)
    }
    #expect(try repair(scratch).healed.count == 1)
    #expect(try check(scratch).isSound)
  }
}
