public import EventStore
public import Streams

/// Decides which archived streams may be deleted.
public struct Retention: Sendable {
  let policies: [ArchivePolicy]
  let now: Timestamp

  public init(policies: [ArchivePolicy], now: Timestamp) {
    self.policies = policies
    self.now = now
  }

  /// Archived streams whose last event is older than `retainFor`, without a legal hold or an open
  /// restore. The first policy that matches a stream's name is the one that counts.
  public func due(_ snapshot: Snapshot) throws -> [StreamName] {
    var due: [StreamName] = []
    try Planner.forEachStream(of: policies, snapshot) { record, policy in
      guard let retainFor = policy.retainFor, record.status == .archived, record.hold == nil,
        record.restoredUntil.map({ $0 <= now }) ?? true,
        let last = record.lastAt, last.microseconds + retainFor <= now.microseconds
      else { return }
      due.append(record.name)
    }
    return due
  }
}
