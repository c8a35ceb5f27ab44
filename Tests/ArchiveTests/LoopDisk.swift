import Foundation
import Glibc
import Testing

/// An ext4 file system in a file, that can lose its power. Only root may mount one.
///
/// Nothing goes to the disk by itself for ten minutes (`commit`), so that a test which forgets to
/// ask for it sees it gone.
struct LoopDisk: ~Copyable {
  let path: String
  private let image: String

  /// Makes the file system and mounts it at `path`.
  init(at path: String) throws {
    self.path = path
    image = path + ".img"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try run("truncate", "-s", "32M", image)
    try run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1,nodiscard", image)
    try Self.mount(image, path)
  }

  private static func mount(_ image: String, _ path: String) throws {
    try run("mount", "-o", "loop,noatime,commit=600", image, path)
  }

  /// Makes everything so far durable.
  func sync() throws { try run("sync", "-f", path) }

  /// Drops all that was not synced, the journal's too, and starts the file system again.
  ///
  /// `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH` (fs/ext4/ioctl.c).
  func loseThePower() throws {
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    var flags: UInt32 = 2
    let result = ioctl(folder, 0x8004_587D, &flags)
    close(folder)
    try #require(result == 0, "\(path) can't be shut down: error \(errno)")
    try unmount()
    try Self.mount(image, path)
  }

  /// A process that another test just started may still have a descriptor of ours.
  private func unmount() throws {
    for _ in 0..<100 {
      if try status(of: ["umount", "-q", path]) == 0 { return }
      usleep(100_000)
    }
    try run("umount", path)
  }

  deinit { try? run("umount", "--lazy", path) }
}
