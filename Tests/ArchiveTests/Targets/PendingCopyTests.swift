import EventStore
import Foundation
import Glibc
import Segments
import Streams
import Synchronization
import Testing

@testable import Archive

/// Targets that are away, and mirrors that a policy did not have before.
@Suite struct `A copy that is owed` {
  private let server: ObjectServer

  init() throws { server = try ObjectServer.shared.get() }

  private func targets(port: Int? = nil) -> Targets {
    Targets(environment: ObjectServer.environment(port: port ?? server.port), patience: .quick)
  }

  /// A stream of its own policy beside those whose target may be away.
  private func tell(
    _ scratch: borrowing CopyScratch, _ settings: SegmentSettings,
    budget: Int64 = Archiver.copyBudget, now: Int64 = 200
  ) throws -> Archiver.Summary {
    try Archiver(scratch.store, scratch.folder, now: day(now)).tell(
      [
        ArchivePolicy(streams: "user-*", coldAfter: days(30), settings: settings),
        ArchivePolicy(streams: "local-*", coldAfter: days(30)),
      ], copyBudget: budget)
  }

  private func pending(_ scratch: borrowing CopyScratch) throws -> [PendingJob] {
    try scratch.store.read { try PendingJob.all($0, scratch.folder.targets) }
  }

  @Test(arguments: Place.allCases, [true, false])
  func `by a target that is away stops nothing else, and the next run makes it`(
    place: Place, isMirror: Bool
  ) throws {
    let isDown = Mutex(true)
    let proxy = try FaultProxy(before: server.port) { _ in
      isDown.withLock { $0 } ? .status(503, "ServiceUnavailable") : nil
    }
    let scratch = try Scratch.withCopies(targets(port: proxy.port))
    try scratch.store.fill("local-ledger", days: 5)
    let before = try digests(scratch.store, scratch.folder)
    let address = try place.make(in: scratch.root, server)
    if place == .folder {
      try FileManager.default.moveItem(atPath: address, toPath: address + ".away")
    }
    let settings =
      isMirror ? SegmentSettings(mirror: address) : SegmentSettings(target: address)
    for turn in 1...2 {
      let summary = try tell(scratch, settings)
      #expect(summary.problems.map(\.target) == [address], "\(summary)")
      #expect(summary.problems.first?.error.code == .targetUnavailable)
      // What shares the target was not begun; what does not was archived, and its rows are gone.
      #expect(summary.deferred == [address: 4])
      #expect(summary.released == (turn == 1 ? 5 : 0))
      #expect(try scratch.store.record("local-ledger").prunedTo == 4)
      #expect(try scratch.store.record("user-1-activity").prunedTo == -1)
      let jobs = try pending(scratch)
      #expect(jobs.count == 1 && jobs[0].targets == [address])
      #expect(try digests(scratch.store, scratch.folder) == before)
      let report = try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(250))
      #expect(report.isSound, "\(report)")
    }
    isDown.withLock { $0 = false }
    if place == .folder {
      try FileManager.default.moveItem(atPath: address + ".away", toPath: address)
    }
    let summary = try tell(scratch, settings)
    #expect(summary.problems.isEmpty && summary.released == 25)
    #expect(try pending(scratch).isEmpty)
    #expect(try digests(scratch.store, scratch.folder) == before)
    #expect(scratch.folder.staging.files() == [])
    #expect(scratch.folder.files().count == (isMirror ? 3 : 1))
    #expect(
      try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(250)).isSound)
    #expect(try tell(scratch, settings) == Archiver.Summary())
  }

  @Test func `of a stream that is deleted meanwhile is forgotten with it`() throws {
    let scratch = try Scratch.withCopies(targets())
    let away = scratch.root + "/away"
    _ = try tell(scratch, SegmentSettings(target: away))
    try #require(try pending(scratch).count == 1)
    #expect(scratch.folder.staging.files().count == 1)
    try scratch.store.delete(
      try StreamName("user-1-activity"), by: .system, reason: "asked for")
    _ = try Disposal(Archiver(scratch.store, scratch.folder, now: day(201)))
      .run([], dueAt: day(201))
    #expect(scratch.folder.staging.files() == [])
    _ = try tell(scratch, SegmentSettings())
    #expect(try pending(scratch).isEmpty)
  }

  @Test func `of a user who is erased is made of what took its place`() throws {
    let scratch = try Scratch.withCopies(targets())
    let disk = try Place.folder.make(in: scratch.root, server)
    try FileManager.default.moveItem(atPath: disk, toPath: disk + ".away")
    let settings = SegmentSettings(mirror: disk)
    _ = try tell(scratch, settings)
    try #require(try pending(scratch).count == 1)
    let archiver = Archiver(scratch.store, scratch.folder, now: day(202))
    #expect(try Eraser(archiver).erase(user: "1", reason: "asked for").rewritten.count == 1)
    try FileManager.default.moveItem(atPath: disk + ".away", toPath: disk)
    let summary = try tell(scratch, settings, now: 203)
    #expect(summary.problems.isEmpty, "\(summary)")
    #expect(try pending(scratch).isEmpty)
    let report = try SegmentCheck(store: scratch.store, folder: scratch.folder)
      .run(level: .full, now: day(250))
    #expect(report.isSound && report.places.map(\.sound) == [2, 2], "\(report)")
  }

  // MARK: - Mirrors of segments that were there before

  @Test(arguments: Place.allCases)
  func `since the policy got a mirror is made, read back and recorded, within the budget`(
    place: Place
  ) throws {
    let scratch = try Scratch.withCopies(targets())
    try scratch.store.fill("local-ledger", days: 5)
    let before = try digests(scratch.store, scratch.folder)
    #expect(try tell(scratch, SegmentSettings()).problems.isEmpty)
    let address = try place.make(in: scratch.root, server)
    let settings = SegmentSettings(mirror: address)
    let entries = try scratch.store.entries()
    let planner = Planner(
      policies: [ArchivePolicy(streams: "user-*", coldAfter: days(30), settings: settings)],
      now: day(201))
    func forecast(_ budget: Int64) throws -> [ArchiveForecast.Copy] {
      try Archiver(scratch.store, scratch.folder, now: day(201))
        .forecast(grace: 0, copyBudget: budget, plan: { try planner.plan($0) }).copies
    }
    #expect(try forecast(1).map(\.isLater) == [false, true])
    #expect(try forecast(1).allSatisfy { $0.address == address && $0.policy == "user-*" })
    let first = try tell(scratch, settings, budget: 1)
    #expect(first.copies.count == 1 && first.copiesLeft == 1 && first.problems.isEmpty)
    #expect(try scratch.copies(of: entries[0]).map(\.target) == [address])
    let second = try tell(scratch, settings, budget: 1)
    #expect(second.copies.count == 1 && second.copiesLeft == 0)
    let target = try targets().target(address)
    // The stream of another policy has no copy there.
    #expect(try target.names().count == 2)
    for entry in try scratch.store.entries() where try !scratch.copies(of: entry).isEmpty {
      #expect(
        try target.source(entry.file, bytes: nil, version: nil).sha256().description
          == entry.sha256)
    }
    #expect(try forecast(1).isEmpty)
    #expect(try tell(scratch, settings) == Archiver.Summary())
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  @Test func `and was written by a run that was killed is adopted by the next`() async throws {
    let scratch = try Scratch.withCopies(targets())
    _ = try tell(scratch, SegmentSettings())
    let address = server.newPlace()
    let settings = SegmentSettings(mirror: address)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [
        root = scratch.root as String, port = server.port as Int,
        settings = settings as SegmentSettings
      ] in
      let proxy = try FaultProxy(before: port) { line in
        if line.hasPrefix("GET") { kill(getpid(), SIGKILL) }
        return nil
      }
      let targets = Targets(environment: ObjectServer.environment(port: proxy.port))
      try runArchive(
        try EventStore(path: root + "/store.db"),
        ArchiveFolder(path: root + "/segments", targets: targets), settings)
    }
    let entries = try scratch.store.entries()
    #expect(try scratch.copies(of: entries[0]).isEmpty)
    #expect(try targets().target(address).names().count == 1)
    #expect(try tell(scratch, settings).copies.count == 2)
    #expect(
      try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(250)).places.map(\.sound) == [2, 2])
  }

  @Test func `is not made of a segment that is damaged, nor over something else`() throws {
    let scratch = try Scratch.withCopies(targets())
    _ = try tell(scratch, SegmentSettings())
    let disk = try Place.folder.make(in: scratch.root, server)
    let entries = try scratch.store.entries()
    try flip(scratch.folder.file(entries[0].file))
    let stranger = disk + "/" + entries[1].file
    try FileManager.default.createDirectory(
      atPath: disk + "/" + entries[1].file.prefix(2), withIntermediateDirectories: true)
    try Data("somebody's".utf8).write(to: URL(filePath: stranger))
    let summary = try tell(scratch, SegmentSettings(mirror: disk))
    #expect(summary.problems.count == 2 && summary.copies.isEmpty, "\(summary)")
    #expect(
      Set(summary.problems.map(\.error.code)) == [.segmentCorrupt, .archiveConflict])
    #expect(try Data(contentsOf: URL(filePath: stranger)) == Data("somebody's".utf8))
    #expect(!FileManager.default.fileExists(atPath: disk + "/" + entries[0].file))
  }
}

