public import Archive
public import EventStore
internal import Foundation
internal import GRDB
internal import Glibc
internal import Reports
internal import Segments
public import Streams

/// Looks at everything that can go wrong before it does, and says what to do.
public struct Doctor: Sendable {
  public struct Finding: Sendable, Hashable {
    public enum Grade: String, Sendable { case good, note, problem, damage }

    public var check: String
    public var grade: Grade
    public var says: String
    public var remedy: String?
  }

  let store: EventStore
  let folder: ArchiveFolder
  let policies: [ArchivePolicy]

  /// - Parameter policies: those that streams are archived by, where they are known.
  public init(store: EventStore, folder: ArchiveFolder, policies: [ArchivePolicy] = []) {
    self.store = store
    self.folder = folder
    self.policies = policies
  }

  /// All checks; the segments are looked at without reading every byte.
  public func examine(now: Timestamp) throws -> [Finding] {
    [
      try storeFinding(), try countsFinding(), try catalogFinding(), try segmentsFinding(now),
      try targetsFinding(), try jobsFinding(), try sealsFinding(), try removalsFinding(),
      try erasuresFinding(), try deliveriesFinding(now), diskFinding(), try nightsFinding(now),
      cronFinding(),
    ].compactMap { $0 }
  }

  private func storeFinding() throws -> Finding {
    let problems = try store.integrityProblems()
    guard let first = problems.first else {
      return Finding(check: "store", grade: .good, says: "\(store.path) is sound")
    }
    return Finding(
      check: "store", grade: .damage, says: "SQLite finds damage: \(first)",
      remedy: "Keep a copy of the file; archived history is in the segments.")
  }

  /// The counts kept with every append against the rows and the catalog.
  private func countsFinding() throws -> Finding {
    let wrong = try store.read { snapshot in
      try snapshot.streams().filter { record in
        guard record.status != .deleted else { return false }
        let counted = try snapshot.dayCounts(of: record.id).reduce(0) { $0 + $1.events }
        let rows = try snapshot.hotCount(of: record.id)
        return counted != record.events - record.firstRevision || rows != record.hotEvents
      }
    }
    guard let first = wrong.first else {
      return Finding(check: "counts", grade: .good, says: "every stream has all its revisions")
    }
    return Finding(
      check: "counts", grade: .damage,
      says: "\(wrong.count) streams do not have the events they should, as \(first.name)",
      remedy: "Restore the store from a backup, then run 'rookery segments verify'.")
  }

  /// Revisions that were released must be in a segment of the catalog, without a gap.
  private func catalogFinding() throws -> Finding {
    let gaps = try store.read { snapshot in
      try snapshot.streams().filter { record in
        guard record.prunedTo >= record.firstRevision, record.status != .deleted else {
          return false
        }
        var next: Int64 = 0
        for range in try Catalog.ranges(snapshot.db, of: record.id) where range.first == next {
          next = range.last + 1
        }
        return next <= record.prunedTo
      }
    }
    guard let first = gaps.first else {
      return Finding(check: "catalog", grade: .good, says: "it covers every released revision")
    }
    return Finding(
      check: "catalog", grade: .damage,
      says: "\(gaps.count) streams have revisions in no segment, as \(first.name)",
      remedy: "Put missing segments back and run 'rookery archive reindex'.")
  }

  private func segmentsFinding(_ now: Timestamp) throws -> Finding {
    let report = try SegmentCheck(store: store, folder: folder).run(level: .index, now: now)
    if let reason = report.places.first(where: { $0.address == folder.path })?.reason {
      return Finding(
        check: "segments", grade: .problem, says: reason,
        remedy: "Mount the disk; do not archive or repair anything meanwhile.")
    }
    // What can't be asked at a target now is told with the targets.
    if let damaged = report.damaged.first,
      let copy = damaged.copies.first(where: { !$0.damage.isEmpty }), let damage = copy.damage.first
    {
      return Finding(
        check: "segments", grade: .damage,
        says: "\(report.damaged.count) of \(report.total) are damaged: \(damaged.file) at "
          + "\(copy.address), \(damage)",
        remedy: "Run 'rookery segments repair'; it says what can't be healed.")
    }
    if let problem = report.chainProblems.first {
      return Finding(
        check: "segments", grade: .damage, says: "the chain does not close: \(problem)",
        remedy: "Compare with a second copy of the archive.")
    }
    let quarantined = try store.read { try Catalog.living($0.db) }.filter {
      $0.state == .quarantined
    }
    if let first = quarantined.first {
      return Finding(
        check: "segments", grade: .damage,
        says: "\(quarantined.count) are quarantined: \(first.file)",
        remedy: "Run 'rookery segments repair'; \(try rowsLeft(of: first)).")
    }
    if let finding = try deletedFinding() { return finding }
    if let orphan = report.orphans.first {
      return Finding(
        check: "segments", grade: .note,
        says: "\(report.orphans.count) files are not in the catalog, as \(orphan)",
        remedy: "They are left alone. Move them away once you know where they are from.")
    }
    return Finding(
      check: "segments", grade: .good, says: "\(report.total) have their place in the chain")
  }

