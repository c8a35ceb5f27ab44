internal import Archive
internal import EventStore
internal import Segments
internal import Streams

extension Night {
  mutating func archive(_ options: ArchiveStepOptions) throws -> String {
    try passClock()
    let planner = Planner(policies: options.policies, now: clock)
    let summary = try archiver().run(
      grace: options.grace, copyBudget: options.copyBudget, plan: { try planner.plan($0) },
      stop: stop)
    if !summary.quarantined.isEmpty {
      noteDamage()
      throw ArchiveError.damaged(
        segment: summary.quarantined.joined(separator: ", "), damage: [])
    }
    if summary.wasStopped { throw Stopped() }
    if let incomplete = summary.incompleteness { throw incomplete }
    guard !summary.segments.isEmpty || summary.released > 0 || !summary.copies.isEmpty else {
      return "nothing is cold"
    }
    let head = try context.store.read { try Catalog.chainHead($0.db) }
    return "\(summary.events) events into \(summary.segments.count) segments, "
      + "\(summary.released) rows released" + Self.words(head)
      + summary.unprotected.map { "; archived without parity: \($0)" }.joined()
  }

  private func archiver() -> Archiver {
    let context = context
    return Archiver(
      store: context.store, folder: context.folder, now: now, version: context.version,
      signer: try context.signer())
  }

  private func passClock() throws {
    try ClockCheck(context.store, maxGap: context.clockGap).pass(now, evenSo: context.isClockRight)
  }

  /// Reads segments whole, the longest unverified first, up to a budget a night.
  mutating func verify(megabytes: Int64) throws -> String {
    let report = try SegmentCheck(store: context.store, folder: context.folder)
      .run(level: .full, budgetBytes: megabytes * 1_000_000, now: now, stop: stop)
    guard !report.isDamaged else {
      noteDamage()
      if let problem = report.chainProblems.first { throw ArchiveError.chain(problem: problem) }
      throw ArchiveError.damaged(
        segment: report.damaged.map(\.file).joined(separator: ", "),
        damage: report.damaged.flatMap(\.damage))
    }
    if report.notReached > 0, stop.isMade { throw Stopped() }
    if let unavailability = report.unavailability { throw unavailability }
    return "\(report.checked.count) of \(report.total) segments sound" + Self.words(report.head)
  }

  /// The ledger and whoever gets the night's output keep the head: it tells a rewritten archive.
  private static func words(_ head: ChainHead?) -> String {
    head.map { ", chain head \($0)" } ?? ""
  }

  /// Deletes archived streams whose retention is over, segments of which nothing is left, and what
  /// is left of such streams in segments with others; a tombstone stays of each.
  mutating func retain(_ policies: [ArchivePolicy]) throws -> String {
    try passClock()
    let summary = try Disposal(archiver()).run(policies, dueAt: clock)
    if !summary.damaged.isEmpty {
      noteDamage()
      throw ArchiveError.damaged(segment: summary.damaged.joined(separator: ", "), damage: [])
    }
    guard summary != Disposal.Summary() else { return "nothing is due" }
    return "\(summary.deleted.count) streams deleted, \(summary.retired.count) segments removed, "
      + "\(summary.rewritten.count) rewritten"
      + (summary.postponed.isEmpty ? "" : ", \(summary.postponed.count) left to the next run")
      + (summary.erased.isEmpty ? "" : ", \(summary.erased.count) erasures of users completed")
      + summary.unprotected.map { "; rewritten without parity: \($0)" }.joined()
  }
}
