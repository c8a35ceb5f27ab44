import Archive
import EventStore
import Foundation
import GRDB
import Segments
import Streams
import Testing

/// A step that is done is done: pulling the plug right after it leaves what killing the process
/// leaves, but for the name that no folder's sync has followed yet.
@Suite(.serialized) struct `A power cut while a process archives` {
  static let moments =
    ArchiveStep.allCases.map { Moment($0) } + [
      Moment(.published, 2), Moment(.archived, 2), Moment(.released, 2),
      Moment(named: PoweredRun.end),
    ]

  @Test(arguments: moments)
  func `loses nothing, and the next run completes it`(moment: Moment) async throws {
    let machine = try Machine()
    await machine.run(until: moment)
    #expect(try machine.cutPower(after: moment) == [])
    try machine.expectSettling()
  }

  /// A sync that nobody misses would be one that nobody needs. This file system makes all names
  /// durable with any one of them, and a file's folder with the file, so that the syncs between two
  /// steps are left out together; see ``A recorded power cut`` for one by one.
  @Test func `is noticed when the syncs of any one step are left out`() async throws {
    for (syncs, moments) in try await Self.order() where syncs.paths != ["cold"] {
      var noticed: [String] = []
      for moment in moments.prefix(3) where noticed.isEmpty {
        let machine = try Machine()
        await machine.run(until: moment, leavingOut: syncs)
        #expect(try machine.trace().contains { $0.hasSuffix("(INJECTED)") }, "\(syncs)")
        noticed = try machine.cutPower(after: moment).map { "\(moment): \($0)" }
      }
      #expect(!noticed.isEmpty, "\(syncs)")
    }
  }

  /// The syncs of a run, each step's together, with the moments after them.
  private static func order() async throws -> [(Syncs, [Moment])] {
    let machine = try Machine()
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = machine.powered.root as String] in
      try PoweredRun(root: root).runTraced()
    }
    var turns: [String: Int] = [:]
    var order: [(Syncs, [Moment])] = []
    for call in TracedProgram.calls(in: try machine.trace()) {
      if let step = call.line.firstMatch(of: /"step (\w+)"/).map({ String($0.1) }) {
        turns[step, default: 0] += 1
        let moment = Moment(named: step, turns[step] ?? 1)
        for index in order.indices { order[index].1.append(moment) }
      } else if call.name != "access" {
        let path = call.path.replacing(machine.powered.root + "/", with: "")
        let same = order.lastIndex { $0.1.isEmpty && $0.0.name == call.name }
        if let same, path != "cold" {
          order[same].0.numbers = order[same].0.numbers.lowerBound...call.number
          order[same].0.paths.append(path)
        } else {
          order.append(
            (Syncs(name: call.name, numbers: call.number...call.number, paths: [path]), []))
        }
      }
    }
    return order
  }
}

/// Two disks and what is on them.
struct Machine: ~Copyable {
  // The disks first: they are let go of in this order.
  private let hot: LoopDisk
  private let cold: LoopDisk
  private let scratch: Scratch
  private let before: [String: String]
  let powered: PoweredRun

  init() throws {
    let scratch = try Scratch.small()
    let powered = PoweredRun(root: scratch.root)
    let hot = try LoopDisk(at: scratch.root + "/hot")
    let cold = try LoopDisk(at: scratch.root + "/cold")
    let before = try digests(scratch.store, scratch.folder)
    try copyStore(scratch.store.path, to: powered.storePath)
    // A store that was closed, without a log.
    _ = try EventStore(path: powered.storePath)
    try hot.sync()
    try cold.sync()
    self.hot = hot
    self.cold = cold
    self.scratch = scratch
    self.before = before
    self.powered = powered
  }

  func run(until moment: Moment, leavingOut syncs: Syncs? = nil) async {
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = powered.root as String, moment = moment as Moment, syncs = syncs as Syncs?] in
      try PoweredRun(root: root).run(until: moment, leavingOut: syncs)
    }
  }

  func trace() throws -> [Substring] {
    try String(contentsOfFile: powered.tracePath, encoding: .utf8).split(separator: "\n")
  }

  /// Cuts the power of both disks and tells what is no longer as the killed process left it.
  func cutPower(after moment: Moment) throws -> [String] {
    // A copy: to open the store would change it.
    let copy = scratch.root + "/killed.db"
    try copyStore(powered.storePath, to: copy)
    let killed = try ArchiveState(store: copy, folder: powered.folder)
    try hot.loseThePower()
    try cold.loseThePower()
    return try ArchiveState(store: powered.storePath, folder: powered.folder)
      .differences(from: killed, at: moment)
  }

  func expectSettling() throws {
    let store = try EventStore(path: powered.storePath)
    #expect(try digests(store, powered.folder) == before)
    try expectRowsCovered(store)
    expectFilesWhole(powered.folder)
    try powered.run()
    #expect(try digests(store, powered.folder) == before)
    try expectRowsCovered(store)
    try expectSettled(store, powered.folder)
    #expect(try powered.run() == Archiver.Summary())
  }
}

/// What a step of the protocol promises to keep.
struct ArchiveState {
  private let tables: [String]
  private let files: [String: String]

  init(store path: String, folder: ArchiveFolder) throws {
    let store = try EventStore(path: path)
    let free = try store.read { try Int.fetchOne($0.db, sql: "PRAGMA freelist_count") ?? 0 }
    tables = try store.archiveTables() + ["\(free) free pages"]
    files = try fileSums(folder).filter { $0.key.hasSuffix(".tar.zst") }.reduce(into: [:]) {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.file($1.key))
      $0[$1.key] = "\($1.value) \(attributes[.posixPermissions] ?? "")"
    }
  }

  /// What differs from `killed` that should not. The name that a file has just got may be gone.
  func differences(from killed: ArchiveState, at moment: Moment) -> [String] {
    let mayLoseName = moment.step == ArchiveStep.published.rawValue
    return (tables == killed.tables ? [] : ["the store"])
      + killed.files.filter { name, content in
        files[name] != content && !(files[name] == nil && mayLoseName)
      }.keys.sorted()
  }
}

/// Copies a store and its log as they are.
func copyStore(_ path: String, to target: String) throws {
  for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
    try FileManager.default.copyItem(atPath: path + suffix, toPath: target + suffix)
  }
}
