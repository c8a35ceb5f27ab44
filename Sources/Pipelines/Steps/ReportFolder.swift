internal import Foundation
internal import Glibc
internal import Streams

/// The folder of one date's reports, and `latest`, which leads to the newest.
struct ReportFolder {
  let path: String
  private let root: String
  private let name: String

  init(_ root: String, _ date: CivilDate) throws {
    self.root = root
    name = date.description
    path = root + "/" + name
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw PipelineError.unwritable(path: path, detail: String(cString: strerror(errno)))
    }
  }

  /// Writes a file so that a reader sees the old one or the new one, whole.
  func write(_ file: String, _ text: String) throws {
    try write(file, Data(text.utf8))
  }

  func write(_ file: String, _ data: Data) throws {
    try ReportFile.write(data, to: path + "/" + file)
  }

  /// Points `latest` here, unless a later date has it.
  func becomeLatest() throws {
    let link = root + "/latest"
    let current = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    if let current, current > name { return }
    let temporary = root + "/.latest"
    unlink(temporary)
    guard symlink(name, temporary) == 0, rename(temporary, link) == 0 else {
      throw PipelineError.unwritable(path: link, detail: String(cString: strerror(errno)))
    }
  }
}
