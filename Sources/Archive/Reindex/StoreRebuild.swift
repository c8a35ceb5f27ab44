internal import EventStore
internal import Glibc
public import Sealing
public import Segments
public import Streams

/// Makes a fresh store in the place of a lost one, from its segments alone, wherever they are.
///
/// It takes over the lost store's id, so that the chain of segments goes on. Until it is whole it
/// has another name, `<path>.rebuilding`: no other program can append to half a store, and a
/// rebuild that was killed goes on there.
public struct StoreRebuild: Sendable {
  public let path: String
  public let folder: ArchiveFolder
  /// Where else to look, by address or configured name.
  public let targets: [String]
  /// Public keys that the new store is to trust.
  public let trusting: [SegmentPublicKey]
  public let principal: Principal
  public let reason: String
  /// Where the keys of encrypted segments are; beside ``path`` if not given.
  public let keyFiles: KeyFiles
  let onSegment: @Sendable (String) -> Void

  public init(
    path: String, folder: ArchiveFolder, targets: [String] = [],
    trusting: [SegmentPublicKey] = [], principal: Principal = .system, reason: String = "rebuild",
    keyFiles: KeyFiles? = nil,
    onSegment: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.path = path
    self.folder = folder
    self.targets = targets
    self.trusting = trusting
    self.principal = principal
    self.reason = reason
    self.keyFiles = keyFiles ?? KeyFiles(beside: path)
    self.onSegment = onSegment
  }

  private var partialPath: String { path + ".rebuilding" }

  /// - Parameters:
  ///   - storeID: which store, when the folder has segments of several.
  ///   - isDry: only tells what would be in it.
  /// - Throws: ``RebuildError``, and what ``Reindexer/run(isDry:now:progress:)`` throws.
  public func run(
    storeID: String? = nil, isDry: Bool = false, now: Timestamp,
    progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
  ) throws -> ReindexReport {
    // A log without its store would be replayed into the new one.
    for suffix in ["", "-wal", "-shm"] where access(path + suffix, F_OK) == 0 {
      throw RebuildError.exists(path: path + suffix)
    }
    let id = try storeID ?? onlyStore()
    if isDry { return try dryRun(id, now, progress) }
    let report = try rebuild(at: partialPath, id, isDry: false, now, progress)
    try publish()
    try Folder.sync(Folder.parent(of: path))
    return report
  }

  /// Gives the store its name, unless another has taken it since.
  private func publish() throws {
    for suffix in ["-wal", "-shm"] where access(partialPath + suffix, F_OK) == 0 {
      throw RebuildError.inUse(path: partialPath)
    }
    guard link(partialPath, path) == 0 else {
      if errno == EEXIST { throw RebuildError.exists(path: path) }
      throw ArchiveError.folder(path: path, detail: String(cString: strerror(errno)))
    }
    unlink(partialPath)
  }

  /// The store whose segments these are.
  private func onlyStore() throws -> String {
    let ids = Set(try SegmentScan(SegmentSite.all(folder, and: targets)).found.map(\.storeID))
    let places = ([folder.path] + targets).joined(separator: " and ")
    guard let id = ids.first else { throw RebuildError.noSegments(folder: places) }
    guard ids.count == 1 else {
      throw RebuildError.manyStores(folder: places, ids: ids.sorted())
    }
    return id
  }

  /// The store is closed when this returns: its log is in its file.
  private func rebuild(
    at path: String, _ id: String, isDry: Bool, _ now: Timestamp,
    _ progress: (_ done: Int64, _ total: Int64) -> Void
  ) throws -> ReindexReport {
    let store = try EventStore(
      path: path, mode: .createIfMissing, newID: id, keyFiles: keyFiles)
    guard store.id == id else { throw RebuildError.otherRebuild(path: path) }
    let report = try Reindexer(
      store: store, folder: folder, targets: targets, trusting: trusting, principal: principal,
      reason: reason, onSegment: onSegment
    ).run(isDry: isDry, now: now, progress: progress)
    _ = try store.vacuum(pages: 1)
    return report
  }

  /// In an empty store that is gone again: what would be taken does not depend on what is there.
  private func dryRun(
    _ id: String, _ now: Timestamp, _ progress: (_ done: Int64, _ total: Int64) -> Void
  ) throws -> ReindexReport {
    let scratch = partialPath + "." + EventID.random().description
    defer { for suffix in ["", "-wal", "-shm"] { unlink(scratch + suffix) } }
    return try rebuild(at: scratch, id, isDry: true, now, progress)
  }
}
