public import EventStore
internal import GRDB
public import Streams

/// Decides what is cold.
public struct Planner: Sendable {
  /// The first policy that matches a stream's name is the one that counts.
  public var policies: [ArchivePolicy]
  /// The time that ages are measured at.
  public var now: Timestamp

  public init(policies: [ArchivePolicy], now: Timestamp) {
    self.policies = policies
    self.now = now
  }

  /// What becomes of one stream.
  private enum Verdict {
    case moves(ArchivePlan.Item)
    case closes(ArchivePlan.Item)
    case waits(WaitingStream.Reason)
  }

  /// - Complexity: O(streams), and for a roll-off the rows that stay out of it are not read.
  public func plan(_ snapshot: Snapshot) throws -> ArchivePlan {
    var plan = ArchivePlan()
    var settings: [SegmentSettings] = []
    var items: [SegmentSettings: [ArchivePlan.Item]] = [:]
    var mirrored: [Int64: ArchivePolicy] = [:]
    let pending = try ArchiveJob.pendingRanges(snapshot)
    try Self.forEachStream(of: policies, snapshot) { record, policy in
      if policy.mirror != nil, record.status != .deleted { mirrored[record.id] = policy }
      guard record.events > 0, record.status != .deleted, record.firstRevision == 0 else { return }
      let first = try Self.firstLeft(of: record, pending, snapshot)
      switch try verdict(on: record, policy, from: first, snapshot) {
      case .moves(let item):
        let made = policy.settings.encrypting(item)
        if items[made] == nil { settings.append(made) }
        items[made, default: []].append(item)
      case .closes(let item):
        plan.closing.append(item)
      case .waits(let reason):
        plan.waiting.append(
          WaitingStream(stream: record.name, policy: policy.streams, reason: reason))
      }
    }
    for settings in settings { plan.add(items[settings] ?? [], settings) }
    if !mirrored.isEmpty { plan.mirrors = try Self.mirrors(of: mirrored, snapshot) }
    return plan
  }

  /// What segments hold of streams whose policies ask for a mirror.
  private static func mirrors(
    of policies: [Int64: ArchivePolicy], _ snapshot: Snapshot
  ) throws -> [ArchivePlan.Mirror] {
    let rows = try Row.fetchCursor(
      snapshot.db,
      sql: """
        SELECT archive_seq, file, bytes, stream FROM segments JOIN segment_ranges USING (archive_seq)
        WHERE retired IS NULL AND state <> 'quarantined' ORDER BY archive_seq, stream_index
        """)
    var mirrors: [ArchivePlan.Mirror] = []
    while let row = try rows.next() {
      guard let policy = policies[row["stream"]], let address = policy.mirror else { continue }
      let archiveSeq: Int64 = row["archive_seq"]
      // The streams of one segment stand together.
      let isKnown = mirrors.reversed().prefix { $0.archiveSeq == archiveSeq }
        .contains { $0.address == address }
      guard !isKnown else { continue }
      mirrors.append(
        ArchivePlan.Mirror(
          archiveSeq: archiveSeq, file: row["file"], bytes: row["bytes"], address: address,
          policy: policy.streams))
    }
    return mirrors
  }

  /// Calls `body` with each stream that matches a policy, once, with the first one that it matches.
  static func forEachStream(
    of policies: [ArchivePolicy], _ snapshot: Snapshot,
    _ body: (StreamRecord, ArchivePolicy) throws -> Void
  ) throws {
    var seen: Set<Int64> = []
    for policy in policies {
      for record in try snapshot.streams(matching: policy.streams)
      where seen.insert(record.id).inserted {
        try body(record, policy)
      }
    }
  }

  /// The first of `policies` that matches a stream's name: the one that counts.
  public static func policy(
    for stream: StreamName, in policies: [ArchivePolicy], _ snapshot: Snapshot
  ) throws -> ArchivePolicy? {
    try policies.first { policy in
      try Bool.fetchOne(
        snapshot.db, sql: "SELECT ? GLOB ?", arguments: [stream.rawValue, policy.streams]) ?? false
    }
  }

