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
    var seen: Set<Int64> = []
    var due: [StreamName] = []
    for policy in policies {
      for record in try snapshot.streams(matching: policy.streams)
      where seen.insert(record.id).inserted {
        guard let retainFor = policy.retainFor, record.status == .archived, record.hold == nil,
          record.restoredUntil.map({ $0 <= now }) ?? true,
          let last = record.lastAt, last.microseconds + retainFor <= now.microseconds
        else { continue }
        due.append(record.name)
      }
    }
    return due
  }
}
