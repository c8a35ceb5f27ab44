internal import EventStore
internal import Glibc
public import Sealing
internal import Segments
public import Streams

/// Makes a fresh store in the place of a lost one, from its segments alone.
///
/// It takes over the lost store's id, so that the chain of segments goes on. Until it is whole it
/// has another name, `<path>.rebuilding`: no other program can append to half a store, and a
/// rebuild that was killed goes on there.
public struct StoreRebuild: Sendable {
  public let path: String
  public let folder: ArchiveFolder
  public let principal: Principal
  public let reason: String
  /// Where the keys of encrypted segments are; beside ``path`` if not given.
  public let keyFiles: KeyFiles
  let onSegment: @Sendable (String) -> Void

  public init(
    path: String, folder: ArchiveFolder, principal: Principal = .system,
    reason: String = "rebuild", keyFiles: KeyFiles? = nil,
    onSegment: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.path = path
    self.folder = folder
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
    guard access(path, F_OK) != 0 else { throw RebuildError.exists(path: path) }
    let id = try storeID ?? onlyStore()
    if isDry { return try dryRun(id, now, progress) }
    let report = try rebuild(at: partialPath, id, isDry: false, now, progress)
    guard rename(partialPath, path) == 0 else {
      throw ArchiveError.folder(path: path, detail: String(cString: strerror(errno)))
    }
    try ArchiveFolder.sync(ArchiveFolder.parent(of: path))
    return report
  }

  /// The store whose segments these are.
  private func onlyStore() throws -> String {
    var ids: Set<String> = []
    for file in folder.files() {
      if case .success(let segment) = FoundSegment.read(file, in: folder) {
        ids.insert(segment.storeID)
      }
    }
    guard let id = ids.first else { throw RebuildError.noSegments(folder: folder.path) }
    guard ids.count == 1 else {
      throw RebuildError.manyStores(folder: folder.path, ids: ids.sorted())
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
      store: store, folder: folder, principal: principal, reason: reason, onSegment: onSegment
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
