internal import Glibc

/// A file under a temporary name until it is whole; it goes with its owner unless published.
///
/// The order is the promise: mode, fsync, link under the final name, drop the temporary one.
final class PartialFile {
  let finalPath: String
  private let partialPath: String
  private let file: OpenFile
  private var isPending = true
  private(set) var bytes: Int64 = 0
  private var hash = RunningSHA256()

  init(folder: String, name: String, job: String) throws(SegmentError) {
    finalPath = folder + "/" + name
    partialPath = folder + "/" + SegmentName.partial(of: name, job: job)
    file = try OpenFile(partialPath, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
  }

  deinit { discard() }

  func write(_ bytes: UnsafeRawBufferPointer) throws(SegmentError) {
    try file.write(all: bytes)
    hash.update(bytes)
    self.bytes += Int64(bytes.count)
  }

  func write(_ bytes: [UInt8]) throws(SegmentError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(SegmentError) in try write(bytes) }
    }
    try result.get()
  }

  /// SHA-256 of what was written so far.
  var sha256: SHA256Sum { hash.finish() }

  /// Makes the content durable and read-only: the mode first, as a power cut after the folder's
  /// fsync would otherwise lose it.
  func finish() throws(SegmentError) {
    try file.setMode(0o444)
    try file.sync()
  }

  /// Gives the file its final name, without replacing another.
  func publish() throws(SegmentError) {
    guard link(partialPath, finalPath) == 0 else {
      if errno == EEXIST { throw .alreadyExists(segment: finalPath) }
      throw .io(operation: "link", path: finalPath, errno: errno)
    }
    // Two names for one file would outlive the job, which alone knows the temporary one.
    guard unlink(partialPath) == 0 else {
      throw .io(operation: "unlink", path: partialPath, errno: errno)
    }
    isPending = false
  }

  func discard() {
    guard isPending else { return }
    isPending = false
    unlink(partialPath)
  }
}
