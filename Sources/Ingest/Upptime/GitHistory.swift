internal import Streams

/// The versions that files had over a repository's history, oldest first.
///
/// Merges are left out: what they bring came with a commit of its own.
struct GitHistory {
  struct Version {
    var commit: String
    /// RFC 3339.
    var authored: String
    var committed: String
    var subject: String
    /// How many of the files changed in this commit.
    var siblings = 0
    var path: [UInt8]
    /// What the file holds now; nil if it was deleted.
    var blob: String?
  }

  private let log: GitProcess
  /// Of the commit being read, the newest first.
  private var pending: [Version] = []
  private var commit: Version?
  private var isAtEnd = false

  /// - Parameter pathspec: which files.
  init(of repository: String, pathspec: String) throws(IngestError) {
    log = try GitProcess(
      [
        "log", "--reverse", "--no-renames", "--no-ext-diff", "--no-textconv", "--raw", "-z",
        "--no-abbrev", "--no-show-signature", "--no-mailmap", "--no-decorate", "--no-color",
        "--format=tformat:%x01%H%x00%aI%x00%cI%x00%s", "--", pathspec,
      ], in: repository)
  }

  /// The next version; nil after the last.
  mutating func next() throws(IngestError) -> Version? {
    while pending.isEmpty {
      guard !isAtEnd else { return nil }
      try readCommit()
    }
    return pending.removeLast()
  }

  /// Reads to the start of the next commit, whose own line is kept for then.
  private mutating func readCommit() throws(IngestError) {
    var found: [Version] = []
    while let token = try log.upTo(0) {
      let text = token.first == 0x0A ? token.dropFirst() : token[...]
      if text.first == 0x01 {
        let next = try start(String(decoding: text.dropFirst(), as: UTF8.self))
        settle(&found)
        commit = next
        if !pending.isEmpty { return }
      } else if text.first == UInt8(ascii: ":"), var version = commit {
        // ":100644 100644 OLD NEW M"
        let parts = String(decoding: text, as: UTF8.self).split(separator: " ")
        guard parts.count == 5, let path = try log.upTo(0) else { continue }
        version.path = path
        version.blob = parts[4].hasPrefix("D") ? nil : String(parts[3])
        // A symbolic link or a submodule holds no status.
        if version.blob == nil || parts[1].hasPrefix("100") { found.append(version) }
      }
    }
    settle(&found)
    isAtEnd = true
    try log.finish()
  }

  private func start(_ hash: String) throws(IngestError) -> Version {
    var texts: [String] = []
    for _ in 0..<3 { texts.append(String(decoding: try log.upTo(0) ?? [], as: UTF8.self)) }
    return Version(
      commit: hash, authored: texts[0], committed: texts[1], subject: texts[2], path: [])
  }

  private mutating func settle(_ found: inout [Version]) {
    for index in found.indices { found[index].siblings = found.count }
    pending = found.reversed()
    found = []
  }
}
