internal import Glibc
internal import Streams

/// A new file that is written from its beginning to its end.
final class LineFile {
  private let path: String
  private let descriptor: Int32
  private(set) var size: Int64 = 0

  init(_ path: String) throws(DemoError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path) }
  }

  deinit { close(descriptor) }

  func write(_ lines: [UInt8]) throws(DemoError) {
    var rest = lines[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path) }
      rest = rest.dropFirst(count)
      size += Int64(count)
    }
  }

  private static func failure(_ path: String) -> DemoError {
    .unwritable(file: path, detail: String(cString: strerror(errno)))
  }
}
