internal import EventStore
internal import Segments
internal import Streams

/// A copy of a segment, and what a whole verification found of it.
struct CopyRepair {
  /// Nil for the first copy where its record is not known, wherever that is.
  var place: CatalogCopy?
  var report: VerifyReport

  init(_ place: CatalogCopy?, _ report: VerifyReport) {
    self.place = place
    self.report = report
  }
}

extension SegmentRepair {
  /// Heals one copy at a target.
  ///
  /// - Parameter sound: a copy that was read whole and found sound; nil when there is none.
  func heal(
    _ copy: CopyRepair, of entry: CatalogEntry, from sound: CatalogCopy??, _ now: Timestamp
  ) throws -> RepairReport.Copy {
    let address = folder.address(of: entry.place, at: copy.place)
    func became(_ outcome: RepairReport.CopyOutcome) -> RepairReport.Copy {
      RepairReport.Copy(
        address: address, damage: copy.report.damage.filter { !$0.isUnavailability },
        outcome: outcome)
    }
    if copy.report.isSound { return became(.sound) }
    if let reason = copy.report.unavailability { return became(.away(reason)) }
    guard let sound else { return became(.damaged("no sound copy was found")) }
    do {
      try replace(copy, of: entry, at: address, from: sound, now)
      return became(.healed)
    } catch let error as TargetError where error.code == .targetRetained {
      return became(.locked(error.message))
    } catch let error as any CodedError {
      return became(.damaged(error.message))
    }
  }

  /// Puts the damaged object aside and a copy of the sound one in its place; both are told.
  private func replace(
    _ copy: CopyRepair, of entry: CatalogEntry, at address: String, from sound: CatalogCopy?,
    _ now: Timestamp
  ) throws {
    guard let sha256 = SHA256Sum(entry.sha256) else {
      throw ArchiveError.chain(problem: "the catalog has no SHA-256 of \(entry.file)")
    }
    let target = try folder.targets.target(address)
    // Until then the damaged one stays where it is.
    let source = try folder.source(of: entry.place, at: sound, isWhole: true)
    guard try source.sha256() == sha256 else {
      throw ArchiveError.damaged(segment: entry.file, damage: [.fileHashMismatch])
    }
    if let found = try target.stat(entry.file) {
      try target.putAside(entry.file, version: found.version)
    }
    let kept = try target.keep(
      source, as: entry.file, bytes: entry.bytes, sha256: sha256, now: now)
    try store.transaction(now: now) { transaction in
      if let place = copy.place {
        try Catalog.delete(transaction.db, place, of: entry.archiveSeq)
      }
      try Catalog.insert(transaction.db, kept, of: entry.archiveSeq)
      try transaction.audit(
        "SegmentRepaired",
        fields: [
          ("segment", entry.file), ("from", RepairReport.Source.copy.rawValue), ("at", address),
          ("reason", reason),
        ], by: principal)
    }
  }
}
