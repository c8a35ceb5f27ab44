internal import Crypto
internal import Foundation
internal import Glibc
internal import Streams

/// What is delivered: the reports of one night, as they lie in their folder.
struct Parcel {
  struct File: Equatable {
    var name: String
    var bytes: Int64
  }

  let pipeline: String
  let date: CivilDate
  let run: Int64
  let folder: String
  /// The same for all attempts of a run: what a receiver gets again is the same.
  let madeAt: Timestamp
  /// By name.
  let files: [File]
  /// The same for each attempt at one delivery, in whatever run, and for no other.
  var key = ""

  /// - Throws: ``DeliveryError/noReports(folder:)``.
  init(pipeline: String, date: CivilDate, run: Int64, reports: String, madeAt: Timestamp) throws {
    self.pipeline = pipeline
    self.date = date
    self.run = run
    self.madeAt = madeAt
    let folder = "\(reports)/\(date)"
    self.folder = folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    files = names.sorted().compactMap { name in
      var status = stat()
      guard !name.hasPrefix("."), lstat("\(folder)/\(name)", &status) == 0,
        status.st_mode & S_IFMT == S_IFREG
      else { return nil }
      return File(name: name, bytes: Int64(status.st_size))
    }
    guard !files.isEmpty else { throw DeliveryError.noReports(folder: folder) }
  }

  /// Those that match any of `patterns` (as a shell's), each once.
  ///
  /// - Throws: ``DeliveryError/noFile(pattern:folder:)`` for a pattern that none matches.
  func select(_ patterns: [String]?) throws -> [File] {
    guard let patterns else { return files }
    for pattern in patterns where !files.contains(where: { fnmatch(pattern, $0.name, 0) == 0 }) {
      throw DeliveryError.noFile(pattern: pattern, folder: folder)
    }
    return files.filter { file in patterns.contains { fnmatch($0, file.name, 0) == 0 } }
  }

  func read(_ file: File) throws -> Data {
    let path = "\(folder)/\(file.name)"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw DeliveryError.unreadable(path: path)
    }
    return data
  }

  /// The text forms of the reports, one after the other; those of the uptime first.
  func text() throws -> String {
    let texts = files.filter { $0.name.hasSuffix(".txt") }
      .sorted {
        ($0.name.hasPrefix("uptime") ? 0 : 1, $0.name) < (
          $1.name.hasPrefix("uptime") ? 0 : 1, $1.name
        )
      }
    return try texts.map { String(decoding: try read($0), as: UTF8.self) }
      .joined(separator: "\n\n")
  }

  /// The sentence to remember of the night; nil where no uptime report tells one.
  var headline: String? { ReportHeadline.read(folder) }

  /// What may stand in double braces in a subject or an argument.
  static let placeholders = ["date", "pipeline", "run", "folder"]

  /// A name in double braces that is no placeholder; nil where all are.
  static func unknownPlaceholder(in text: String) -> String? {
    text.matches(of: /\{\{([^{}]*)\}\}/).map { String($0.1) }
      .first { !placeholders.contains($0) }
  }

  func fill(_ text: String) -> String {
    let values = [date.description, pipeline, String(run), folder]
    return zip(Self.placeholders, values).reduce(text) { text, pair in
      text.replacing("{{\(pair.0)}}", with: pair.1)
    }
  }

  /// The key of a delivery: derived, so that a store that was put back from a backup gives the same.
  static func key(
    store: String, _ slot: DeliveryLedger.Slot, _ destination: String, round: Int
  ) -> String {
    let words = [
      store, slot.pipeline, slot.date.description, String(slot.step), destination, String(round),
    ]
    return SHA256.hash(data: Data(words.joined(separator: "\u{0}").utf8)).prefix(16).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
