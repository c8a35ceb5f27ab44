import Archive
import EventStore
import Foundation
import Glibc
import GRDB
import Segments
import Streams
import Synchronization
import Testing

/// A moment of an archive run: right after a step was taken for the `turn`-th time.
struct Moment: Sendable, Codable, CustomTestStringConvertible {
  var step: String
  var turn = 1

  var testDescription: String { "\(step), time \(turn)" }

  init(_ step: ArchiveStep, _ turn: Int = 1) {
    self.step = step.rawValue
    self.turn = turn
  }

  init(named step: String, _ turn: Int = 1) {
    self.step = step
    self.turn = turn
  }
}

/// Three segments are made (a stream of its own, rolled off; a stream of its own, whole; a pack) and
/// the rows of all of them released, in four slices: each of these is a moment to die at.
@Suite struct `A process that is killed while it archives` {
  static let moments: [Moment] = ArchiveStep.allCases.flatMap { step -> [Moment] in
    switch step {
    case .released: (1...4).map { Moment(step, $0) }
    // No policy of these asks for parity; see the tests of repairs.
    case .parity: []
    case .published, .archived: [Moment(step, 1), Moment(step, 3)]
    default: [Moment(step)]
    }
  }

  @Test(arguments: moments)
  func `leaves what the next run settles`(moment: Moment) async throws {
    let scratch = try Scratch.withHistory()
    let before = try digests(scratch.store, scratch.folder)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, moment = moment as Moment] in
      try CrashingRun(root).run(until: moment)
    }
    try expectSettling(scratch.root, before)
  }

  @Test(arguments: [
    (Moment(.sealed), Moment(.written)), (Moment(.written), Moment(.finished)),
    (Moment(.finished), Moment(.sealed, 2)), (Moment(.published), Moment(.verified)),
    (Moment(.durable), Moment(.archived)), (Moment(.archived, 2), Moment(.durable)),
    (Moment(.released, 1), Moment(.released, 2)), (Moment(.released, 3), Moment(.vacuumed)),
  ])
  func `and killed again while it recovers leaves what the next run settles`(
    first: Moment, second: Moment
  ) async throws {
    let scratch = try Scratch.withHistory()
    let before = try digests(scratch.store, scratch.folder)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, moment = first as Moment] in
      try CrashingRun(root).run(until: moment)
    }
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, moment = second as Moment] in
      try CrashingRun(root).run(until: moment)
    }
    try expectSettling(scratch.root, before)
  }

  @Test(arguments: [Moment(.written), Moment(.finished), Moment(.published), Moment(.durable)])
  func `over a stream that is then deleted leaves nothing of the job`(
    moment: Moment
  ) async throws {
    let scratch = try Scratch()
    let gone = try scratch.store.fill("user-1-loans", days: 5)
    try scratch.store.fill("user-2-loans", days: 5)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, moment = moment as Moment] in
      try CrashingRun(root).run(until: moment)
    }
    try scratch.store.archive(gone, by: .system, reason: "test")
    try scratch.store.delete(gone, by: .system, reason: "test")
    let before = try digests(scratch.store, scratch.folder)
    let summary = try CrashingRun(scratch.root).run()
    #expect(summary.events == 5)
    #expect(try digests(scratch.store, scratch.folder) == before)
    try expectSettled(scratch.store, scratch.folder)
  }

  /// The store opens, nothing is lost, one run completes everything, and another finds nothing.
  private func expectSettling(_ root: String, _ before: [String: String]) throws {
    let folder = ArchiveFolder(path: root + "/segments")
    let store = try EventStore(path: root + "/store.db")
    #expect(try digests(store, folder) == before)
    try expectRowsCovered(store)
    let files = try fileSums(folder).filter { $0.key.hasSuffix(".tar.zst") }

    try CrashingRun(root).run()
    #expect(try digests(store, folder) == before)
    try expectRowsCovered(store)
    try expectSettled(store, folder)
    #expect(try store.entries().map(\.state) == [.pruned, .pruned, .pruned])
    let settled = try fileSums(folder)
    #expect(settled.merging(files) { now, _ in now } == settled)
    #expect(files.allSatisfy { settled[$0.key] == $0.value })

    let rows = try store.archiveTables()
    let again = try CrashingRun(root).run()
    #expect(again == Archiver.Summary())
    #expect(try store.archiveTables() == rows)
    #expect(try fileSums(folder) == settled)
  }
}

/// An archive run as another process makes it.
struct CrashingRun {
  private let store: EventStore
  private let folder: ArchiveFolder

  init(_ root: String) throws {
    store = try EventStore(path: root + "/store.db")
    folder = ArchiveFolder(path: root + "/segments")
  }

  /// Ends this process, as a power cut would, at `moment`.
  func run(until moment: Moment) throws {
    let turns = Mutex(0)
    try run { step in
      guard step.rawValue == moment.step else { return }
      let turn = turns.withLock { count in
        count += 1
        return count
      }
      if turn == moment.turn { kill(getpid(), SIGKILL) }
    }
  }

  @discardableResult
  func run(
    onStep: @escaping @Sendable (ArchiveStep) -> Void = { _ in }
  ) throws -> Archiver.Summary {
    try Archiver(store, folder, now: day(200), onStep: onStep).run([
      ArchivePolicy(streams: "service-uptime-*", keepHot: days(100), rollOffEvery: days(1)),
      ArchivePolicy(streams: "user-*", coldAfter: days(30)),
    ])
  }
}

extension Scratch {
  /// A stream that is rolled off, one that is large, some that share a pack, some that stay hot.
  static func withHistory() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: 150, bytes: 6_000)
    try scratch.store.fill("user-1-activity", days: 32, bytes: 160_000)
    for number in 2...5 { try scratch.store.fill("user-\(number)-loans", days: 20) }
    try scratch.store.fill("user-6-loans", days: 20, from: 170)
    return scratch
  }
}

extension EventStore {
  /// Everything the archiver keeps in the store, as text.
  func archiveTables() throws -> [String] {
    try read { snapshot in
      try ["segments", "segment_ranges", "segment_chunks", "archive_jobs", "streams"].flatMap {
        try Row.fetchAll(snapshot.db, sql: "SELECT * FROM \($0)").map(\.description)
      }
    }
  }
}
