internal import Foundation
internal import Glibc

/// A folder that nobody else can look into, for one print.
struct PrintFolder {
  let path: String

  init() throws(PrintError) {
    let parent = FileManager.default.temporaryDirectory.path
    var template = Array("\(parent)/rookery-print-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw .io(parent, detail: String(cString: strerror(errno)))
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func write(_ html: String) throws(PrintError) {
    do {
      try Data(html.utf8).write(to: URL(fileURLWithPath: path + "/report.html"))
    } catch {
      throw .io(path, detail: error.localizedDescription)
    }
  }

  /// The PDF, if it is there from its first bytes to its last.
  func pdf() -> Data? {
    guard let data = FileManager.default.contents(atPath: path + "/report.pdf"),
      data.starts(with: Data("%PDF-".utf8)),
      data.suffix(1024).range(of: Data("%%EOF".utf8)) != nil
    else { return nil }
    return data
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
