internal import EventStore
internal import Segments
internal import Streams

extension Archiver {
  /// P5: reads the file again by its name, whole, from disk, and compares every event with its row.
  ///
  /// A file that fails is moved aside and its job dropped: the rows are untouched, and the next
  /// run starts anew.
  func verify(_ job: ArchiveJob) throws -> VerifiedSegment {
    do {
      let segment = try check(job)
      try store.read { try compare(job, segment, $0) }
      return segment
    } catch let error as ArchiveError {
      try drop(job)
      throw error
    }
  }

  private func check(_ job: ArchiveJob) throws -> VerifiedSegment {
    try VerifiedSegment(
      verifying: job.name, in: home(of: job),
      SegmentExpectation(
        storeID: store.id, archiveSeq: job.archiveSeq, generation: 1,
        trustedKeys: try store.read { try SigningKeys.trusted($0.db) }),
      isSigned: job.settings.isSigned)
  }

  private func compare(
    _ job: ArchiveJob, _ segment: VerifiedSegment, _ snapshot: Snapshot
  ) throws {
    let file = try SegmentFile(path: segment.path, keys: store.subjectKeys.keyring)
    for (index, range) in job.ranges.enumerated() {
      let name = try snapshot.stream(numbered: range.stream).name
      guard segment.manifest.streams[index].info.name == name else {
        throw mismatch(segment, name, Revision(range.first))
      }
      var rows = try snapshot.hotEvents(of: range.stream, in: range.first...range.last)
      defer { rows.close() }
      var next = range.first
      try file.forEachEvent(stream: index) { event in
        guard let row = try rows.next(), row.isSame(as: event), row.revision.rawValue == next
        else { throw mismatch(segment, name, Revision(next)) }
        next += 1
        return true
      }
      guard next == range.last + 1 else { throw mismatch(segment, name, Revision(next)) }
    }
  }

  private func mismatch(
    _ segment: VerifiedSegment, _ stream: StreamName, _ revision: Revision
  ) -> ArchiveError {
    .mismatch(segment: segment.name.relativePath, stream: stream, revision: revision)
  }

  /// Gives a job up: its file, if there is one, goes to quarantine; its rows stay as they are.
  func drop(_ job: ArchiveJob) throws {
    let home = home(of: job)
    if home.has(job.name.relativePath) { try home.quarantine(job.name.relativePath) }
    try store.write { try ArchiveJob.delete($0, job.archiveSeq) }
  }
}

extension EventView {
  /// Whether two views hold the same event, byte for byte.
  func isSame(as other: EventView) -> Bool {
    isErased == other.isErased && revision == other.revision && position == other.position
      && id == other.id
      && type == other.type && timestamp == other.timestamp && recordedAt == other.recordedAt
      && metadata.elementsEqual(other.metadata) && data.elementsEqual(other.data)
  }
}
