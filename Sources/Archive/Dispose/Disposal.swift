public import EventStore
internal import GRDB
internal import Segments
public import Streams

/// Deletes what nobody has to keep any longer: archived streams whose retention is over, and then
/// the files of segments in which every stream is deleted.
///
/// - I1. A stream is deleted only after every segment that holds it was read whole and found sound
///   in this run: damage is found while what it could be compared with is still there.
/// - I2. A file goes only after the transaction that retires its segment, and never under a hold.
/// - I3. A retired segment's row, ranges and manifest stay: the chain closes, and it can be said
///   what was where.
/// - I4. After a crash at any point, running again completes everything.
///
/// One at a time with the archiver, by the lock on the folder.
public struct Disposal: Sendable {
  public let store: EventStore
  public let folder: ArchiveFolder
  public let now: Timestamp
  /// Who deletes, for the tombstone and `$audit`.
  public let principal: Principal
  /// Called after each step. It may end the process: that is how the tests do it.
  let onStep: @Sendable (DisposalStep) -> Void

  public init(
    store: EventStore, folder: ArchiveFolder, now: Timestamp, principal: Principal = .system,
    onStep: @escaping @Sendable (DisposalStep) -> Void = { _ in }
  ) {
    self.store = store
    self.folder = folder
    self.now = now
    self.principal = principal
    self.onStep = onStep
  }

  /// What a run did.
  public struct Summary: Sendable, Hashable {
    public var deleted: [StreamName] = []
    /// Files of segments that are gone, relative to the archive folder.
    public var retired: [String] = []
    /// Segments that failed their check, and are quarantined: no stream in them was deleted.
    public var damaged: [String] = []
    public init() {}
  }

  /// Deletes every stream that is due by `policies`.
  ///
  /// - Parameters:
  ///   - reason: for the tombstones and `$audit`.
  ///   - clock: the time at which a stream must have been due; now, or earlier.
  /// - Throws: ``ArchiveError`` `.locked`, `.folder`; `StoreError`. What was done stays done.
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
      for entry in try files.pending(.deleted) { try remove(entry) }
      try deleteStreams(&summary, &checks)
      for entry in try store.read({ try Catalog.disposable($0) })
      where try checks.areSound([entry], &summary) {
        onStep(.verified)
        guard try retire(entry) else { continue }
        try remove(entry)
        summary.retired.append(entry.file)
      }
      return summary
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
public enum DisposalStep: String, CaseIterable, Sendable {
  /// A stream has become a tombstone.
  case deleted
  /// A segment in which every stream is deleted was read whole and found sound.
  case verified
  /// The catalog says that it has no file.
  case retired
  /// The file is gone, durably.
  case removed
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
    } catch is ArchiveError {
      try store.write { try Catalog.quarantine($0, entry.archiveSeq) }
      summary.damaged.append(entry.file)
      known[entry.archiveSeq] = false
    }
    return known[entry.archiveSeq] ?? false
  }
}
