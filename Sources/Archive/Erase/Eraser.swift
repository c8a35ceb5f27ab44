internal import EventStore
internal import GRDB
internal import Glibc
internal import Sealing
internal import Segments
public import Streams

/// Erases a user for good: what the user's streams hold can be read from no copy of any segment.
///
/// The key is destroyed, the rows are deleted and overwritten, and segments that hold some of the
/// user's events unencrypted are rewritten without them. Names, ranges, times, types and counts of
/// the streams stay, and so do their rollups.
///
/// Begun is recorded before anything else, and done after everything: a run that was killed anywhere
/// is completed by the next. A legal hold on one of the streams forbids all of it. A copy that a lock
/// keeps at a target is deleted when the lock has ended, by the next run or by a ``Disposal``; until
/// then, or while a target can't be asked, the erasure is not done.
public struct Eraser: Sendable {
  private let archiver: Archiver
  private let keys: SubjectKeys
  /// Called after each step. It may end the process: that is how the tests do it.
  private let onStep: @Sendable (RewriteStep) -> Void

  /// - Parameter archiver: where, when and in whose name.
  public init(
    _ archiver: Archiver, onStep: @escaping @Sendable (RewriteStep) -> Void = { _ in }
  ) {
    self.archiver = archiver
    keys = archiver.store.subjectKeys
    self.onStep = onStep
  }

  /// What an erasure would do, or did.
  public struct Report: Sendable, Hashable {
    public var user: String
    public var streams: [StreamName] = []
    public var events: Int64 = 0
    /// Segments with unencrypted events of the user: what they are called before the rewrite.
    public var rewritten: [String] = []
    /// Rewritten segments that have no parity now, though the old ones had, and why.
    public var unprotected: [String] = []
    /// Segments that hold the user's events encrypted only, and stay as they are.
    public var sealed: [String] = []
    /// Whether there was a key to destroy.
    public var hadKey = false
    /// False while another process's read keeps the store's log: run it again.
    public var isLogEmpty = true
    /// Copies of rewritten segments that are at a target still: a lock keeps them, or would, or nobody
    /// can tell whether they are there.
    public var retained: [RetainedCopy] = []
    /// Files that no catalog row names, such as those put aside as damaged, with unencrypted events
    /// of the user: deleted once every rewritten segment was verified. With them go, whatever they
    /// hold, files that killed runs left half-written, which a plan does not name.
    public var removed: [String] = []
    /// Such files of which nobody can tell what they hold, or that may be all there is of somebody
    /// else's events: left alone.
    public var strangers: [String] = []

    /// Whether nothing is left for a later run.
    public var isDone: Bool { isLogEmpty && retained.isEmpty }
  }

  /// What ``erase(user:reason:)`` would do; nothing is changed.
  ///
  /// - Throws: `StoreError` `.onHold` as that would; ``SubjectKeyError`` when some of it is sealed and
  ///   the keys are not there.
  public func plan(user: String) throws -> Report {
    let store = archiver.store
    var report = Report(user: user)
    var hasSealedRows = false
    try store.read { snapshot in
      let records = try snapshot.erasableStreams(of: user)
      report.streams = records.map(\.name)
      hasSealedRows = records.contains(where: \.staysSealed)
      report.events = records.reduce(0) { $0 + $1.events }
      let numbers = Set(records.map(\.id))
      for entry in try Catalog.entries(snapshot.db) where entry.retired == nil {
        switch try Self.exposure(of: numbers, in: entry, snapshot) {
        case .none: break
        case .sealed: report.sealed.append(entry.file)
        case .plain:
          report.rewritten.append(entry.file)
          report.retained += try Catalog.copies(snapshot.db, of: entry.archiveSeq)
            .filter { $0.lockedUntil.map { $0 > archiver.now } ?? false }
            .map { RetainedCopy(file: entry.file, address: $0.target, until: $0.lockedUntil) }
        }
      }
      report.retained += try Catalog.retainedCopies(of: numbers, snapshot)
    }
    // A key database that is elsewhere still has the key.
    if !report.sealed.isEmpty || hasSealedRows, access(keys.files.database, F_OK) != 0 {
      throw SubjectKeyError.unusable(keys.files.database, String(cString: strerror(errno)))
    }
    report.hadKey = try keys.hasKey(of: SubjectKeys.subject(ofUser: user))
    for (stranger, exposure) in try strangers(report) {
      switch exposure {
      case .none: break
      case .plain: report.removed.append(stranger.name)
      case .unknown: report.strangers.append(stranger.name)
      }
    }
    return report
  }

