public import EventStore
internal import GRDB
internal import Glibc
public import Segments
public import Streams

/// Heals damaged segments: from parity, from another copy, from rows that are still there.
///
/// - I1. What takes a segment's name has the SHA-256 that the catalog records, or, when it was
///   written again from rows, the manifest that it records and every chunk of it.
/// - I2. The damaged file is kept in `quarantine/`; no moment is without a file of that name.
/// - I3. A repair that dies anywhere leaves the damaged file or the healed one; running again goes on.
public struct SegmentRepair: Sendable {
  public let store: EventStore
  public let folder: ArchiveFolder
  /// Where further copies are.
  public let targets: Targets
  /// Signs a segment that must be written again, if it was this key that signed it.
  public let signer: SegmentSigner?
  /// Who repairs, and why: for `$audit`.
  public let principal: Principal
  public let reason: String

  public init(
    store: EventStore, folder: ArchiveFolder, targets: Targets = Targets(),
    signer: SegmentSigner? = nil, principal: Principal = .system, reason: String = "repair"
  ) {
    self.store = store
    self.folder = folder
    self.targets = targets
    self.signer = signer
    self.principal = principal
    self.reason = reason
  }

  /// Reads segments whole and heals those that are damaged.
  ///
  /// - Parameters:
  ///   - names: ids or files; all of the catalog's when empty.
  ///   - progress: bytes read and to read.
  /// - Throws: ``ArchiveError`` `.noSuchSegment`, `.locked`, `.folder`; `StoreError`.
  /// - Complexity: O(bytes of the segments), a few times those of the damaged ones.
  public func run(
    _ names: [String] = [], now: Timestamp,
    progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
  ) throws -> RepairReport {
    try folder.withLock(for: store) {
      let entries = try chosen(names)
      let total = entries.reduce(0) { $0 + $1.bytes }
      var report = RepairReport()
      var done: Int64 = 0
      for entry in entries {
        report.items.append(try repair(entry, now))
        done += entry.bytes
        progress(done, total)
      }
      return report
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

  private func repair(_ entry: CatalogEntry, _ now: Timestamp) throws -> RepairReport.Item {
    let report = try verify(folder.file(entry.file), entry)
    let outcome = try report.isSound ? .sound : heal(entry, report)
    switch outcome {
    case .sound:
      if entry.state == .quarantined { try settle(entry, from: nil, now) }
    case .healed(let source): try settle(entry, from: source, now)
    case .damaged: try quarantine(entry)
    }
    return RepairReport.Item(
      file: entry.file, archiveSeq: entry.archiveSeq, damage: report.damage, outcome: outcome)
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
    _ entry: CatalogEntry, _ report: VerifyReport
  ) throws -> RepairReport.Outcome {
    var tried: [String] = []
    for way in [healMode, healFromParity, healFromCopy, healFromRows] {
      do {
        if let source = try way(entry, report) { return .healed(source) }
      } catch let error as any CodedError {
        tried.append(error.message)
      }
    }
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
    let copies = try store.read { snapshot in
      try Row.fetchAll(
        snapshot.db, sql: "SELECT target, version FROM segment_copies WHERE archive_seq = ?",
        arguments: [entry.archiveSeq])
    }
    guard let sha256 = SHA256Sum(entry.sha256) else { return nil }
    var failure: (any CodedError)?
    for copy in copies {
      do {
        let source = try targets.target(copy["target"])
          .source(entry.file, bytes: entry.bytes, version: copy["version"])
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
    try store.write { db in
      try db.execute(
        sql: "UPDATE segments SET state = 'quarantined' WHERE archive_seq = ?",
        arguments: [entry.archiveSeq])
    }
  }
}
