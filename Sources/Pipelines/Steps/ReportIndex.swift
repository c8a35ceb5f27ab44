internal import Foundation
internal import Glibc
internal import Reports
internal import Streams

/// The page that lists all past reports of a folder, made from what lies there.
struct ReportIndex {
  let root: String

  init(_ root: String) { self.root = root }

  /// What a page links to; whatever else lies in a date's folder is nobody's business.
  private static let kinds = [
    "html", "pdf", "csv", "json", "txt", "md", "svg", "atom", "ics", "prom",
  ]
  /// More are not linked: they are not of ours.
  private static let maxFiles = 40

  /// Writes `index.html`, so that a reader sees the old one or the new one, whole.
  ///
  /// - Complexity: O(n) in the dates, with one folder listed and one small file read for each.
  func write(_ templates: ReportTemplates) throws {
    let page = try IndexPage(nights: nights()).html(templates)
    try ReportFile.write(Data(page.utf8), to: root + "/index.html")
  }

  /// The dates that have a folder with reports in it, the newest first.
  func nights() -> [IndexPage.Night] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.compactMap { CivilDate($0) }.sorted(by: >).compactMap { date in
      let folder = "\(root)/\(date)"
      let files = files(in: folder)
      guard !files.isEmpty else { return nil }
      return IndexPage.Night(date: date, headline: ReportHeadline.read(folder), files: files)
    }
  }

  private func files(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    func rank(_ name: String) -> Int {
      Self.kinds.firstIndex { name.hasSuffix("." + $0) } ?? Self.kinds.count
    }
    return Array(
      names.filter { rank($0) < Self.kinds.count && !$0.hasPrefix(".") }
        .sorted { (rank($0), $0) < (rank($1), $1) }.prefix(Self.maxFiles))
  }
}

/// The sentence to remember of a night's uptime report, from its text form.
enum ReportHeadline {
  /// More can't be needed: the title, the period and the headline are the first lines.
  private static let maxBytes = 4096
  private static let longest = 300

  /// Nil where there is no such report, or something else has its name.
  static func read(_ folder: String) -> String? {
    let descriptor = open("\(folder)/uptime.txt", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: maxBytes)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0, count < maxBytes || bytes.contains(10) else { return nil }
    // Cut at a line's end: the last line may end within a character.
    let lines = bytes[..<count].split(separator: 10, omittingEmptySubsequences: false).prefix(4)
    guard lines.count == 4, lines[2].isEmpty, !lines[3].isEmpty,
      let text = String(validating: lines[3], as: UTF8.self), text.count <= longest
    else { return nil }
    return text
  }
}
