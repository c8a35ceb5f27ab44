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

  /// - Complexity: O(streams), and for a roll-off the rows that stay out of it are not read.
  public func plan(_ snapshot: Snapshot) throws -> ArchivePlan {
    var settings: [SegmentSettings] = []
    var items: [SegmentSettings: [ArchivePlan.Item]] = [:]
    var seen: Set<Int64> = []
    for policy in policies {
      for record in try snapshot.streams(matching: policy.streams)
      where seen.insert(record.id).inserted && record.events > 0 && record.status != .deleted {
        guard let item = try item(for: record, policy, snapshot) else { continue }
        if items[policy.settings] == nil { settings.append(policy.settings) }
        items[policy.settings, default: []].append(item)
      }
    }
    var plan = ArchivePlan()
    for settings in settings { plan.add(items[settings] ?? [], settings) }
    return plan
  }

  /// Cold streams that have nothing left to move: reopened, and without an event since.
  public func closable(_ snapshot: Snapshot) throws -> [StreamName] {
    var seen: Set<Int64> = []
    var names: [StreamName] = []
    for policy in policies {
      for record in try snapshot.streams(matching: policy.streams)
      where seen.insert(record.id).inserted && record.status == .active
        && !record.name.isReserved
      {
        guard let coldAfter = policy.coldAfter, let last = record.lastAt,
          last.microseconds + coldAfter <= now.microseconds,
          try Catalog.archivedThrough(snapshot.db, record.id) == record.events - 1
        else { continue }
        names.append(record.name)
      }
    }
    return names
  }

  /// One stream as a whole, whatever its age.
  public static func plan(
    wholeStream record: StreamRecord, reason: String, settings: SegmentSettings = SegmentSettings(),
    _ snapshot: Snapshot
  ) throws -> ArchivePlan {
    var plan = ArchivePlan()
    let first = try Catalog.archivedThrough(snapshot.db, record.id) + 1
    guard first < record.events else { return plan }
    plan.add(
      [item(record, first: first, last: record.events - 1, isWhole: true, reason: reason)],
      settings)
    return plan
  }

  private func item(
    for record: StreamRecord, _ policy: ArchivePolicy, _ snapshot: Snapshot
  ) throws -> ArchivePlan.Item? {
    let first = try Catalog.archivedThrough(snapshot.db, record.id) + 1
    if record.status == .active, let coldAfter = policy.coldAfter, let last = record.lastAt,
      !record.name.isReserved,
      last.microseconds + coldAfter <= now.microseconds, first < record.events
    {
      return Self.item(
        record, first: first, last: record.events - 1, isWhole: true,
        reason: "no event since \(last.rfc3339)")
    }
    if record.status == .archived, first < record.events {
      return Self.item(
        record, first: first, last: record.events - 1, isWhole: true,
        reason: "archived, with events that are in no segment")
    }
    guard record.status == .active, let keepHot = policy.keepHot else { return nil }
    let cutoff = (now.microseconds - keepHot) / policy.rollOffEvery * policy.rollOffEvery
    let kept = try HotRows.firstRevision(
      snapshot.db, stream: record.id, from: first, notBefore: cutoff)
    // At least one event stays hot, so that the stream's end is always at hand.
    let last = min(kept ?? record.events, record.events - 1) - 1
    guard last >= first else { return nil }
    return Self.item(
      record, first: first, last: last, isWhole: false,
      reason: "older than \(Timestamp(microseconds: cutoff).rfc3339)")
  }

  private static func item(
    _ record: StreamRecord, first: Int64, last: Int64, isWhole: Bool, reason: String
  ) -> ArchivePlan.Item {
    // The envelope of an event line is about 200 bytes.
    let mean = record.bytes / max(record.events, 1) + 200
    return ArchivePlan.Item(
      stream: record.name, streamID: record.id, first: Revision(first), last: Revision(last),
      isWhole: isWhole, rawBytes: (last - first + 1) * mean, reason: reason)
  }
}