  /// What is true of the rows of a segment that failed its check: how many are still there.
  private func rowsLeft(of entry: CatalogEntry) throws -> String {
    try store.read { snapshot in
      var (rows, events): (Int64, Int64) = (0, 0)
      for range in try Catalog.ranges(snapshot.db, in: entry.archiveSeq) {
        let record = try snapshot.stream(numbered: range.stream)
        guard record.status != .deleted else { continue }
        events += range.last - range.first + 1
        rows += max(0, range.last - max(range.first - 1, record.prunedTo))
      }
      return switch rows {
      case 0: "its rows are gone, what it holds is in its copies alone"
      case events: "its rows stay till then"
      default: "\(rows) of its \(events) rows are still there and stay till then"
      }
    }
  }

  /// Events of deleted streams that are still in a file.
  private func deletedFinding() throws -> Finding? {
    let parts = try store.read { try Catalog.partlyDeleted($0) }.filter { $0.hold == nil }
    guard let first = parts.first else { return nil }
    let streams = parts.reduce(0) { $0 + $1.deleted.count }
    return Finding(
      check: "segments", grade: .note,
      says: "\(streams) deleted streams still have events in \(parts.count) segments that hold "
        + "others as well, as \(first.file)",
      remedy: "They are not served; the next run of the 'retention' step takes them out.")
  }

  /// Deleted streams whose rows are not all gone; nil where there are none.
  private func removalsFinding() throws -> Finding? {
    let names = try store.pendingRemovals()
    guard let first = names.first else { return nil }
    return Finding(
      check: "removals", grade: .note,
      says: "\(names.count) deleted streams still have rows, as \(first)",
      remedy: "They are not served; the next run of the 'retention' step removes them.")
  }

  /// Whether every target answers and has what the catalog says it has; nil when none is in use.
  private func targetsFinding() throws -> Finding? {
    if let finding = policiesFinding() { return finding }
    let copies = try store.read { snapshot in
      try Catalog.entries(snapshot.db).flatMap { entry in
        try Catalog.copies(snapshot.db, of: entry.archiveSeq).map { ($0.target, entry.file) }
      }
    }
    let places = Dictionary(grouping: copies, by: \.0).sorted { $0.key < $1.key }
    for (address, copies) in places {
      do {
        let there = Set(try folder.targets.target(address).names())
        guard let missing = copies.first(where: { !there.contains($0.1) }) else { continue }
        return Finding(
          check: "targets", grade: .damage, says: "\(missing.1) is not at \(address) any more",
          remedy: "Put it back from another copy; do not delete anything meanwhile.")
      } catch {
        return Finding(
          check: "targets", grade: .problem, says: error.message, remedy: error.remedy)
      }
    }
    guard !places.isEmpty else { return nil }
    return Finding(
      check: "targets", grade: .good,
      says: "\(places.count) in use, each answers and has its segments")
  }

  /// A policy that can't be followed, as its copies would be in one place; nil when all can.
  private func policiesFinding() -> Finding? {
    for policy in policies {
      do {
        try folder.check(policy.settings)
      } catch {
        return Finding(
          check: "targets", grade: .problem, says: error.message, remedy: error.remedy)
      }
    }
    return nil
  }

