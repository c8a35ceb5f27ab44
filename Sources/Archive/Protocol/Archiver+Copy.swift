internal import EventStore
internal import Segments
internal import Streams

extension Archiver {
  /// Where a job's file is made, and stays if it has no target.
  func home(of job: ArchiveJob) -> ArchiveFolder { home(of: job.settings) }

  func home(of settings: SegmentSettings) -> ArchiveFolder {
    settings.target == nil ? folder : folder.staging
  }

  /// P6: the copies that the policy asks for, each read back whole after it was written.
  ///
  /// A target that fails stops nothing but its own copy: that is owed, and the job stays.
  func copy(
    _ job: ArchiveJob, _ segment: VerifiedSegment, _ summary: inout Summary
  ) throws -> [CatalogCopy] {
    var copies: [CatalogCopy] = []
    for place in job.settings.places {
      let address = try folder.targets.address(place)
      do {
        copies.append(try copy(segment, to: try folder.targets.target(place)))
      } catch let error as any CodedError {
        summary.problems.append(
          Problem(segment: segment.name.relativePath, target: address, error: error))
      }
    }
    return copies
  }

  func copy(_ segment: VerifiedSegment, to target: any Target) throws -> CatalogCopy {
    try target.keep(
      try SegmentFile.open(segment.path), as: segment.name.relativePath, bytes: segment.bytes,
      sha256: segment.sha256, now: now)
  }

  /// Writes a copy of a segment that the catalog has, from the first of its copies that is sound,
  /// and records it.
  func addCopy(of entry: CatalogEntry, at address: String) throws -> CatalogCopy {
    guard let sha256 = SHA256Sum(entry.sha256) else {
      throw ArchiveError.chain(problem: "the catalog has no SHA-256 of \(entry.file)")
    }
    let target = try folder.targets.target(address)
    var failure: (any CodedError)?
    for place in try store.read({ try Catalog.places($0.db, of: entry.place) }) {
      do {
        let copy = try target.keep(
          try folder.source(of: entry.place, at: place, isWhole: true), as: entry.file,
          bytes: entry.bytes, sha256: sha256, now: now)
        try store.write { try Catalog.insert($0, copy, of: entry.archiveSeq) }
        return copy
      } catch let error as any CodedError {
        failure = failure ?? error
        if (error as? TargetError)?.isAbsence == true { break }
      }
    }
    throw failure ?? SegmentError.missing(segment: entry.file)
  }

  /// P6 again, for the copies that an earlier run owes. Until then no row of the segment goes.
  ///
  /// - Parameter streams: those, by number, of which nothing is sent.
  func completeCopies(_ summary: inout Summary, erasing streams: Set<Int64>) throws {
    for job in try store.read({ try ArchiveJob.owing($0.db) }) {
      let entry = try store.read { try Catalog.entry($0.db, job.archiveSeq) }
      var isComplete = true
      if let entry, entry.retired == nil {
        let (there, ranges) = try store.read { snapshot in
          (
            try Catalog.copies(snapshot.db, of: entry.archiveSeq),
            try Catalog.ranges(snapshot.db, in: entry.archiveSeq)
          )
        }
        let isErased = ranges.contains { streams.contains($0.stream) }
        for address in try job.settings.places.map(folder.targets.address)
        where try !Self.has(there, at: address) {
          isComplete = try !isErased && owe(address, entry, &summary) && isComplete
        }
      }
      if isComplete { try store.write { try ArchiveJob.delete($0, job.archiveSeq) } }
    }
    try removeStaged()
  }

  /// Gives older segments the mirror copies that they have not got.
  func copy(
    _ missing: [ArchivePlan.Mirror], budget: Int64, _ summary: inout Summary
  ) throws {
    var bytes: Int64 = 0
    for mirror in missing where !summary.isAway(mirror.address) {
      guard bytes == 0 || bytes + mirror.bytes <= budget else {
        summary.copiesLeft += 1
        continue
      }
      guard let entry = try store.read({ try Catalog.entry($0.db, mirror.archiveSeq) }),
        entry.retired == nil
      else { continue }
      if try owe(mirror.address, entry, &summary) { bytes += mirror.bytes }
    }
  }

  /// - Returns: whether the copy is there now.
  private func owe(
    _ address: String, _ entry: CatalogEntry, _ summary: inout Summary
  ) throws -> Bool {
    guard !summary.isAway(address) else { return false }
    do {
      summary.note([try addCopy(of: entry, at: address)], of: entry.file)
      return true
    } catch let error as any CodedError {
      summary.problems.append(Problem(segment: entry.file, target: address, error: error))
      return false
    }
  }

