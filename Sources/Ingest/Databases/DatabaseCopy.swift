internal import Foundation
internal import Streams

/// A copy of a database and its log in a folder of its own, gone when it is no longer needed: only
/// there may SQLite bring the log into the file.
final class DatabaseCopy {
  let path: String
  private let folder: URL

  init(of source: String) throws(IngestError) {
    let files = FileManager.default
    folder = files.temporaryDirectory.appending(path: "rookery-import-\(UUID().uuidString)")
    path = folder.appending(path: "copy.db").path(percentEncoded: false)
    do {
      try files.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      for suffix in ["", "-wal", "-journal"] where files.fileExists(atPath: source + suffix) {
        try files.copyItem(atPath: source + suffix, toPath: path + suffix)
      }
    } catch {
      try? files.removeItem(at: folder)
      throw .unreadable(
        file: source, detail: "its log can't be copied to \(files.temporaryDirectory.path())")
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}
