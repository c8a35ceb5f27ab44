internal import Crypto
internal import EventStore
public import Streams

/// The store's memory of facts that could not be read: a report counts them (`rejected`), because
/// each may have been an outage.
///
/// They are `FactRejected` events in `$rejects`, with line, code, field, reason and, where
/// the line tells, the service. Loading the same file again adds none twice.
public enum FactRejects {
  public static let type = "FactRejected"

  public static var stream: StreamName {
    get throws(StreamNameError) { try StreamName("$rejects") }
  }
}

extension Ingest {
  func record(_ rejects: [RejectedLine], _ transaction: inout AppendTransaction) throws {
    for reject in rejects {
      let data = Array(reject.factRejected.utf8)
      try data.withUnsafeBytes { data in
        let draft = EventDraft(
          id: reject.id(source: source), type: FactRejects.type, data: data,
          metadata: UnsafeRawBufferPointer(start: nil, count: 0), timestamp: nil,
          recordedAt: nil)
        do {
          _ = try transaction.append(draft, to: try FactRejects.stream)
        } catch StoreError.eventIDConflict {
          // Known already, and refused for another reason this time.
        }
      }
    }
  }
}

extension RejectedLine {
  /// The same line of an input has the same id, whatever the file is called.
  fileprivate func id(source: String) -> EventID {
    var hash = SHA256()
    hash.update(data: Array("rookery-reject-v1\n\(source)\n\(member)\n\(line)\n".utf8))
    hash.update(data: bytes)
    return EventID(digest: hash.finalize())
  }

  fileprivate var factRejected: String {
    var members: [(String, String)] = [
      ("line", String(line)), ("code", JSONEscapes.quote(rejection.code.rawValue)),
      ("field", JSONEscapes.quote(rejection.field)),
      ("reason", JSONEscapes.quote(rejection.reason)),
    ]
    if let service = rejection.service { members.append(("service", JSONEscapes.quote(service))) }
    return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }
}

extension ParsedEvent {
  func draft(in payloads: UnsafeRawBufferPointer) -> EventDraft {
    var draft = EventDraft(
      id: id, type: type, data: UnsafeRawBufferPointer(rebasing: payloads[data]),
      metadata: UnsafeRawBufferPointer(rebasing: payloads[metadata]), timestamp: timestamp,
      recordedAt: recordedAt)
    draft.knownFingerprint = fingerprint
    return draft
  }

  func denied(to principal: Principal, in payloads: UnsafeRawBufferPointer) -> RejectedLine {
    let denied = PermissionDenied(principal: principal, action: .write, stream: stream)
    return RejectedLine(
      file: file, member: member, line: line,
      rejection: Rejection(denied.code, field: "stream", denied.message),
      bytes: Array(payloads[raw].prefix(RejectsFile.maxLineBytes)))
  }

  func rejected(_ error: StoreError, in payloads: UnsafeRawBufferPointer) -> RejectedLine {
    RejectedLine(
      file: file, member: member, line: line,
      rejection: Rejection(error.code, field: error.field, error.message),
      bytes: Array(payloads[raw].prefix(RejectsFile.maxLineBytes)))
  }
}

extension StoreError {
  /// Whether the error is one event's, so that the rest of a load can go on.
  var isAboutOneEvent: Bool {
    switch self {
    case .streamArchived, .streamDeleted, .eventIDConflict, .eventTooLarge: true
    default: false
    }
  }

  var field: String {
    switch self {
    case .streamArchived, .streamDeleted: "stream"
    case .eventIDConflict: "eventId"
    default: ""
    }
  }
}
