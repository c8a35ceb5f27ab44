internal import Crypto
internal import Streams

/// Where an imported event comes from, as its metadata says: the tool, which of its instances, and
/// the row or commit.
///
/// Neither a file's name nor a version of the tool is in it: a copy under another name, or of the
/// same instance after an upgrade, must give the same events.
struct Origin: Sendable {
  let tool: StaticString
  /// What `--source` says; may be empty.
  let instance: String

  func write(to line: inout LineDraft, row: (key: StaticString, number: Int64)? = nil) {
    line.text("source", UnsafeBufferPointer(start: tool.utf8Start, count: tool.utf8CodeUnitCount))
    if !instance.isEmpty { line.text("instance", instance) }
    if let row { line.number(row.key, row.number) }
  }

  /// The id of what `parts` name in this source; the same whenever it is read.
  func id(_ parts: String...) -> EventID {
    var hash = SHA256()
    for part in ["rookery-import-v1", "\(tool)", instance] + parts {
      hash.update(data: Array(part.utf8))
      hash.update(data: [0x0A])
    }
    return EventID(digest: hash.finalize())
  }
}
