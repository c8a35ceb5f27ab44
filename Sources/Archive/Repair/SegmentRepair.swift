public import EventStore
internal import GRDB
internal import Glibc
public import Segments
public import Streams

/// Heals damaged segments: the file in the archive folder from parity, from another copy, or from
/// rows that are still there; a copy at a target from a sound one.
///
/// - I1. What takes a segment's name has the SHA-256 that the catalog records, or, when it was
///   written again from rows, the manifest that it records and every chunk of it.
/// - I2. The damaged file is kept in `quarantine/`; no moment is without a file of that name.
/// - I3. A damaged copy at a target is put aside, or deleted where the target can't do that, only
///   after a sound copy was read whole; nothing is written over, and a lock on it is respected.
/// - I4. A repair that dies anywhere leaves the damaged file or the healed one; running again goes on.
public struct SegmentRepair: Sendable {
  public let store: EventStore
  public let folder: ArchiveFolder
  /// Signs a segment that must be written again, if it was this key that signed it. Asked for when
  /// something is signed: who heals from copies need not be able to read the private key.
  public let signer: @Sendable () throws -> SegmentSigner?
  /// Who repairs, and why: for `$audit`.
  public let principal: Principal
  public let reason: String

  public init(
    store: EventStore, folder: ArchiveFolder,
    signer: @autoclosure @escaping @Sendable () throws -> SegmentSigner? = nil,
    principal: Principal = .system, reason: String = "repair"
  ) {
    self.store = store
    self.folder = folder
    self.signer = signer
    self.principal = principal
    self.reason = reason
  }

  /// Reads segments whole and heals those that are damaged.
  ///
  /// - Parameters:
  ///   - names: ids or files; all of the catalog's when empty.
  ///   - stop: asked between two chunks and two steps; what was healed by then stays healed.
  ///   - progress: bytes read and to read.
  /// - Throws: ``ArchiveError`` `.noSuchSegment`, `.locked`, `.folder`, `.away`; `StoreError`.
  /// - Complexity: O(bytes of the segments), a few times those of the damaged ones.
  public func run(
    _ names: [String] = [], now: Timestamp, stop: StopRequest = .never,
    progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
  ) throws -> RepairReport {
    try checkPresence()
    return try folder.withLock(for: store) {
      let entries = try chosen(names)
      let total = entries.reduce(0) { $0 + $1.bytes }
      var report = RepairReport()
      var done: Int64 = 0
      let absences = Absences()
      for entry in entries {
        do {
          report.items.append(try repair(entry, absences, now, stop))
        } catch is Stopped {
          break
        }
        done += entry.bytes
        progress(done, total)
      }
      report.notReached = entries.count - report.items.count
      return report
    }
  }

  /// A folder that is empty, as when its disk was replaced, is filled from copies; where there are
  /// none, it is a disk that is not mounted.
  private func checkPresence() throws {
    guard folder.absence != nil else { return }
    let (own, isElsewhere) = try store.read { snapshot in
      let own = try Catalog.living(snapshot.db).filter { $0.target == nil }
      return (
        own, try own.contains { try !Catalog.copies(snapshot.db, of: $0.archiveSeq).isEmpty }
      )
    }
    guard own.isEmpty || isElsewhere else {
      throw ArchiveError.away(folder: folder.path, segments: own.count)
    }
  }

  private func chosen(_ names: [String]) throws -> [CatalogEntry] {
    let entries = try store.read { try Catalog.entries($0.db) }
    guard !names.isEmpty else { return entries.filter { $0.retired == nil } }
    return try names.map { name in
      let entry = entries.first { $0.segmentID == name || $0.file == name }
      guard let entry, entry.retired == nil else { throw ArchiveError.noSuchSegment(name) }
      return entry
    }
  }

  /// - Throws: `Stopped`, and what was healed by then stays healed.
  private func repair(
    _ entry: CatalogEntry, _ absences: Absences, _ now: Timestamp, _ stop: StopRequest
  ) throws -> RepairReport.Item {
    var entry = entry
    func checkStop() throws { try stop.check(0, of: 1, "segments") }
    try checkStop()
    var copies = try store.read({ try Catalog.places($0.db, of: entry.place) }).map { place in
      let report = try verify(entry, at: place, absences, stop)
      // What was not read to its end says nothing of the copy.
      try checkStop()
      return CopyRepair(place, report)
    }
    var item = RepairReport.Item(
      file: entry.file, archiveSeq: entry.archiveSeq, damage: copies[0].report.damage,
      outcome: .sound)
    if entry.target == nil {
      // The archive folder's own file comes first: there are more ways to heal it.
      item.outcome = try healFile(entry, copies[0].report, now, stop)
      copies.removeFirst()
      // What was written again from rows has another hash, which its copies are to have, too.
      entry = try store.read { try Catalog.entry($0.db, entry.archiveSeq) } ?? entry
    }
    let isFileSound = if case .damaged = item.outcome { false } else { entry.target == nil }
    let sound = isFileSound ? .some(nil) : copies.first(where: \.report.isSound).map(\.place)
    item.copies = try copies.map { copy in
      try checkStop()
      return try heal(copy, of: entry, from: sound, now)
    }
    if entry.target != nil { item.outcome = try outcome(of: entry, item.copies) }
    try record(item, entry, now)
    return item
  }

  private func healFile(
    _ entry: CatalogEntry, _ report: VerifyReport, _ now: Timestamp, _ stop: StopRequest
  ) throws -> RepairReport.Outcome {
    let outcome = try report.isSound ? .sound : heal(entry, report, stop)
    if case .healed(let source) = outcome { try settle(entry, from: source, now) }
    return outcome
  }

