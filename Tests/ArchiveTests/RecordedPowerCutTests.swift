import Archive
import EventStore
import Foundation
import Segments
import Streams
import Testing

/// One real run, recorded call by call, and the power cut after every one of them, on a file system
/// that keeps nothing it was not asked to keep.
@Suite struct `A recorded power cut` {
  @Test(arguments: 0..<2)
  func `after any call leaves what the next run completes`(half: Int) async throws {
    let run = try await RecordedRun.make()
    var cuts = 0
    var disk = run.start
    for (index, call) in run.calls.enumerated() {
      disk.apply(call)
      guard index % 2 == half else { continue }
      var random = SplitMix(state: UInt64(index))
      let cut = try CutDisk { try disk.write(to: $0, keepingSomeBy: &random) }
      try cut.expectSettling(run.before, "call \(index), some of what was not synced")
      cuts += 1
      guard call.endsStep else { continue }
      let bare = try CutDisk(disk.writeDurable)
      try bare.expectSettling(run.before, "call \(index), nothing of what was not synced")
      cuts += 1
    }
    print("recorded power cuts: \(cuts)")
  }

  /// What the check moves aside must not come back under its name when nobody knows it any more.
  @Test func `while a damaged segment is put aside leaves what later runs complete`() async throws {
    let run = try await RecordedRun.make(damaging: true)
    var disk = run.start
    for (index, call) in run.calls.enumerated() {
      disk.apply(call)
      guard index % 3 == 0 || call.endsStep else { continue }
      var random = SplitMix(state: UInt64(index))
      for cut in [
        try CutDisk(disk.writeDurable),
        try CutDisk { try disk.write(to: $0, keepingSomeBy: &random) },
      ] {
        try cut.expectSettlingAfterDamage(run.before, "call \(index)")
      }
    }
  }

  @Test func `after a step leaves what killing the process leaves`() async throws {
    let run = try await RecordedRun.make()
    for moment in try run.moments() {
      #expect(try moment.differences(turns: 4) == [], "\(moment.moment)")
    }
  }

  /// SQLite syncs its log once more than needed, before the first frame and before a checkpoint:
  /// with `synchronous=FULL` another sync of the log stands between the same two steps.
  @Test(arguments: [nil, Moment(.published)] as [Moment?])
  func `is noticed when any one sync is left out, in a run or its recovery`(
    killedAt: Moment?
  ) async throws {
    let run = try await RecordedRun.make(killedAt: killedAt)
    var redundant: [String] = []
    for (index, call) in run.calls.enumerated().dropFirst(run.recoveredCalls) {
      guard case .sync(let path) = call else { continue }
      // Store and archive were made by the run that was killed, and were durable then.
      if killedAt != nil, ["hot", "cold"].contains(path) { continue }
      let moments = try run.moments(leavingOut: index).filter { $0.index > index }.prefix(6)
      let isNoticed = try moments.contains { try !$0.differences(turns: 6).isEmpty }
      if !isNoticed, path == "hot/store.db-wal", run.isSyncedAgain(path, index) {
        redundant.append(path)
      } else {
        #expect(isNoticed, "sync \(index) of \(path)")
      }
    }
    #expect(redundant.count <= 4)
  }
}

extension RecordedCall {
  fileprivate var endsStep: Bool {
    switch self {
    case .sync, .step: true
    default: false
    }
  }
}

/// The calls of one run on a small store.
struct RecordedRun {
  /// A step that was just taken: what is on the disk, and what a killed process left.
  struct Moment {
    var moment: ArchiveTests.Moment
    var index: Int
    var disk: RecordedDisk

    /// What power cuts change that should have been durable; a store that does not open counts.
    func differences(turns: UInt64) throws -> [String] {
      let killed = try CutDisk(disk.write).state()
      return try (0...turns).flatMap { turn in
        var random = SplitMix(state: turn)
        let cut =
          try turn == 0
          ? CutDisk(disk.writeDurable)
          : CutDisk { try disk.write(to: $0, keepingSomeBy: &random) }
        guard let state = try? cut.state() else { return ["the store can't be opened"] }
        return state.differences(from: killed, at: moment)
      }
    }
  }