  /// Segments that wait for a copy, and the targets that owe it; nil when none does.
  private func jobsFinding() throws -> Finding? {
    let jobs = try store.read { try PendingJob.all($0, folder.targets) }
    guard !jobs.isEmpty else { return nil }
    let parts = jobs.prefix(5).map { job in
      "\(job.file) at \(job.targets.joined(separator: " and ")) since \(job.startedAt.rfc3339)"
    }
    return Finding(
      check: "jobs", grade: .problem,
      says: "\(jobs.count) \(jobs.count == 1 ? "segment waits" : "segments wait") for a copy: "
        + parts.joined(separator: ", ") + (jobs.count > 5 ? " and others" : ""),
      remedy: "Check the target; the next archive run goes on. Their rows stay till then.")
  }

  /// Users who are not erased yet, though that was begun; nil when there are none.
  private func erasuresFinding() throws -> Finding? {
    let pending = try store.pendingErasures()
    guard let first = pending.first else { return nil }
    let isWaiting = pending.allSatisfy { $0.waitingSince != nil }
    return Finding(
      check: "erasures", grade: isWaiting ? .note : .problem,
      says: "\(pending.count) \(pending.count == 1 ? "user is" : "users are") not erased yet, as "
        + "\(first.user), begun at \(first.startedAt.rfc3339)"
        + (isWaiting ? ": copies of segments are at targets still" : ""),
      remedy: isWaiting
        ? "The 'retention' step deletes them as soon as the targets let it."
        : "Run 'rookery user forget' again; it goes on.")
  }

  private func diskFinding() -> Finding {
    var status = statvfs()
    guard statvfs(store.path, &status) == 0 else {
      return Finding(
        check: "disk", grade: .problem, says: "free space can't be read",
        remedy: "Check the mount of \(store.path).")
    }
    let free = Int64(status.f_bavail) * Int64(status.f_frsize)
    let used =
      (try? FileManager.default.attributesOfItem(atPath: store.path)[.size] as? Int64)
      ?? 0
    let says = "\(free / 1_000_000) MB free, the store has \(used / 1_000_000) MB"
    // An archive run needs room for a segment beside the rows it replaces.
    guard free > max(used, 512_000_000) else {
      return Finding(
        check: "disk", grade: .problem, says: says,
        remedy: "Free some space, or archive sooner: a full disk stops every append.")
    }
    return Finding(check: "disk", grade: .good, says: says)
  }

  private func nightsFinding(_ now: Timestamp) throws -> Finding {
    guard let last = try RunLedger(store).runs(limit: 1).first else {
      return Finding(
        check: "nights", grade: .note, says: "no pipeline has run yet",
        remedy: "Run 'rookery run pipelines/nightly.yaml'.")
    }
    let says = "the last run, of \(last.pipeline) for \(last.date), is \(last.result.rawValue)"
    if last.result == .running, PipelineLock.isFree(store.path) {
      return Finding(
        check: "nights", grade: .problem, says: says + ", but its process is gone",
        remedy: "Run it again: what it had begun is completed.")
    }
    let age = now.microseconds - last.startedAt.microseconds
    if last.result == .failed || last.result == .interrupted {
      return Finding(
        check: "nights", grade: .problem, says: says, remedy: "See 'rookery runs'; run it again.")
    }
    guard age < 2 * Timestamp.microsecondsPerDay else {
      return Finding(
        check: "nights", grade: .problem, says: says + ", more than two days ago",
        remedy: "Check cron; the missed nights are caught up by the next run.")
    }
    return Finding(check: "nights", grade: .good, says: says)
  }

  /// Whether something starts the nightly job.
  private func cronFinding() -> Finding {
    let places = [
      "/etc/crontab", "/etc/cron.d/rookery", "/var/spool/cron/crontabs/\(NSUserName())",
      "/etc/systemd/system/rookery-nightly.timer",
    ]
    let found = places.first { place in
      guard let data = FileManager.default.contents(atPath: place) else { return false }
      let text = String(decoding: data, as: UTF8.self)
      return text.contains("cron/nightly") || text.contains("rookery-nightly")
    }
    if let found {
      return Finding(check: "cron", grade: .good, says: "the nightly job is in \(found)")
    }
    return Finding(
      check: "cron", grade: .note, says: "no cron entry or timer for the nightly job was found",
      remedy: "See cron/rookery.crontab and cron/rookery-nightly.timer.")
  }
}
