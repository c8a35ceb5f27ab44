internal import EventStore
internal import GRDB
internal import Segments
public import Streams

/// Deletes what nobody has to keep any longer: archived streams whose retention is over, then the
/// files of segments in which every stream is deleted, and the events of deleted streams in segments
/// that hold others as well: those are rewritten without them.
///
/// - I1. A stream is deleted only after every segment that holds it was read whole and found sound
///   in this run: damage is found while what it could be compared with is still there.
/// - I2. A file goes only after the transaction that retires its segment, and never under a hold.
/// - I3. A retired segment's row, ranges and manifest stay: the chain closes, and it can be said
///   what was where.
/// - I4. After a crash at any point, running again completes everything.
/// - I5. A copy that a lock keeps at a target goes in the first run after the lock has ended; erasures
///   that waited for it are done then.
/// - I6. A segment that is held, or has a deleted stream that is held, stays as it is.
///
/// One at a time with the archiver, by the lock on the folder.
public struct Disposal: Sendable {
  /// Bytes of segments that one run rewrites at most, though always one: the others wait for the
  /// next, so that a night does not get longer than it may. 1 GiB takes a few minutes.
  public static let rewriteBytes: Int64 = 1 << 30

  /// Where, when and in whose name; it signs what takes the place of a signed segment.
  private let archiver: Archiver
  private let rewriteBytes: Int64
  /// Called after each step. It may end the process: that is how the tests do it.
  private let onStep: @Sendable (DisposalStep) -> Void

  private var store: EventStore { archiver.store }
  private var folder: ArchiveFolder { archiver.folder }
  private var now: Timestamp { archiver.now }
  private var principal: Principal { archiver.principal }

  public init(
    _ archiver: Archiver, rewriteBytes: Int64 = Self.rewriteBytes,
    onStep: @escaping @Sendable (DisposalStep) -> Void = { _ in }
  ) {
    self.archiver = archiver
    self.rewriteBytes = rewriteBytes
    self.onStep = onStep
  }

  /// What a run did.
  public struct Summary: Sendable, Hashable {
    public var deleted: [StreamName] = []
    /// Files of segments that are gone, relative to the archive folder.
    public var retired: [String] = []
    /// Segments that were rewritten without the streams deleted: what they were called before.
    public var rewritten: [String] = []
    /// Rewritten segments that have no parity now, though the old ones had, and why.
    public var unprotected: [String] = []
    /// Segments that are left to the next run: the rewrites of this one have been enough, or a target
    /// is away.
    public var postponed: [String] = []
    /// Segments that failed their check, and are quarantined: no stream in them was deleted.
    public var damaged: [String] = []
    /// Users whose erasure waited for copies at targets, and is done now: the last one is gone.
    public var erased: [String] = []
    public init() {}
  }

  /// Deletes every stream that is due by `policies`.
  ///
  /// - Parameters:
  ///   - reason: for the tombstones and `$audit`.
  ///   - clock: the time at which a stream must have been due; now, or earlier.
  /// - Throws: ``ArchiveError`` `.locked`, `.folder`; `StoreError`; what a rewrite throws. What was
  ///   done stays done.
  public func run(
    _ policies: [ArchivePolicy], reason: String = "retention is over", dueAt clock: Timestamp? = nil
  ) throws -> Summary {
    try begin { summary, checks in
      let due = try store.read {
        try Retention(policies: policies, now: min(clock ?? now, now)).due($0)
      }
      for name in due where try checks.areSound(segments(of: name), &summary) {
        try store.delete(name, by: principal, reason: reason, now: now)
        onStep(.deleted)
        summary.deleted.append(name)
      }
    }
  }

  /// Deletes one archived stream.
  ///
  /// - Parameter early: before the time that its policies said when it was archived.
  /// - Throws: as ``run(_:reason:dueAt:)``; `StoreError` `.onHold`, `.retained`, `.restored`,
  ///   `.illegalTransition`; ``ArchiveError`` `.damaged` when a segment that holds it is not sound.
  public func delete(_ name: StreamName, reason: String, early: Bool = false) throws -> Summary {
    try begin { summary, checks in
      guard try checks.areSound(segments(of: name), &summary) else {
        if let file = summary.postponed.first, summary.damaged.isEmpty {
          throw SegmentError.unavailable(segment: file, reason: "its target is away")
        }
        throw ArchiveError.damaged(segment: summary.damaged.joined(separator: ", "), damage: [])
      }
      try store.delete(name, by: principal, reason: reason, early: early, now: now)
      onStep(.deleted)
      summary.deleted.append(name)
    }
  }

  private func begin(
    _ deleteStreams: (inout Summary, inout DisposalChecks) throws -> Void
  ) throws -> Summary {
    try folder.check(try store.read { try Catalog.files($0.db) })
    return try folder.withLock(for: store) {
      var summary = Summary()
      var checks = DisposalChecks(store, folder)
      // What a run that was killed has left.
      try store.removeDeletedRows()
      for entry in try files.pending() { try remove(entry) }
      summary.erased = try archiver.endErasures()
      try deleteStreams(&summary, &checks)
      for entry in try store.read({ try Catalog.disposable($0) })
      where try checks.areSound([entry], &summary) {
        onStep(.verified)
        guard try retire(entry) else { continue }
        try remove(entry)
        summary.retired.append(entry.file)
      }
      try rewriteSegments(&summary, &checks)
      return summary
    }
  }

