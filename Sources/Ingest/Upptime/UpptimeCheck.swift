internal import Streams
internal import Yams

/// What a file of `history/` says: one check.
struct UpptimeCheck {
  let status: String
  /// RFC 3339; when it was checked.
  let time: String
  let code: Int64?
  /// Milliseconds, as JSON; nil without an answer.
  let responseTime: [UInt8]?
  let url: String?

  init(_ blob: [UInt8]) throws(Rejection) {
    guard blob.count <= 65_536 else { throw Rejection(.eventTooLarge, "is larger than 64 KiB") }
    guard let text = String(validating: blob, as: UTF8.self) else {
      throw Rejection(.invalidEvent, "is not valid UTF-8")
    }
    let node: Node?
    do { node = try Yams.compose(yaml: text) } catch {
      throw Rejection(.invalidEvent, "is not YAML")
    }
    guard let fields = node?.mapping else { throw Rejection(.invalidEvent, "is no YAML mapping") }
    func field(_ name: String) -> String? { fields[Node(name)]?.scalar?.string }
    guard let status = field("status"), !status.isEmpty else {
      throw Rejection(.invalidEvent, field: "status", "is missing")
    }
    guard let time = field("lastUpdated") else {
      throw Rejection(.invalidTimestamp, field: "lastUpdated", "is missing")
    }
    self.status = status
    self.time = time
    code = field("code").flatMap { Int64($0) }
    responseTime = field("responseTime").flatMap { text in
      Array(text.utf8).withUnsafeBytes { LineDraft.number($0) }
    }
    url = field("url")
  }
}