@Suite struct `An archive run with one bad segment` {
  @Test func `archives all others, and names what it could not do`() throws {
    let scratch = try Scratch()
    for number in 1...3 {
      try scratch.store.fill("user-\(number)-activity", days: 5, bytes: 60_000)
    }
    let before = try digests(scratch.store, scratch.folder)
    let name = SegmentName(
      streamID: SegmentName.streamID(
        store: scratch.store.id, stream: try StreamName("user-2-activity")),
      first: Revision(0), last: Revision(4), generation: 1)
    try FileManager.default.createDirectory(
      atPath: scratch.folder.file(name.folder), withIntermediateDirectories: true)
    try Data("somebody's".utf8).write(
      to: URL(filePath: scratch.folder.file(name.relativePath)))
    let cold = ArchivePolicy(streams: "user-*", coldAfter: days(30))
    let summary = try Archiver(scratch.store, scratch.folder, now: day(60)).tell([cold])
    #expect(summary.segments.count == 2 && summary.released == 10)
    #expect(summary.problems.map(\.error.code) == [.archiveConflict])
    #expect(summary.incompleteness?.message.contains(name.relativePath) == true)
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  /// The second of three is flipped between its writing and its verification.
  @Test func `whose file the disk changed quarantines it and goes on`() throws {
    let scratch = try Scratch()
    for number in 1...3 {
      try scratch.store.fill("user-\(number)-activity", days: 5, bytes: 60_000)
    }
    let before = try digests(scratch.store, scratch.folder)
    let turn = Mutex(0)
    let folder = scratch.folder
    let known = Mutex<Set<String>>([])
    let archiver = Archiver(scratch.store, folder, now: day(60)) { step in
      guard step == .durable else { return }
      let files = Set(folder.files())
      let new = known.withLock { known in
        defer { known = files }
        return files.subtracting(known)
      }
      let isSecond = turn.withLock { turn in
        turn += 1
        return turn == 2
      }
      if isSecond { for file in new { try? flip(folder.file(file)) } }
    }
    let cold = ArchivePolicy(streams: "user-*", coldAfter: days(30))
    let summary = try archiver.tell([cold])
    #expect(summary.segments.count == 2 && summary.released == 10, "\(summary)")
    #expect(summary.problems.map(\.error.code) == [.segmentCorrupt])
    #expect(try digests(scratch.store, scratch.folder) == before)
    #expect(try Archiver(scratch.store, scratch.folder, now: day(60)).run([cold]).released == 5)
    #expect(try digests(scratch.store, scratch.folder) == before)
  }
}
