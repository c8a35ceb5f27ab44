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
final class AccessLogSource: RecordSource {
  private(set) var refusal = Rejection(.invalidEvent, "")
  private let lines: LineSource
  private let user: AccessLogUser
  private let origin: Origin
  private var line = LineDraft()

  init(
    path: String, user: AccessLogUser, origin: Origin, maxRecordBytes: Int
  ) throws(IngestError) {
    lines = try LineSource(path: path, maxLineBytes: maxRecordBytes)
    self.user = user
    self.origin = origin
  }

  var name: String { lines.name }
  var totalBytes: Int64 { lines.totalBytes }
  var bytesRead: Int64 { lines.bytesRead }
  func wouldWait(milliseconds: Int32) -> Bool { lines.wouldWait(milliseconds: milliseconds) }

  func next() throws(IngestError) -> Record? {
    guard let read = try lines.next() else { return nil }
    var isRefused = false
    do throws(Rejection) {
      if read.isRefused { throw lines.refusal }
      try translate(try AccessLogLine(read.bytes), number: read.number)
    } catch {
      refusal = error
      isRefused = true
    }
    var record = Record(
      line.bytes.withUnsafeBytes { $0 }, raw: read.raw, member: read.member, number: read.number)
    record.isRefused = isRefused
    return record
  }

  private func translate(_ entry: AccessLogLine, number: Int) throws(Rejection) {
    line.begin()
    line.text("user", try who(entry))
    line.text("timestamp", try TimeReading().read(entry.time).rfc3339)
    line.text("category", entry.category)
    line.text("action", entry.method)
    origin.write(to: &line, row: ("line", Int64(number)))
    line.object("additional") { line in
      line.text("path", entry.target)
      if !entry.version.isEmpty { line.text("protocol", entry.version) }
      line.verbatim("status", entry.status)
      if let bytes = LineDraft.number(entry.bytes) { line.verbatim("bytes", bytes) }
      if let host = entry.virtualHost { line.text("host", host) }
      for (key, value) in [("referrer" as StaticString, entry.referrer), ("agent", entry.agent)] {
        if let value, !value.equals("-"), !value.isEmpty { line.text(key, value) }
      }
    }
    line.end()
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
