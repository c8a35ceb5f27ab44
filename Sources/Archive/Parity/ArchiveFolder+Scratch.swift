internal import Foundation
internal import Glibc
internal import Segments

extension ArchiveFolder {
  /// Runs `body` with the path of an empty folder that is gone afterwards. What killed runs left
  /// there goes first: only the holder of the folder's lock may call this.
  func withScratch<R>(_ body: (String) throws -> R) throws -> R {
    let root = file(".scratch")
    try? FileManager.default.removeItem(atPath: root)
    let scratch = root + "/" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: root) }
    do {
      try FileManager.default.createDirectory(
        atPath: scratch, withIntermediateDirectories: true)
    } catch {
      throw failure()
    }
    return try body(scratch)
  }

  /// Deletes what killed runs left in the scratch folder: only the holder of the folder's lock may
  /// call this.
  ///
  /// - Returns: whether there was something.
  func removeScratch() throws -> Bool {
    let root = file(".scratch")
    guard access(root, F_OK) == 0 else { return false }
    do { try FileManager.default.removeItem(atPath: root) } catch { throw failure() }
    try Folder.sync(path)
    return true
  }

  /// Gives a finished file from the scratch folder its name, in the place of what had it: read-only,
  /// and durable with its name when this returns.
  func publish(_ path: String, as relative: String) throws {
    let place = Folder.parent(of: file(relative))
    guard mkdir(place, 0o755) == 0 || errno == EEXIST else { throw failure() }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    guard fchmod(descriptor, 0o444) == 0, fsync(descriptor) == 0,
      rename(path, file(relative)) == 0
    else { throw failure() }
    try Folder.sync(place)
    try Folder.sync(self.path)
  }

  /// Keeps the damaged file in `quarantine/`, too: its own name stays with it until another takes it.
  func keepDamaged(_ relative: String) throws {
    guard has(relative) else { return }
    let target = try quarantinePlace(of: relative)
    guard link(file(relative), target) == 0 else { throw failure() }
    try Folder.sync(Folder.parent(of: target))
  }
}