  private var rewrite: SegmentRewrite {
    SegmentRewrite(archiver: archiver, onStep: { onStep(.rewriting($0)) })
  }

  /// Takes deleted streams out of the segments they share with others, oldest first.
  private func rewriteSegments(_ summary: inout Summary, _ checks: inout DisposalChecks) throws {
    let parts = try store.read { try Catalog.partlyDeleted($0) }.filter { $0.hold == nil }
    guard !parts.isEmpty else { return }
    // The new segments go to the end of the chain: what was begun before has its place there.
    var begun = Archiver.Summary()
    try archiver.recover(&begun)
    var bytes: Int64 = 0
    for part in parts {
      guard let entry = try store.read({ try Catalog.entry($0.db, part.archiveSeq) }) else {
        continue
      }
      guard bytes == 0 || bytes + entry.bytes <= rewriteBytes else {
        summary.postponed.append(entry.file)
        continue
      }
      bytes += entry.bytes
      guard try checks.areSound([entry], &summary) else { continue }
      do {
        let unprotected = try rewrite.rewrite(
          entry, erasing: Set(part.deleted.map(\.stream)), reason: "streams were deleted")
        if let unprotected { summary.unprotected.append(unprotected) }
        summary.rewritten.append(entry.file)
      } catch StoreError.onHold {
        // Placed while it was rewritten: it stays as it is.
        continue
      }
    }
  }

  private func segments(of name: StreamName) throws -> [CatalogEntry] {
    try store.read { snapshot in
      let record = try snapshot.readableStream(name)
      return try Set(Catalog.ranges(snapshot.db, of: record.id).map(\.archiveSeq)).sorted()
        .compactMap { try Catalog.entry(snapshot.db, $0) }
    }
  }

  /// Says that a segment has no file, before that is so.
  ///
  /// - Returns: false when a hold was placed meanwhile.
  private func retire(_ entry: CatalogEntry) throws -> Bool {
    let isRetired = try store.transaction(now: now) { transaction in
      let snapshot = transaction.snapshot(of: store)
      guard try Catalog.isDisposable(entry.archiveSeq, snapshot) else { return false }
      try Catalog.retire(transaction.db, entry.archiveSeq, .deleted)
      try transaction.audit(
        "SegmentRetired",
        fields: [
          ("segment", entry.file), ("archiveSeq", String(entry.archiveSeq)),
          ("manifestSHA256", entry.manifestSHA256),
          ("reason", "every stream in it is deleted"),
        ], by: principal)
      return true
    }
    onStep(.retired)
    return isRetired
  }

  private func remove(_ entry: CatalogEntry) throws {
    try files.remove(entry)
    onStep(.removed)
  }

  private var files: RetiredFiles { RetiredFiles(store: store, folder: folder, now: now) }
}

/// The steps of a disposal; a crash right after any of them loses nothing that must be kept.
public enum DisposalStep: Hashable, Sendable {
  /// A stream has become a tombstone.
  case deleted
  /// A segment in which every stream is deleted was read whole and found sound.
  case verified
  /// The catalog says that it has no file.
  case retired
  /// The file is gone, durably.
  case removed
  /// A step of the rewrite of a segment that holds other streams, too.
  case rewriting(RewriteStep)
}

/// Full checks, one a segment and run.
struct DisposalChecks {
  private let store: EventStore
  private let check: RestoreCheck
  private var known: [Int64: Bool] = [:]

  init(_ store: EventStore, _ folder: ArchiveFolder) {
    self.store = store
    check = RestoreCheck(store, folder)
  }

  /// Whether all of these are sound; one that is not is quarantined.
  mutating func areSound(
    _ entries: [CatalogEntry], _ summary: inout Disposal.Summary
  ) throws -> Bool {
    var areSound = true
    for entry in entries where entry.retired == nil {
      let isSound = try known[entry.archiveSeq] ?? isSound(entry, &summary)
      areSound = areSound && isSound
    }
    return areSound
  }

  private mutating func isSound(
    _ entry: CatalogEntry, _ summary: inout Disposal.Summary
  ) throws -> Bool {
    do {
      _ = try check.verified(entry)
      known[entry.archiveSeq] = true
    } catch SegmentError.unavailable {
      // A target that is away says nothing of the segment.
      summary.postponed.append(entry.file)
      known[entry.archiveSeq] = false
    } catch is ArchiveError {
      try store.write { try Catalog.quarantine($0, entry.archiveSeq) }
      summary.damaged.append(entry.file)
      known[entry.archiveSeq] = false
    }
    return known[entry.archiveSeq] ?? false
  }
}