  /// Erases `user`. It can't be undone.
  ///
  /// - Returns: what was done; see ``Report/isDone``.
  /// - Throws: `StoreError` `.onHold`, ``SigningKeyError``, and nothing happened; `SegmentError`, ``ArchiveError``,
  ///   ``SubjectKeyError``, and running it again goes on.
  public func erase(user: String, reason: String) throws -> Report {
    let store = archiver.store
    // Files that are not there would be taken for files that are gone.
    try archiver.folder.check(try store.read { try Catalog.files($0.db) })
    return try archiver.folder.withLock(for: store) {
      try settleJobs(of: user)
      var report = try plan(user: user)
      try checkSigner(for: report.rewritten)
      // The user may have got more streams since.
      let records = try store.beginErasure(
        of: user, by: archiver.principal, reason: reason, now: archiver.now)
      report.streams = records.map(\.name)
      report.events = records.reduce(0) { $0 + $1.events }
      report.hadKey = try keys.destroy(SubjectKeys.subject(ofUser: user)) || report.hadKey
      onStep(.keyDestroyed)
      report.unprotected = try rewriteSegments(report, reason)
      try removeStrangers(&report)
      report.isLogEmpty = try store.scrub()
      guard report.isLogEmpty else { return report }
      report.retained = try archiver.removePredecessors(of: Set(records.map(\.id)))
      try end(report, reason)
      return report
    }
  }

  private func end(_ report: Report, _ reason: String) throws {
    let fields = [
      ("streams", String(report.streams.count)), ("events", String(report.events)),
      ("segmentsRewritten", String(report.rewritten.count)),
      ("filesRemoved", String(report.removed.count)),
      ("keyDestroyed", String(report.hadKey)), ("reason", reason),
    ]
    let (store, principal, now) = (archiver.store, archiver.principal, archiver.now)
    guard report.retained.isEmpty else {
      let copies = [("copiesLeft", String(report.retained.count))]
      return try store.keepErasureWaiting(
        of: report.user, fields: copies + fields, by: principal, now: now)
    }
    try store.endErasure(of: report.user, fields: fields, by: principal, now: now)
  }

  /// The rewrites go to the end of the chain: what was begun before has its place there, or is given
  /// up.
  private func settleJobs(of user: String) throws {
    _ = try archiver.store.read { try $0.erasableStreams(of: user) }
    var summary = Archiver.Summary()
    try archiver.recover(&summary, erasing: user)
  }

  private func strangers(_ report: Report) throws -> [(Stranger, Stranger.Exposure)] {
    let names = Set(report.streams)
    return try archiver.store.read { snapshot in
      try archiver.folder.strangers(of: archiver.store.id, snapshot).map { stranger in
        (stranger, try stranger.exposure(of: names, snapshot))
      }
    }
  }

  /// A file that was put aside since the plan was made, such as a rewrite of a run that was killed,
  /// is looked at as well. What is half-written goes unread: the end of a user's event may be all that
  /// it lacks.
  private func removeStrangers(_ report: inout Report) throws {
    report.removed = try archiver.store.read { try archiver.folder.removeHalfWritten($0) }
    report.strangers = []
    for (stranger, exposure) in try strangers(report) {
      switch exposure {
      case .none: break
      case .unknown: report.strangers.append(stranger.name)
      case .plain:
        try archiver.folder.remove(stranger)
        report.removed.append(stranger.name)
      }
    }
  }

  /// What takes the place of a signed segment is signed: that it can't be is to be known before the
  /// key is gone.
  private func checkSigner(for files: [String]) throws {
    let isSigned = try archiver.store.read { snapshot in
      try Catalog.living(snapshot.db).filter { files.contains($0.file) }
        .contains { try $0.manifest(snapshot.db).signingKey != nil }
    }
    if isSigned { _ = try archiver.trustedSigner() }
  }

  /// - Returns: see ``Report/unprotected``.
  private func rewriteSegments(_ report: Report, _ reason: String) throws -> [String] {
    let store = archiver.store
    let rewrite = SegmentRewrite(archiver: archiver, onStep: onStep)
    try rewrite.removeRetired()
    return try report.rewritten.compactMap { file in
      let (entry, numbers) = try store.read { snapshot in
        (
          try Catalog.entries(snapshot.db).first { $0.file == file },
          Set(try snapshot.streams(ofUser: report.user).map(\.id))
        )
      }
      return try entry.flatMap { try rewrite.rewrite($0, erasing: numbers, reason: reason) }
    }
  }

  private enum Exposure { case none, sealed, plain }

  /// How much of these streams can be read in a segment once their key is gone.
  private static func exposure(
    of streams: Set<Int64>, in entry: CatalogEntry, _ snapshot: Snapshot
  ) throws -> Exposure {
    let indexes = Set(
      try Catalog.ranges(snapshot.db, in: entry.archiveSeq)
        .filter { streams.contains($0.stream) }.map(\.streamIndex))
    guard !indexes.isEmpty else { return .none }
    let manifest = try entry.manifest(snapshot.db)
    let living = indexes.filter { manifest.streams[$0].info.lifecycle != .deleted }
    guard !living.isEmpty else { return .none }
    let isPlain = manifest.chunks.contains {
      living.contains($0.stream) && $0.encryption == .none
    }
    return isPlain ? .plain : .sealed
  }
}