  var start: RecordedDisk
  var calls: [RecordedCall]
  /// How many of them are those of a run that was killed.
  var recoveredCalls: Int
  /// What the streams read like, before and ever after.
  var before: [String: String]

  /// - Parameters:
  ///   - moment: where an earlier run was killed, which the recorded one recovers.
  ///   - damaging: the disk changes the first segment before it is read back.
  static func make(
    killedAt moment: ArchiveTests.Moment? = nil, damaging: Bool = false
  ) async throws -> RecordedRun {
    let scratch = try Scratch.small()
    let powered = PoweredRun(root: scratch.root + "/machine")
    for folder in ["/hot", "/cold"] {
      try FileManager.default.createDirectory(
        atPath: powered.root + folder, withIntermediateDirectories: true)
    }
    try copyStore(scratch.store.path, to: powered.storePath)
    _ = try EventStore(path: powered.storePath)
    let start = try RecordedDisk(copying: powered.root)
    var calls: [RecordedCall] = []
    if let moment {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [root = powered.root as String, moment = moment as ArchiveTests.Moment] in
        try PoweredRun(root: root).run(until: moment, tracing: RecordedCall.traceOptions)
      }
      calls = try RecordedCall.read(powered.tracePath, under: powered.root)
    }
    let recoveredCalls = calls.count
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = powered.root as String, damaging = damaging as Bool] in
      try PoweredRun(root: root).runTraced(RecordedCall.traceOptions, damaging: damaging)
    }
    calls += try RecordedCall.read(powered.tracePath, under: powered.root)
    return RecordedRun(
      start: start, calls: calls, recoveredCalls: recoveredCalls,
      before: try digests(scratch.store, scratch.folder))
  }

  /// The steps, on a disk to which one call was never made.
  func moments(leavingOut left: Int? = nil) throws -> [Moment] {
    var disk = start
    var turns: [String: Int] = [:]
    var moments: [Moment] = []
    for (index, call) in calls.enumerated() where index != left {
      disk.apply(call)
      guard case .step(let step) = call else { continue }
      turns[step, default: 0] += 1
      moments.append(
        Moment(moment: .init(named: step, turns[step] ?? 1), index: index, disk: disk))
    }
    return moments
  }

  /// Whether between the step before and the step after a call `path` is synced by another, too.
  func isSyncedAgain(_ path: String, _ index: Int) -> Bool {
    let before = calls[..<index].reversed().prefix { if case .step = $0 { false } else { true } }
    let after = calls[(index + 1)...].prefix { if case .step = $0 { false } else { true } }
    return (Array(before) + after).contains { if case .sync(path) = $0 { true } else { false } }
  }
}

/// A store and its segments as a power cut left them.
final class CutDisk {
  private let powered: PoweredRun

  init(_ write: (String) throws -> Void) throws {
    powered = PoweredRun(root: NSTemporaryDirectory() + "rookery-cut-" + UUID().uuidString)
    try write(powered.root)
  }

  func state() throws -> ArchiveState {
    try ArchiveState(store: powered.storePath, folder: powered.folder)
  }

  /// Nothing is lost, and one run completes everything.
  func expectSettling(_ before: [String: String], _ about: String) throws {
    let comment = Comment(rawValue: about)
    let store = try EventStore(path: powered.storePath)
    #expect(try digests(store, powered.folder) == before, comment)
    try expectRowsCovered(store, comment)
    expectFilesWhole(powered.folder, comment)
    try powered.run()
    #expect(try digests(store, powered.folder) == before, comment)
    try expectSettled(store, powered.folder, comment)
    #expect(try powered.run() == Archiver.Summary(), comment)
  }

  /// The damage may have reached the disk: one run may have to put it aside.
  func expectSettlingAfterDamage(_ before: [String: String], _ about: String) throws {
    let comment = Comment(rawValue: about)
    let store = try EventStore(path: powered.storePath)
    #expect(try digests(store, powered.folder) == before, comment)
    do {
      try powered.run()
    } catch let error as ArchiveError {
      #expect(error.code == .segmentCorrupt, comment)
      try powered.run()
    }
    #expect(try digests(store, powered.folder) == before, comment)
    try expectSettled(store, powered.folder, comment)
  }

  deinit { try? FileManager.default.removeItem(atPath: powered.root) }
}