  /// Those of the plan's mirror copies that are not there, with their addresses. A copy that a job
  /// owes is not among them.
  func missingMirrors(_ plan: ArchivePlan, _ snapshot: Snapshot) throws -> [ArchivePlan.Mirror] {
    guard !plan.mirrors.isEmpty else { return [] }
    let owing = Set(try ArchiveJob.owing(snapshot.db).map(\.archiveSeq))
    for place in Set(plan.mirrors.map(\.address)) {
      try folder.check(SegmentSettings(mirror: place))
    }
    return try plan.mirrors.compactMap { mirror in
      guard !owing.contains(mirror.archiveSeq) else { return nil }
      var mirror = mirror
      mirror.address = try folder.targets.address(mirror.address)
      let there = try Catalog.copies(snapshot.db, of: mirror.archiveSeq)
      return try Self.has(there, at: mirror.address) ? nil : mirror
    }
  }

  /// Whether one of the copies is there, however the place was written then.
  private static func has(_ copies: [CatalogCopy], at address: String) throws -> Bool {
    let identity = try TargetAddress(address).identity
    return try copies.contains {
      try $0.target == address || TargetAddress($0.target).identity == identity
    }
  }

  /// P9: before rows go, every copy that the catalog names must be where it was written.
  func checkCopies(of entry: CatalogEntry) throws {
    for copy in try store.read({ try Catalog.copies($0.db, of: entry.archiveSeq) }) {
      let found = try folder.targets.target(copy.target)
        .stat(entry.file, version: copy.version)
      guard let found, found.bytes == entry.bytes else {
        throw TargetError.differs(
          address: copy.target, name: entry.file,
          reason: found == nil ? "it is not there any more" : "its length is another")
      }
    }
  }

  /// Deletes the staged files of segments whose first copy is at its target by now. Anything else
  /// there is left alone.
  func removeStaged() throws {
    let staged = folder.staging.files()
    guard !staged.isEmpty else { return }
    let entries = try store.read { snapshot in
      try Catalog.entries(snapshot.db).filter { entry in
        try entry.target != nil && staged.contains(entry.file)
          && Catalog.copies(snapshot.db, of: entry.archiveSeq).contains {
            $0.target == entry.target
          }
      }
    }
    for entry in entries { try folder.staging.remove(entry.file) }
  }

  /// A target that did not answer in this run, and that a segment of these settings would need.
  func awayTarget(of settings: SegmentSettings, _ summary: Summary) throws -> String? {
    try settings.places.map(folder.targets.address).first(where: summary.isAway)
  }
}

extension Target {
  /// Deletes what has this name if it is the segment that was meant: what another store has there under
  /// the same name, as packs may, stays.
  ///
  /// - Throws: ``TargetError``; `SegmentError` when what is there can't be read.
  func delete(_ name: String, if isMeant: (SegmentFile) -> Bool) throws {
    guard let object = try stat(name) else { return }
    let source = try source(name, bytes: object.bytes, version: object.version)
    guard isMeant(try SegmentFile(source: source)) else { return }
    try delete(name, version: object.version)
  }

  /// Writes a copy, unless it is there already, and reads it back whole.
  ///
  /// What has the name already is adopted if it is the same, byte for byte, as after a crash; if it
  /// is anything else that is an error, and it stays. Where it is to be locked, the date recorded is
  /// the one that the place says it holds.
  func keep(
    _ source: any ByteSource, as name: String, bytes: Int64, sha256: SHA256Sum, now: Timestamp
  ) throws -> CatalogCopy {
    let isNew = try put(source, as: name, sha256: sha256)
    guard let object = try stat(name) else {
      throw TargetError.differs(
        address: address, name: name, reason: "it was written, and is not there")
    }
    try checkLock(of: object, as: name, isNew)
    let written = ReadAhead(try self.source(name, bytes: object.bytes, version: object.version))
    guard try object.bytes == bytes && written.sha256() == sha256 else {
      // What this run wrote and can't be read back as it was is of no use to anybody.
      if isNew { try delete(name, version: object.version) }
      throw TargetError.differs(
        address: address, name: name, reason: "what is read back has another SHA-256")
    }
    return CatalogCopy(
      target: address, version: object.version, lockedUntil: object.lockedUntil, verifiedAt: now)
  }

  /// Some servers take the headers that ask for a lock, and lock nothing.
  private func checkLock(
    of object: TargetObject, as name: String, _ isNew: Bool
  ) throws(TargetError) {
    guard mustLock, object.lockedUntil == nil else { return }
    guard isNew else {
      throw .differs(
        address: address, name: name, reason: "it is not locked, as the configuration asks")
    }
    // It would be in the way of the locked one once the server can lock.
    try? delete(name, version: object.version)
    throw .notLocked(address: address, name: name)
  }
}
