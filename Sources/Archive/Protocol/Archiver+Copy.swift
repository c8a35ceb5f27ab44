internal import EventStore
internal import Segments
internal import Streams

extension Archiver {
  /// Where a job's file is made, and stays if it has no target.
  func home(of job: ArchiveJob) -> ArchiveFolder {
    job.settings.target == nil ? folder : folder.staging
  }

  /// P6: the copies that the policy asks for, each read back whole after it was written.
  ///
  /// - Throws: ``TargetError``. The job stays, and the next run goes on with it.
  func copy(_ job: ArchiveJob, _ segment: VerifiedSegment) throws -> [CatalogCopy] {
    try [job.settings.target, job.settings.mirror].compactMap { $0 }.map { place in
      try copy(segment, to: try folder.targets.target(place))
    }
  }

  /// What has the name already is adopted if it is the same, byte for byte, as after a crash; if it
  /// is anything else that is an error, and it stays.
  func copy(_ segment: VerifiedSegment, to target: any Target) throws -> CatalogCopy {
    let name = segment.name.relativePath
    let isNew = try target.put(
      try SegmentFile.open(segment.path), as: name, sha256: segment.sha256)
    let object = try target.stat(name)
    guard let object else {
      throw TargetError.differs(
        address: target.address, name: name, reason: "it was written, and is not there")
    }
    let source = ReadAhead(
      try target.source(name, bytes: object.bytes, version: object.version))
    guard object.bytes == segment.bytes, try source.sha256() == segment.sha256 else {
      // What this run wrote and can't be read back as it was is of no use to anybody.
      if isNew { try target.delete(name, version: object.version) }
      throw TargetError.differs(
        address: target.address, name: name, reason: "what is read back has another SHA-256")
    }
    return CatalogCopy(
      target: target.address, version: object.version, lockedUntil: object.lockedUntil,
      verifiedAt: now)
  }

  /// P9: before rows go, every copy that the catalog names must be where it was written.
  func checkCopies(of entry: CatalogEntry) throws {
    for copy in try store.read({ try Catalog.copies($0.db, of: entry.archiveSeq) }) {
      let found = try folder.targets.target(copy.target).stat(entry.file)
      guard let found, found.bytes == entry.bytes else {
        throw TargetError.differs(
          address: copy.target, name: entry.file,
          reason: found == nil ? "it is not there any more" : "its length is another")
      }
    }
  }

  /// Deletes the staged files of segments that the catalog has with their first copy elsewhere.
  /// Anything else there is left alone.
  func removeStaged() throws {
    let staged = folder.staging.files()
    guard !staged.isEmpty else { return }
    let entries = try store.read { try Catalog.entries($0.db) }
    for entry in entries where entry.target != nil && staged.contains(entry.file) {
      try folder.staging.remove(entry.file)
    }
  }

  /// What a plan asks for must make sense before anything is written.
  func checkTargets(of settings: SegmentSettings) throws {
    let places = try [settings.target, settings.mirror].compactMap { $0 }.map { place in
      try folder.targets.target(place).address
    }
    let here = try TargetAddress(folder.absolutePath).description
    guard Set(places).count == places.count, !places.contains(here) else {
      throw TargetError.invalidAddress(
        places.joined(separator: ", "), reason: "two copies would be in one place")
    }
  }
}
