internal import EventStore
internal import Glibc
internal import Segments
internal import Streams

/// The folder that segments live in.
public struct ArchiveFolder: Sendable, Hashable {
  public let path: String
  /// Where else segments may be.
  public let targets: Targets

  public init(path: String, targets: Targets = Targets()) {
    self.path = path
    self.targets = targets
  }

  public func file(_ relative: String) -> String { path + "/" + relative }

  var exists: Bool { access(path, F_OK) == 0 }

  /// Why nothing can be said of what should lie here; nil when the folder is there. A disk that is
  /// not mounted leaves no folder, or an empty one; an archive's has its lock in any case.
  var absence: String? {
    guard !has(".lock"), Self.names(in: path).isEmpty else { return nil }
    return exists
      ? "the folder \(path) is empty; is its disk mounted?"
      : "there is no folder \(path); is its disk mounted?"
  }

  func has(_ relative: String) -> Bool { access(file(relative), F_OK) == 0 }

  /// A file's length in bytes; 0 when there is none.
  func size(of relative: String) -> Int64 {
    var status = stat()
    return stat(file(relative), &status) == 0 ? Int64(status.st_size) : 0
  }

  /// Runs `body` while no other process archives here, and no other store ever does.
  ///
  /// The lock is the kernel's (`flock`): it ends with the process and can't be stale.
  ///
  /// - Throws: ``ArchiveError`` `.locked`, `.folder`, `.away`; `SegmentError` `.io`; ``WrongStore``.
  func withLock<R>(for store: EventStore, _ body: () throws -> R) throws -> R {
    if !exists { try make(for: store) }
    // Every time: who made it may have been killed before it was durable.
    try Folder.sync(Folder.parent(of: path))
    let descriptor = open(file(".lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { throw ArchiveError.locked(folder: path) }
      throw failure()
    }
    // Closing is not enough: a process that is just being spawned still has the descriptor.
    defer { flock(descriptor, LOCK_UN) }
    try claim(for: store, descriptor)
    return try body()
  }

  /// Only the first time: in a new folder the catalog's segments would be missing, while they are on
  /// a disk that is not mounted.
  private func make(for store: EventStore) throws {
    try check(try store.read { try Catalog.files($0.db) })
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure() }
  }

  /// A folder with none of the catalog's segments is a disk that is not mounted, or a wrong path.
  ///
  /// - Throws: ``ArchiveError`` `.away`.
  func check(_ files: [String]) throws {
    guard files.isEmpty || files.contains(where: has) else {
      throw ArchiveError.away(folder: path, segments: files.count)
    }
  }

  /// Removes a segment's file and what lies beside it (checksum, parity), durably.
  ///
  /// - Throws: ``ArchiveError`` `.folder`, `SegmentError` `.io`; some of them may be gone.
  func remove(_ relative: String) throws {
    let parts = relative.split(separator: "/").map(String.init)
    let (place, name) = (file(parts.dropLast().joined(separator: "/")), parts.last ?? "")
    // The segment itself goes last: while it is there, it is known that something is left.
    let names = try Folder.names(in: place).filter { $0 == name || $0.hasPrefix(name + ".") }
    for beside in names.sorted(by: { $0.utf8.count > $1.utf8.count }) {
      guard unlink(place + "/" + beside) == 0 || errno == ENOENT else { throw failure() }
    }
    guard access(place, F_OK) == 0 else { return }
    try Folder.sync(place)
  }

  /// Moves a file that failed its check to `quarantine/`, from where nothing is served. What lies
  /// there already is kept.
  func quarantine(_ relative: String) throws {
    let target = try quarantinePlace(of: relative)
    guard rename(file(relative), target) == 0 || errno == ENOENT else { throw failure() }
    // Before its job goes: a file that came back under its name would belong to nobody.
    let source = file(relative.split(separator: "/").dropLast().joined(separator: "/"))
    for folder in [file("quarantine"), source, path] { try Folder.sync(folder) }
  }

  /// A name in `quarantine/` that nothing has.
  func quarantinePlace(of relative: String) throws -> String {
    let place = file("quarantine")
    guard mkdir(place, 0o755) == 0 || errno == EEXIST else { throw failure() }
    let name = relative.split(separator: "/").last.map(String.init) ?? relative
    var target = place + "/" + name
    var number = 1
    while access(target, F_OK) == 0 {
      number += 1
      target = "\(place)/\(name).\(number)"
    }
    return target
  }

  func failure() -> ArchiveError {
    .folder(path: path, detail: String(cString: strerror(errno)))
  }

  /// The segment files here, relative to the folder, by name: what the catalog does not know of
  /// them is an orphan, reported and never deleted.
  public func files() -> [String] {
    Self.names(in: path).filter { $0.utf8.count == 2 }.flatMap { folder in
      Self.names(in: file(folder)).filter { $0.hasSuffix(".tar.zst") }.map { "\(folder)/\($0)" }
    }
  }

  /// What is in a folder and not hidden, in order; nothing when it can't be read.
  static func names(in path: String) -> [String] {
    ((try? Folder.names(in: path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }
}
