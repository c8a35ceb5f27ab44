internal import Streams

/// Who the user of a line in an access log is.
public enum AccessLogUser: String, CaseIterable, Sendable {
  /// The name that was logged in; lines without one are refused.
  case name
  /// The address that asked.
  case address
  /// The name, or where there is none the address.
  case either
}

/// The lines of a web server's access log as what users did: `category` is the first part of the
/// path, `action` the method.
struct AccessLogTranslator: LineTranslator {
  let user: AccessLogUser
  let origin: Origin

  func translate(
    _ line: UnsafeRawBufferPointer, number: Int, into draft: inout LineDraft
  ) throws(Rejection) {
    let entry = try AccessLogLine(line)
    draft.begin()
    draft.text("user", try who(entry))
    draft.text("timestamp", try TimeReading().read(entry.time).rfc3339)
    draft.text("category", entry.category)
    draft.text("action", entry.method)
    origin.write(to: &draft, row: ("line", Int64(number)))
    draft.object("additional") { draft in
      draft.text("path", entry.target)
      if !entry.version.isEmpty { draft.text("protocol", entry.version) }
      draft.verbatim("status", entry.status)
      if let bytes = LineDraft.number(entry.bytes) { draft.verbatim("bytes", bytes) }
      if let host = entry.virtualHost { draft.text("host", host) }
      for (key, value) in [("referrer" as StaticString, entry.referrer), ("agent", entry.agent)] {
        if let value, !value.equals("-"), !value.isEmpty { draft.text(key, value) }
      }
    }
    draft.end()
  }

  private func who(_ entry: AccessLogLine) throws(Rejection) -> UnsafeRawBufferPointer {
    let name = entry.user.equals("-") || entry.user.equals("\"\"") ? nil : entry.user
    switch user {
    case .address: return entry.address
    case .either: return name ?? entry.address
    case .name:
      guard let name else {
        throw Rejection(.invalidEvent, field: "user", "nobody was logged in")
      }
      return name
    }
  }
}
