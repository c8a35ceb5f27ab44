internal import EventStore
internal import Streams

/// The streams that somebody may write to, each looked up once in a transaction.
struct WriteRights {
  private let principal: Principal
  private let snapshot: Snapshot
  private var known: [StreamName: Bool] = [:]
  /// Lines of one stream often follow one another.
  private var last: (stream: StreamName, isAllowed: Bool)?

  init(of principal: Principal, _ snapshot: Snapshot) {
    self.principal = principal
    self.snapshot = snapshot
  }

  mutating func allow(_ stream: StreamName) throws -> Bool {
    if let last, last.stream == stream { return last.isAllowed }
    let isAllowed = try known[stream] ?? look(up: stream)
    last = (stream, isAllowed)
    return isAllowed
  }

  private mutating func look(up stream: StreamName) throws -> Bool {
    let isAllowed = Rights.allow(
      principal, to: .write, stream, permissions: try snapshot.permissions(of: stream))
    known[stream] = isAllowed
    return isAllowed
  }
}
