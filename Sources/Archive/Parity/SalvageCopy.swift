internal import Glibc

/// Copies what can be read of a file: sectors that can't become zeros, for parity to fill in.
enum SalvageCopy {
  private static let bytes = 1 << 20
  private static let sectorBytes = 4096

  /// - Throws: ``ParityError`` `.io` when the file can't be opened, or the copy can't be written.
  static func write(_ source: String, to target: String) throws(ParityError) {
    let input = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard input >= 0 else { throw failure(source) }
    defer { close(input) }
    let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw failure(target) }
    defer { close(output) }
    var buffer = [UInt8](repeating: 0, count: bytes)
    var offset = 0
    while true {
      let count = read(input, into: &buffer, at: offset)
      if count == 0 { return }
      guard pwrite(output, buffer, count, offset) == count else { throw failure(target) }
      offset += count
    }
  }

  /// - Returns: how many bytes there are now, zeros among them; 0 at the end.
  private static func read(_ file: Int32, into buffer: inout [UInt8], at offset: Int) -> Int {
    let count = pread(file, &buffer, buffer.count, offset)
    guard count < 0 else { return count }
    let sector = pread(file, &buffer, sectorBytes, offset)
    guard sector < 0 else { return sector }
    var status = stat()
    guard fstat(file, &status) == 0 else { return 0 }
    let left = min(sectorBytes, max(0, Int(status.st_size) - offset))
    for index in 0..<left { buffer[index] = 0 }
    return left
  }

  private static func failure(_ path: String) -> ParityError {
    .io(path: path, String(cString: strerror(errno)))
  }
}
