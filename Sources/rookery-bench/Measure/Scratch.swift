internal import Foundation
internal import Glibc

/// A new folder for one benchmark's data.
final class Scratch {
  let path: String

  init(in parent: String) throws {
    var template = Array("\(parent)/rookery-bench-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else { throw BenchError.scratch(parent) }
    path = made
  }

  func file(_ name: String) -> String { path + "/" + name }

  func folder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(
      atPath: file(name), withIntermediateDirectories: true)
    return file(name)
  }

  /// Deletes files and folders; what is not there is passed over.
  func delete(_ names: String...) {
    for name in names { try? FileManager.default.removeItem(atPath: file(name)) }
  }

  /// Deletes a store and its log.
  func deleteStore(_ name: String) { delete(name, name + "-wal", name + "-shm") }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  static func size(_ path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }
}

/// What goes on, for the person who waits.
func say(_ text: String) {
  let line = "… \(text)\n"
  _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
}
