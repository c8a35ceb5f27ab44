internal import Glibc

/// A file descriptor that closes with its last owner. Interrupted calls are made again.
final class OpenFile: ByteSource {
  let descriptor: Int32
  let path: String

  /// Opens with the flags and mode of open(2).
  init(_ path: String, flags: Int32, mode: mode_t = 0) throws(SegmentError) {
    self.path = path
    descriptor = Self.retrying { open(path, flags | O_CLOEXEC, mode) }
    guard descriptor >= 0 else { throw .io(operation: "open", path: path, errno: errno) }
  }

  deinit { close(descriptor) }

  func status() throws(SegmentError) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("fstat") }
    return status
  }

  /// The file's length, in bytes.
  func size() throws(SegmentError) -> Int64 { Int64(try status().st_size) }

  func permissions() throws(SegmentError) -> UInt32? { try status().st_mode & 0o7777 }

  /// Writes all of `bytes`, however many calls it takes.
  func write(all bytes: UnsafeRawBufferPointer) throws(SegmentError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = Self.retrying { Glibc.write(descriptor, rest.baseAddress, rest.count) }
      guard count > 0 else { throw failure("write") }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Reads into `bytes` from `offset`; returns how many there were, fewer only at the end.
  func read(
    into bytes: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SegmentError) -> Int {
    var done = 0
    while done < bytes.count, let base = bytes.baseAddress {
      let count = Self.retrying {
        pread(descriptor, base + done, bytes.count - done, Int(offset) + done)
      }
      guard count >= 0 else { throw failure("read") }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Makes the file durable. A failure is final: the system may have dropped the pages, so that a
  /// second call would lie.
  func sync() throws(SegmentError) {
    guard fsync(descriptor) == 0 else { throw failure("fsync") }
  }

  func setMode(_ mode: mode_t) throws(SegmentError) {
    guard fchmod(descriptor, mode) == 0 else { throw failure("fchmod") }
  }

  /// Asks the system to forget what it has cached, and to read far ahead of the caller, who will go
  /// through all of it. Asking for all of it at once was slower.
  func dropCache() {
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  private func failure(_ operation: String) -> SegmentError {
    .io(operation: operation, path: path, errno: errno)
  }

  private static func retrying<T: SignedInteger>(_ call: () -> T) -> T {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}
