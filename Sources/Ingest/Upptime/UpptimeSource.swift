internal import Streams

/// An Upptime repository: each commit that changes a file of `history/` is one check of one site.
///
/// Everything comes from commits, which never change, so that a repository that has grown gives the
/// same events and more. A site's name is that of the commit's message; a message without one leaves
/// the site the name it had, at first its file's. A file that is deleted ends what is known.
final class UpptimeSource: RecordSource {
  private static let maxBlobBytes = 65_536

  private(set) var refusal = Rejection(.invalidEvent, "")
  private(set) var passedOver = 0
  private(set) var name: String
  let totalBytes: Int64 = 0
  private(set) var bytesRead: Int64 = 0
  private let repository: String
  private let origin: Origin
  private var history: GitHistory
  private let blobs: GitProcess
  private var line = LineDraft()
  /// Per file, what the last check said: the name, and the check itself.
  private var names: [[UInt8]: String] = [:]
  private var checks: [[UInt8]: String] = [:]

  init(_ repository: String, instance: String) throws(IngestError) {
    self.repository = repository
    name = repository
    origin = Origin(tool: "upptime", instance: instance)
    history = try GitHistory(of: repository, pathspec: ":(top,glob)history/*.yml")
    blobs = try GitProcess(["cat-file", "--batch"], in: repository)
  }

  func next() throws(IngestError) -> Record? {
    while let version = try history.next() {
      bytesRead += 1
      let blob = try version.blob.map { blob throws(IngestError) in try read(blob) }
      if let record = record(version, blob) { return record }
      passedOver += 1
    }
    guard bytesRead > 0 else {
      throw .notFrom(
        tool: "Upptime", file: repository,
        detail: "no commit of the branch that is checked out has a file history/*.yml")
    }
    return nil
  }

  /// Nil for a version that says what the one before it said.
  private func record(_ version: GitHistory.Version, _ blob: [UInt8]?) -> Record? {
    let path = String(decoding: version.path, as: UTF8.self)
    name = "\(repository):\(version.commit):\(path)"
    line.begin()
    var isRefused = false
    do throws(Rejection) {
      guard try translate(version, blob, path) else { return nil }
    } catch {
      refusal = error
      isRefused = true
    }
    line.end()
    let bytes = line.bytes.withUnsafeBytes { $0 }
    var record = Record(bytes, raw: bytes, number: 1)
    record.id = .given(origin.id(version.commit, path))
    record.isRefused = isRefused
    return record
  }

  private func translate(
    _ version: GitHistory.Version, _ blob: [UInt8]?, _ path: String
  ) throws(Rejection) -> Bool {
    let service = siteName(version, path)
    let check: UpptimeCheck?
    do throws(Rejection) {
      check = try blob.map { blob throws(Rejection) in try UpptimeCheck(blob) }
    } catch {
      throw Rejection(error.code, field: error.field, error.reason, service: service)
    }
    let time = check?.time ?? version.authored
    let status = check?.status ?? "removed"
    guard checks.updateValue("\(status) \(time)", forKey: version.path) != "\(status) \(time)"
    else {
      return false
    }
    line.text("serviceName", service)
    line.text("status", status)
    line.text("timestamp", time)
    if let milliseconds = check?.responseTime { line.verbatim("responseMs", milliseconds) }
    line.text("recordedAt", version.committed)
    origin.write(to: &line)
    line.text("commit", version.commit)
    line.text("path", path)
    line.object("additional") { line in
      if let code = check?.code { line.number("httpCode", code) }
      if let url = check?.url { line.text("url", url) }
    }
    return true
  }

  private func siteName(_ version: GitHistory.Version, _ path: String) -> String {
    if version.siblings == 1, let name = Self.name(in: version.subject) {
      names[version.path] = name
    }
    return names[version.path] ?? String(path.dropFirst("history/".count).dropLast(".yml".count))
  }

  /// The site in `🟩 SITE is up (200 in 437 ms) [skip ci] [upptime]`.
  static func name(in subject: String) -> String? {
    let ends = [" is up (", " is down (", " is degraded ("].compactMap {
      subject.range(of: $0)?.lowerBound
    }
    guard let end = ends.max(), let blank = subject[..<end].firstIndex(of: " ") else { return nil }
    let name = subject[subject.index(after: blank)..<end]
    return name.isEmpty ? nil : String(name)
  }

  private func read(_ blob: String) throws(IngestError) -> [UInt8] {
    try blobs.write(blob + "\n")
    let header = String(decoding: try blobs.upTo(0x0A) ?? [], as: UTF8.self)
    // "HASH blob SIZE", or "HASH missing"
    let parts = header.split(separator: " ")
    guard parts.count == 3, let size = Int(parts[2]) else {
      throw .damaged(file: repository, line: Int(bytesRead), detail: "the object \(header)")
    }
    let bytes = try blobs.bytes(size, kept: Self.maxBlobBytes + 1)
    _ = try blobs.bytes(1, kept: 0)
    return bytes
  }
}

extension String {
  /// The last place of `text`.
  fileprivate func range(of text: String) -> Range<String.Index>? {
    var at = endIndex
    while at > startIndex {
      at = index(before: at)
      if self[at...].hasPrefix(text) { return at..<index(at, offsetBy: text.count) }
    }
    return nil
  }
}
