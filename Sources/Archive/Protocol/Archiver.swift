public import EventStore
internal import GRDB
public import Segments
public import Streams

/// Moves cold history into segments: plan, write, sync, verify, catalog, release.
///
/// - I1. Every event that was acknowledged is readable, byte for byte, from its row or from a
///   segment that was read back whole after it was synced.
/// - I2. No row goes unless the catalog's row was committed before, in another transaction.
/// - I3. No file under a final name ever changes.
/// - I4. After a crash at any point, running again settles everything: see ``recover()``.
///
/// One archiver at a time, by a lock on the folder.
public struct Archiver: Sendable {
  public let store: EventStore
  public let folder: ArchiveFolder
  /// The time that is recorded and that grace periods are measured at.
  public let now: Timestamp
  /// The version of this software, for the manifest.
  public let version: String
  /// Signs the segments whose policy says so; its key must be one that the store trusts. Asked for
  /// when something is signed: who signs nothing need not be able to read the private key.
  public let signer: @Sendable () throws -> SegmentSigner?
  /// Who archives, and why: for `$audit`.
  public let principal: Principal
  public let reason: String
  /// Called after each step. It may end the process: that is how the tests do it.
  let onStep: @Sendable (ArchiveStep) -> Void

  /// Bytes of older segments that one run gives a copy: 16 GiB.
  public static let copyBudget: Int64 = 16 << 30

  public init(
    store: EventStore, folder: ArchiveFolder, now: Timestamp, version: String,
    signer: @autoclosure @escaping @Sendable () throws -> SegmentSigner? = nil,
    principal: Principal = .system, reason: String = "cold",
    onStep: @escaping @Sendable (ArchiveStep) -> Void = { _ in }
  ) {
    self.store = store
    self.folder = folder
    self.now = now
    self.version = version
    self.signer = signer
    self.principal = principal
    self.reason = reason
    self.onStep = onStep
  }

  /// What a run did.
  public struct Summary: Sendable, Hashable {
    public var segments: [String] = []
    public var events: Int64 = 0
    public var rawBytes: Int64 = 0
    public var bytes: Int64 = 0
    public var released: Int64 = 0
    /// Where new segments went beside the archive folder, or instead of it.
    public var copies: [String] = []
    /// Segments that failed a check; nothing of them was released.
    public var quarantined: [String] = []
    /// Segments that are archived without the parity their policy asks for, and why.
    public var unprotected: [String] = []
    /// Copies of older segments that were left to later runs, as this one's budget was used up.
    public var copiesLeft = 0
    /// Streams that were not begun, by the target that is away.
    public var deferred: [String: Int] = [:]
    /// What could not be done, while all else was.
    public var problems: [Problem] = []
    /// It was asked to stop before all was done; running again goes on.
    public var wasStopped = false
    public init() {}
  }

  /// Completes what a crash left, archives what `plan` finds cold, gives older segments the mirror
  /// copies that the plan asks for, and releases the rows whose grace period (µs) is over.
  ///
  /// What goes wrong with one segment or one target is told in ``Summary/problems`` and stops no
  /// other; its rows are as they were, and a later run goes on.
  ///
  /// - Parameters:
  ///   - releasingOnlyNew: leaves the rows of segments of earlier runs, whose grace period is
  ///     somebody else's to say.
  ///   - copyBudget: stops giving older segments a copy once this many bytes were written; at least
  ///     one is.
  ///   - stop: asked before each segment that would be made or released.
  ///   - progress: bytes of event lines done and to do.
  /// - Throws: ``ArchiveError`` `.locked`, `.folder`, ``TargetError`` `.invalidAddress`,
  ///   `.noCredentials`, `SegmentError`, `StoreError`, before anything is begun.
  public func run(
    grace: Int64, releasingOnlyNew: Bool = false, copyBudget: Int64 = Self.copyBudget,
    plan: (Snapshot) throws -> ArchivePlan, stop: StopRequest = .never,
    progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
  ) throws -> Summary {
    try folder.check(try store.read { try Catalog.files($0.db) })
    return try folder.withLock(for: store) {
      var summary = Summary()
      let isSettled = try attempt(nil, &summary) { try recover(&$0) }
      guard isSettled else { return summary }
      let plan = try store.read(plan)
      for segment in plan.segments {
        _ = try signer(for: segment.settings)
        try folder.check(segment.settings)
      }
      let missing = try store.read { try missingMirrors(plan, $0) }
      for item in plan.closing { try close(item) }
      guard try archive(plan, &summary, stop, progress) else { return summary }
      if !stop.isMade { try copy(missing, budget: copyBudget, &summary) }
      try release(
        grace: grace, only: releasingOnlyNew ? Set(summary.segments) : nil, stop, &summary)
      return summary
    }
  }

