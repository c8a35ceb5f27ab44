internal import EventStore
internal import GRDB
internal import Sealing
internal import Segments
internal import Streams

extension Archiver {
  /// P1 to P4: the segment file, whole and durable under its final name.
  ///
  /// A job whose rows can't be read, or that has an event no segment can hold, is dropped: it must
  /// not stop all others for good. What concerns the disk would stop them as well.
  func write(_ job: ArchiveJob) throws {
    do {
      let signer = try signer(for: job.settings)
      try store.read { try write(job, signer, $0) }
    } catch let error as any CodedError
      where (error as? SegmentError)?.isAboutAnEvent ?? (error.code == .storeCorrupt)
    {
      try drop(job)
      throw error
    }
  }

  private func write(
    _ job: ArchiveJob, _ signer: SegmentSigner?, _ snapshot: Snapshot
  ) throws {
    let writer = try SegmentWriter(
      directory: home(of: job).path, name: job.name, job: job.id,
      identity: try identity(job, snapshot), signer: signer,
      options: SegmentWriterOptions(level: job.settings.level))
    for range in job.ranges {
      var info = try info(range, snapshot)
      let key = try sealingKey(of: range, info.name, job.settings, snapshot)
      if let key {
        info.subject = key.id
        // The manifest is not encrypted.
        info.metadata = nil
      }
      try writer.beginStream(info, sealedTo: key?.recipient)
      try snapshot.forEachHotEvent(of: range.stream, in: range.first...range.last) { event in
        try writer.append(event)
        return true
      }
      try writer.endStream()
    }
    onStep(.written)
    _ = try writer.finish()
    onStep(.finished)
    try writer.publish()
    onStep(.published)
    try writer.syncDirectory()
    onStep(.durable)
  }

  /// What was sealed since the job was begun is encrypted, too, whatever its settings say.
  private func sealingKey(
    of range: JobRange, _ stream: StreamName, _ settings: SegmentSettings, _ snapshot: Snapshot
  ) throws -> SubjectKeys.SealingKey? {
    guard
      try settings.isEncrypted || snapshot.stream(numbered: range.stream).staysSealed
    else { return nil }
    return try store.subjectKeys.sealingKey(of: SubjectKeys.subject(of: stream))
  }

  private func identity(_ job: ArchiveJob, _ snapshot: Snapshot) throws -> SegmentIdentity {
    let prev = try Catalog.head(snapshot.db).flatMap { head in
      SHA256Sum(head.manifestSHA256).map {
        Manifest.Link(archiveSeq: head.archiveSeq, manifestSHA256: $0)
      }
    }
    return SegmentIdentity(
      storeID: store.id, archiveSeq: job.archiveSeq, createdAt: now, writerVersion: version,
      prev: prev)
  }

  private func info(_ range: JobRange, _ snapshot: Snapshot) throws -> SegmentStreamInfo {
    let record = try snapshot.stream(numbered: range.stream)
    let before = try Catalog.ranges(snapshot.db, of: range.stream).last { $0.last < range.first }
    let prev = try before.flatMap { try Catalog.entry(snapshot.db, $0.archiveSeq) }
    return SegmentStreamInfo(
      name: record.name, category: record.name.family.category,
      lifecycle: range.isWhole ? .archived : record.status, acl: record.permissionsText,
      metadata: record.metadata, retainUntil: range.retainUntil, legalHold: record.hold,
      prev: prev.flatMap { SHA256Sum($0.manifestSHA256) })
  }
}

extension SegmentError {
  /// An event is too large or has a form that no segment can hold; its stream stays in the store.
  var isAboutAnEvent: Bool { code == .eventTooLarge || code == .invalidEvent }
}

extension StreamFamily {
  /// What a manifest calls the family.
  fileprivate var category: String {
    switch self {
    case .serviceUptime: "service-uptime"
    case .user(_, let category): category.rawValue
    case .system: "system"
    case .connectionTest: "connection-test"
    case .reserved: "reserved"
    case .other: "other"
    }
  }
}
