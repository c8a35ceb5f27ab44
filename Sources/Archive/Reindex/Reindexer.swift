public import EventStore
internal import GRDB
public import Segments
public import Streams

/// Rebuilds the catalog, and what the store must know of archived events, from the segment files: those
/// in the archive folder, and those at targets.
///
/// - I1. A segment is taken only after every byte of it was read, its place in the chain agrees
///   with its neighbours, and the store does not contradict one of its events.
/// - I2. One transaction a segment, oldest first: after a crash, running again takes the rest.
/// - I3. What the catalog knows is believed; no file is changed, moved or deleted.
public struct Reindexer: Sendable {
  public let store: EventStore
  public let folder: ArchiveFolder
  /// Where else to look, by address or configured name.
  public let targets: [String]
  /// Public keys to trust from now on: their signatures count in this run.
  public let trusting: [SegmentPublicKey]
  /// Who reindexes, and why: for `$audit`.
  public let principal: Principal
  public let reason: String
  /// Called after each segment was taken. It may end the process: that is how the tests do it.
  let onSegment: @Sendable (String) -> Void

  public init(
    store: EventStore, folder: ArchiveFolder, targets: [String] = [],
    trusting: [SegmentPublicKey] = [], principal: Principal = .system, reason: String = "reindex",
    onSegment: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.store = store
    self.folder = folder
    self.targets = targets
    self.trusting = trusting
    self.principal = principal
    self.reason = reason
    self.onSegment = onSegment
  }

  /// Takes every segment of this store that the catalog does not know, or not wholly.
  ///
  /// - Parameters:
  ///   - isDry: only tells what would be taken; every byte is read all the same.
  ///   - progress: segments done and to do.
  /// - Throws: ``ArchiveError`` `.locked`, `.folder`; ``TargetError`` when a target can't be asked;
  ///   `StoreError`, `SegmentError`. What was taken stays; running again goes on.
  /// - Complexity: O(bytes of the segments taken), each read twice, and fetched once from a target
  ///   into a temporary file beside the store. Memory: a few chunks, and a manifest a segment of the
  ///   catalog.
  public func run(
    isDry: Bool = false, now: Timestamp,
    progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
  ) throws -> ReindexReport {
    guard folder.exists || !targets.isEmpty else {
      throw ArchiveError.folder(path: folder.path, detail: "there is no such folder")
    }
    func go() throws -> ReindexReport {
      var run = try ReindexRun(self, isDry: isDry, now: now)
      try run.go(progress)
      return run.report
    }
    return isDry ? try go() : try folder.withLock(for: store, go)
  }
}