  /// What became of a segment whose first copy is at a target.
  private func outcome(
    of entry: CatalogEntry, _ copies: [RepairReport.Copy]
  ) throws -> RepairReport.Outcome {
    guard let first = copies.first else { return .sound }
    return switch first.outcome {
    case .sound: .sound
    case .healed: .healed(.copy)
    case .away(let reason): .away(reason)
    case .locked(let reason), .damaged(let reason):
      .damaged(
        tried: [reason],
        lost: copies.contains(where: \.outcome.isReadable) ? [] : try losses(entry))
    }
  }

  /// In use again once every copy is sound; what is not is not released.
  private func record(
    _ item: RepairReport.Item, _ entry: CatalogEntry, _ now: Timestamp
  ) throws {
    if item.isDamaged { return try quarantine(entry) }
    guard !item.isAway, entry.state == .quarantined else { return }
    try settle(entry, from: nil, now)
  }

  private func verify(
    _ entry: CatalogEntry, at copy: CatalogCopy?, _ absences: Absences, _ stop: StopRequest
  ) throws -> VerifyReport {
    folder.verify(
      entry, try entry.expectation(of: store), at: copy, level: .full, absences: absences,
      stop: stop)
  }

  func verify(
    _ path: String, _ entry: CatalogEntry, isRewritten: Bool = false
  ) throws -> VerifyReport {
    var expected = try entry.expectation(of: store)
    if isRewritten { (expected.fileBytes, expected.fileSHA256) = (nil, nil) }
    return SegmentVerifier.verify(path, level: .full, expected: expected)
  }

  /// One way after the other; what does not work is told and the next one tried.
  private func heal(
    _ entry: CatalogEntry, _ report: VerifyReport, _ stop: StopRequest
  ) throws -> RepairReport.Outcome {
    var tried: [String] = []
    for way in [healMode, healFromParity, healFromCopy, healFromRows] {
      try stop.check(0, of: 1, "segments")
      do {
        if let source = try way(entry, report) { return .healed(source) }
      } catch let error as any CodedError {
        tried.append(error.message)
      }
    }
    // Of a folder that is not there nothing is known, and nothing lost.
    if let reason = report.unavailability { return .away(reason) }
    return .damaged(tried: tried, lost: try losses(entry))
  }

  private func healMode(
    _ entry: CatalogEntry, _ report: VerifyReport
  ) throws -> RepairReport.Source? {
    let isModeOnly = report.damage.allSatisfy { if case .writable = $0 { true } else { false } }
    guard isModeOnly else { return nil }
    guard chmod(folder.file(entry.file), 0o444) == 0 else { throw folder.failure() }
    return try verify(folder.file(entry.file), entry).isSound ? .mode : nil
  }

  private func healFromParity(
    _ entry: CatalogEntry, _ report: VerifyReport
  ) throws -> RepairReport.Source? {
    let parity = Parity(folder: folder)
    guard parity.has(entry.file) else { return nil }
    guard folder.size(of: entry.file) > 0 else {
      throw ParityError.nothingToHeal(segment: entry.file)
    }
    return try folder.withScratch { scratch in
      try replace(entry, with: try parity.heal(entry.file, in: scratch)) ? .parity : nil
    }
  }

  private func healFromCopy(
    _ entry: CatalogEntry, _ report: VerifyReport
  ) throws -> RepairReport.Source? {
    guard let sha256 = SHA256Sum(entry.sha256) else { return nil }
    var failure: (any CodedError)?
    for copy in try store.read({ try Catalog.copies($0.db, of: entry.archiveSeq) }) {
      do {
        let source = try folder.source(of: entry.place, at: copy, isWhole: true)
        let isHealed = try folder.withScratch { scratch in
          try SegmentCopy.write(source, to: scratch, as: entry.file, sha256: sha256)
          return try replace(entry, with: scratch + "/" + entry.file)
        }
        if isHealed { return .copy }
      } catch let error as any CodedError {
        failure = error
      }
    }
    if let failure { throw failure }
    return nil
  }

  /// Gives `path` the segment's name, if every byte is as it should be.
  func replace(
    _ entry: CatalogEntry, with path: String, isRewritten: Bool = false
  ) throws -> Bool {
    guard chmod(path, 0o444) == 0 else { throw folder.failure() }
    guard try verify(path, entry, isRewritten: isRewritten).isSound else { return false }
    try folder.keepDamaged(entry.file)
    try folder.publish(path, as: entry.file)
    return true
  }

  private func settle(
    _ entry: CatalogEntry, from source: RepairReport.Source?, _ now: Timestamp
  ) throws {
    let rewritten = source == .rows ? try rewritten(entry) : nil
    try store.transaction(now: now) { transaction in
      if let rewritten {
        let ranges = try Catalog.ranges(transaction.db, in: entry.archiveSeq).map {
          JobRange(stream: $0.stream, first: $0.first, last: $0.last, isWhole: false)
        }
        try Catalog.reindex(transaction.db, rewritten, ranges: ranges)
      }
      // Without a hash on record the catalog is not whole: 'archive reindex' completes it.
      guard rewritten != nil || !entry.sha256.isEmpty else { return }
      try Catalog.settle(transaction.db, entry.archiveSeq, verifiedAt: now)
      guard let source else { return }
      try transaction.audit(
        "SegmentRepaired",
        fields: [("segment", entry.file), ("from", source.rawValue), ("reason", reason)],
        by: principal)
    }
  }

  private func quarantine(_ entry: CatalogEntry) throws {
    try store.write { try Catalog.quarantine($0, entry.archiveSeq) }
  }
}