  /// One stream as a whole, whatever its age.
  ///
  /// - Parameter policy: what its segments are like, and how long it is kept.
  public static func plan(
    wholeStream record: StreamRecord, reason: String, policy: ArchivePolicy? = nil,
    _ snapshot: Snapshot
  ) throws -> ArchivePlan {
    var plan = ArchivePlan()
    let first = try firstLeft(of: record, try ArchiveJob.pendingRanges(snapshot), snapshot)
    guard first < record.events else { return plan }
    let item = item(record, first..<record.events, isWhole: true, .ordered(reason), policy)
    plan.add([item], (policy?.settings ?? SegmentSettings()).encrypting(item))
    return plan
  }

  /// The first revision that is in no segment, nor in the one that a killed run had begun.
  private static func firstLeft(
    of record: StreamRecord, _ pending: [JobRange], _ snapshot: Snapshot
  ) throws -> Int64 {
    let archived = try Catalog.archivedThrough(snapshot.db, record.id)
    let begun = pending.filter { $0.stream == record.id }.map(\.last).max() ?? -1
    return max(archived, begun) + 1
  }

  private func verdict(
    on record: StreamRecord, _ policy: ArchivePolicy, from first: Int64, _ snapshot: Snapshot
  ) throws -> Verdict {
    let rest = first..<max(record.events, first)
    if record.status == .archived {
      guard !rest.isEmpty else { return .waits(.done) }
      return .moves(Self.item(record, rest, isWhole: true, .unfinished, policy))
    }
    if let cold = coldness(of: record, policy) {
      let item = Self.item(record, rest, isWhole: true, cold, policy)
      return rest.isEmpty ? .closes(item) : .moves(item)
    }
    guard let keepHot = policy.keepHot else { return .waits(stillness(of: record, policy)) }
    let cutoff = (now.microseconds - keepHot) / policy.rollOffEvery * policy.rollOffEvery
    let before = Timestamp(microseconds: cutoff)
    let kept = try HotRows.firstRevision(
      snapshot.db, stream: record.id, from: first, notBefore: cutoff)
    // At least one event stays hot, so that the stream's end is always at hand.
    let end = min(kept ?? record.events, record.events - 1)
    guard end > first else { return .waits(.noneOld(before: before)) }
    return .moves(
      Self.item(
        record, first..<end, isWhole: false, .old(before: before, keepHot: keepHot),
        policy))
  }

  /// Why a stream is cold as a whole; nil while it is not.
  private func coldness(of record: StreamRecord, _ policy: ArchivePolicy) -> ColdReason? {
    guard let coldAfter = policy.coldAfter, let last = record.lastAt, !record.name.isReserved,
      last.microseconds + coldAfter <= now.microseconds
    else { return nil }
    return .cold(
      lastAt: last, age: now.microseconds - last.microseconds, coldAfter: coldAfter)
  }

  private func stillness(
    of record: StreamRecord, _ policy: ArchivePolicy
  ) -> WaitingStream.Reason {
    guard let coldAfter = policy.coldAfter, let last = record.lastAt, !record.name.isReserved else {
      return .neverCold
    }
    return .young(
      lastAt: last, coldAt: Timestamp(microseconds: last.microseconds + coldAfter))
  }

  private static func item(
    _ record: StreamRecord, _ revisions: Range<Int64>, isWhole: Bool, _ reason: ColdReason,
    _ policy: ArchivePolicy? = nil
  ) -> ArchivePlan.Item {
    let retainUntil = record.lastAt.flatMap { last in
      policy?.retainFor.map { Timestamp(microseconds: last.microseconds + $0) }
    }
    // The envelope of an event line is about 200 bytes.
    let mean = record.bytes / max(record.events, 1) + 200
    return ArchivePlan.Item(
      stream: record.name, streamID: record.id, first: Revision(revisions.lowerBound),
      last: Revision(revisions.upperBound - 1), isWhole: isWhole,
      rawBytes: Int64(revisions.count) * mean, reason: reason, policy: policy?.streams,
      retainUntil: retainUntil, isSealed: record.staysSealed)
  }
}

extension SegmentSettings {
  /// A sealed stream's segments are encrypted, whatever its policy says.
  fileprivate func encrypting(_ item: ArchivePlan.Item) -> SegmentSettings {
    var settings = self
    if item.isSealed { settings.isEncrypted = true }
    return settings
  }
}
