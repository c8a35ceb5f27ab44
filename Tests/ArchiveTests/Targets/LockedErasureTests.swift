import EventStore
import Foundation
import Segments
import Streams
import Testing

@testable import Archive

/// Copies that nobody can delete before their time.
@Suite struct `An erasure of what a lock keeps at a target` {
  private let server: ObjectServer
  private let address: String
  private let targets: Targets

  init() throws { try self.init(lockFor: days(1)) }

  private init(lockFor: Int64) throws {
    server = try ObjectServer.shared.get()
    address = server.newPlace(isLocked: true)
    var vault = Targets.Settings(name: "vault", address: address)
    vault.lock = ObjectLock(mode: .compliance, lockFor: lockFor)
    targets = Targets([vault], environment: server.environment, patience: .quick)
  }

  /// Two users in one pack, with a copy under lock.
  private func archived() throws -> CopyScratch {
    let scratch = try Scratch()
    for name in ["user-7-loans", "user-8-loans"] { try scratch.store.fill(name, days: 5) }
    let folder = ArchiveFolder(path: scratch.root + "/segments", targets: targets)
    let copies = CopyScratch(scratch: scratch, folder: folder)
    try copies.run(SegmentSettings(mirror: "vault"), now: day(200))
    return copies
  }

  private func archiver(_ scratch: borrowing CopyScratch) -> Archiver {
    Archiver(scratch.store, scratch.folder, now: .now())
  }

  private func erase(_ scratch: borrowing CopyScratch) throws -> Eraser.Report {
    try Eraser(archiver(scratch)).erase(user: "7", reason: "asked")
  }

  @Test func `is not done, says until when, and is no more done when it is run again`() throws {
    let scratch = try archived()
    let entry = try #require(try scratch.store.entries().first)
    let copy = try #require(try scratch.copies(of: entry).first)
    let kept = RetainedCopy(file: entry.file, address: address, until: copy.lockedUntil)
    #expect(kept.until.map { $0 > .now() } == true)
    #expect(try Eraser(archiver(scratch)).plan(user: "7").retained == [kept])
    for _ in 1...2 {
      let report = try erase(scratch)
      #expect(report.retained == [kept] && report.isLogEmpty && !report.isDone)
      #expect(try scratch.store.pendingErasures().map { $0.waitingSince != nil } == [true])
    }
    #expect(try Disposal(archiver(scratch)).run([]) == Disposal.Summary())
    #expect(try scratch.store.pendingErasures().map(\.user) == ["7"])
    #expect(try scratch.store.audited("SubjectErased") == [])
    #expect(try scratch.store.audited("ErasureWaits").count == 2)
    #expect(!scratch.folder.has(entry.file))
    // Nobody else waits for it.
    #expect(try Eraser(archiver(scratch)).plan(user: "9").retained == [])
  }

  @Test func `is not done where the segment was disposed of before`() throws {
    let scratch = try archived()
    for name in ["user-7-loans", "user-8-loans"] {
      try scratch.store.delete(try StreamName(name), by: .system, reason: "test")
    }
    let file = try scratch.store.entries()[0].file
    #expect(try Disposal(archiver(scratch)).run([]).retired == [file])
    let report = try erase(scratch)
    #expect(report.rewritten == [] && report.retained.map(\.file) == [file])
    #expect(!report.isDone)
  }

  @Test func `needs no copy deleted that a key alone opens`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-7-loans", days: 5)
    let folder = ArchiveFolder(path: scratch.root + "/segments", targets: targets)
    let copies = CopyScratch(scratch: scratch, folder: folder)
    try copies.run(SegmentSettings(mirror: "vault", isEncrypted: true), now: day(200))
    #expect(try erase(copies).isDone)
  }

  /// Long enough for the erasure to come before its end, whatever else the machine does.
  private static let shortLock = 20 * Timestamp.microsecondsPerSecond

  @Test(arguments: [false, true])
  func `is done when the lock has ended and the last copy is gone`(isNightly: Bool) async throws {
    let locked = try Self(lockFor: Self.shortLock)
    let scratch = try locked.archived()
    let kept = try #require(try locked.erase(scratch).retained.first)
    let end = try #require(kept.until)
    let version = try #require(
      try scratch.copies(of: try scratch.store.entries()[0]).first?.version)
    let target = try #require(try locked.targets.target("vault") as? S3Target)
    #expect(try target.stat(kept.file, version: version) != nil)
    try await Task.sleep(
      for: .microseconds(max(0, end.microseconds - Timestamp.now().microseconds) + 1_500_000))
    if isNightly {
      #expect(try Disposal(locked.archiver(scratch)).run([]).erased == ["7"])
    } else {
      let report = try locked.erase(scratch)
      #expect(report.isDone && report.retained == [])
    }
    #expect(try target.stat(kept.file, version: version) == nil)
    #expect(try scratch.store.pendingErasures() == [])
    #expect(try scratch.store.audited("SubjectErased").count == 1)
  }

  @Test func `is told by the command, as text and as JSON, and is no success`() throws {
    let scratch = try archived()
    let file = try scratch.store.entries()[0].file
    try Data(
      """
      store: \(scratch.store.path)
      archive: \(scratch.folder.path)
      targets:
        - name: vault
          address: \(address)
          lock: compliance
          lockFor: 1d
      """.utf8
    ).write(to: URL(filePath: scratch.root + "/config.yaml"))
    let forget = [
      "user", "forget", "7", "--reason", "asked", "--config", scratch.root + "/config.yaml",
    ]
    let (planned, plan) = try run(forget + ["--dry-run"])
    #expect(
      planned == 0 && plan.contains("would not be done: a lock keeps \(file) at \(address) until 2")
    )
    let (status, text) = try run(forget + ["--yes"])
    #expect(status == 1 && text.contains("NOT DONE: a lock keeps \(file) at \(address) until 2"))
    let (again, json) = try run(forget + ["--yes", "--json"])
    let value = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(again == 1 && value["erased"] as? Bool == false)
    let copies = try #require(value["copiesLeft"] as? [[String: Any]])
    #expect(copies.map { $0["target"] as? String } == [address])
    #expect(copies.allSatisfy { $0["until"] is String })
  }

  private func run(_ arguments: [String]) throws -> (status: Int32, out: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: TracedProgram.binary)
    process.arguments = arguments
    process.environment = server.environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
