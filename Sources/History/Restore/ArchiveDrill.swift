internal import Archive
internal import EventStore
internal import Foundation
public import Streams

/// The rehearsal of a disaster: archived streams are restored into a scratch store, read back, and
/// compared with what the history says, event by event. It finds all that a restore would trip on.
public struct ArchiveDrill: Sendable {
  public let history: History
  /// Where the scratch store is made. It needs room for the restored events, and is gone afterwards.
  public let scratchPath: String

  public init(history: History, scratchPath: String) {
    self.history = history
    self.scratchPath = scratchPath
  }

  /// What a drill came to.
  public struct Report: Sendable {
    public var streams = 0
    public var events: Int64 = 0
    /// Events that came from segments.
    public var cold: Int64 = 0
    /// Why the restore would fail; nil when it went well.
    public var problem: String?
    /// How far it came, if it was asked to stop.
    public var stopped: Stopped?
  }

  /// Restores every stream that has revisions in these segments, by their numbers.
  ///
  /// - Parameters:
  ///   - stop: asked between two events; the scratch store goes in any case.
  ///   - progress: events done and to do.
  /// - Throws: `StoreError` when there can be no scratch store. What is wrong with the archive is in
  ///   the report.
  /// - Complexity: O(bytes of the streams), on disk, too; memory for a few chunks.
  public func run(
    segments: [Int64], on occasion: RestoreReport.Occasion, stop: StopRequest = .never,
    progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
  ) throws -> Report {
    var report = Report()
    let names = try streams(in: segments)
    guard !names.isEmpty else { return report }
    removeScratch()
    defer { removeScratch() }
    let scratch = try EventStore(
      path: scratchPath, mode: .createIfMissing, maxEventBytes: history.store.maxEventBytes)
    do {
      let restored = try Restorer(history: history).restore(
        RestoreSelection(.named(names)), into: scratch, on: occasion, stop: stop,
        progress: progress)
      report.streams = restored.streams.count
      report.events = restored.events
      report.cold = restored.cold
      if !restored.isSound { report.problem = "what it was restored from is damaged" }
    } catch let stopped as Stopped {
      report.stopped = stopped
    } catch let error as any CodedError where error is HistoryError || error is RestoreError {
      report.problem = error.message
    }
    return report
  }

  private func streams(in segments: [Int64]) throws -> [StreamName] {
    try history.store.read { snapshot in
      var numbers: Set<Int64> = []
      for segment in segments {
        for range in try Catalog.ranges(snapshot.db, in: segment) { numbers.insert(range.stream) }
      }
      return try numbers.map { try snapshot.stream(numbered: $0) }
        .filter { $0.status != .deleted }.map(\.name)
    }
  }

  /// What a drill that was killed left goes, too.
  private func removeScratch() {
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: scratchPath + suffix)
    }
  }
}