  /// - Returns: false when a job is left that must be completed before there can be another.
  private func archive(
    _ plan: ArchivePlan, _ summary: inout Summary, _ stop: StopRequest,
    _ progress: (Int64, Int64) -> Void
  ) throws -> Bool {
    var done: Int64 = 0
    for segment in plan.segments {
      if stop.isMade {
        summary.wasStopped = true
        break
      }
      if let away = try awayTarget(of: segment.settings, summary) {
        summary.deferred[away, default: 0] += segment.items.count
      } else {
        let isSettled = try attempt(nil, &summary) { summary in
          let job = try begin(segment)
          try write(job)
          try adopt(job, &summary)
        }
        guard isSettled else { return false }
      }
      done += segment.rawBytes
      progress(done, plan.rawBytes)
    }
    return true
  }

  /// P0: nothing but a row says so yet.
  private func begin(_ segment: ArchivePlan.Segment) throws -> ArchiveJob {
    let ranges = segment.items.map(JobRange.init)
    let job = try store.write { db in
      for item in segment.items
      where try Catalog.holds(
        db, stream: item.streamID, revisions: item.first.rawValue...item.last.rawValue)
      {
        throw ArchiveError.overlap(stream: item.stream, revision: item.first)
      }
      let archiveSeq = try (Catalog.head(db)?.archiveSeq ?? 0) + 1
      let name = try ArchiveJob.name(db, of: ranges, archiveSeq: archiveSeq, storeID: store.id)
      // From the job's row on, a file of this name counts as its own: a stranger's must not.
      guard !home(of: segment.settings).has(name.relativePath) else {
        throw SegmentError.alreadyExists(segment: name.relativePath)
      }
      let job = ArchiveJob(
        archiveSeq: archiveSeq, name: name, ranges: ranges, settings: segment.settings,
        startedAt: now)
      try job.insert(db)
      return job
    }
    onStep(.sealed)
    return job
  }

  /// P5 to P7, and the end of a staged file, for a file that has its final name.
  func adopt(_ job: ArchiveJob, _ summary: inout Summary) throws {
    let segment = try verify(job)
    onStep(.verified)
    protect(job, &summary)
    let copies = try copy(job, segment, &summary)
    onStep(.copied)
    try record(job, segment, copies)
    onStep(.archived)
    try removeStaged()
    summary.segments.append(segment.name.relativePath)
    summary.events += segment.events
    summary.rawBytes += segment.rawBytes
    summary.bytes += segment.bytes
    summary.note(copies, of: segment.name.relativePath)
  }

  /// P7: the catalog's rows and the streams' states, in one transaction. The job stays while a copy
  /// is owed.
  private func record(
    _ job: ArchiveJob, _ segment: VerifiedSegment, _ copies: [CatalogCopy]
  ) throws {
    let target = try job.settings.target.map { try folder.targets.address($0) }
    let isComplete = copies.count == job.settings.places.count
    try store.transaction(now: now) { transaction in
      try SigningKeys.checkInUse(transaction.db, segment.manifest.signingKey)
      try Catalog.insert(
        transaction.db, segment, ranges: job.ranges, target: target, copies: copies, at: now)
      for range in job.ranges { try range.recordRetention(transaction.db) }
      for range in job.ranges where range.isWhole {
        try close(range, file: segment.name.relativePath, &transaction)
      }
      try transaction.audit(
        "SegmentArchived",
        fields: [
          ("segment", segment.name.relativePath),
          ("archiveSeq", String(segment.manifest.archiveSeq)),
          ("events", String(segment.events)),
          ("manifestSHA256", segment.manifestSHA256.description), ("reason", reason),
        ], by: principal)
      if isComplete { try ArchiveJob.delete(transaction.db, job.archiveSeq) }
    }
  }

  /// A cold stream whose every revision is in a segment already.
  private func close(_ item: ArchivePlan.Item) throws {
    try store.transaction(now: now) { transaction in
      try close(JobRange(item), file: nil, &transaction)
    }
  }

  /// Makes a stream read-only, unless it has got new events since it was planned.
  private func close(
    _ range: JobRange, file: String?, _ transaction: inout AppendTransaction
  ) throws {
    let name = try String.fetchOne(
      transaction.db,
      sql: """
        UPDATE streams SET status = 'archived' WHERE id = ? AND events = ? AND status = 'active'
        RETURNING name
        """, arguments: [range.stream, range.last + 1])
    guard let name else { return }
    try transaction.audit(
      "StreamArchived",
      fields: [("name", name)] + (file.map { [("segment", $0)] } ?? []) + [("reason", reason)],
      by: principal)
  }
}
