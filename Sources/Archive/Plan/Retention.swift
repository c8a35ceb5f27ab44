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

  /// What a stream that matches a policy is to be kept for.
  public enum Standing: Sendable, Hashable {
    /// Nothing: it has been due since then.
    case due(since: Timestamp)
    /// The longer of what its policy says now and what was said when it was archived.
    case retained(until: Timestamp)
    case held(reason: String)
    case restored(until: Timestamp)
    /// It takes events, or is deleted already.
    case notArchived
    /// Its policy has no `retainFor`.
    case forEver
  }

  public struct Verdict: Sendable, Hashable {
    public var stream: StreamName
    /// The policy that counts for it, by its glob.
    public var policy: String
    public var standing: Standing
  }

  /// Every stream that matches a policy, with what becomes of it. The first policy that matches a
  /// stream's name is the one that counts.
  public func verdicts(_ snapshot: Snapshot) throws -> [Verdict] {
    var verdicts: [Verdict] = []
    try Planner.forEachStream(of: policies, snapshot) { record, policy in
      verdicts.append(
        Verdict(
          stream: record.name, policy: policy.streams, standing: standing(of: record, policy)))
    }
    return verdicts
  }

  /// Archived streams that nothing has to be kept of any longer.
  public func due(_ snapshot: Snapshot) throws -> [StreamName] {
    try verdicts(snapshot).compactMap { verdict in
      guard case .due = verdict.standing else { return nil }
      return verdict.stream
    }
  }

  private func standing(of record: StreamRecord, _ policy: ArchivePolicy) -> Standing {
    guard record.status == .archived, let last = record.lastAt else { return .notArchived }
    guard let retainFor = policy.retainFor else { return .forEver }
    let said = Timestamp(microseconds: last.microseconds + retainFor)
    let until = max(said, record.retainUntil ?? said)
    guard until <= now else { return .retained(until: until) }
    if let reason = record.hold { return .held(reason: reason) }
    if let restored = record.restoredUntil, restored > now { return .restored(until: restored) }
    return .due(since: until)
  }
}
