internal import EventStore
internal import Segments
internal import Streams

extension SegmentRepair {
  /// Writes the segment again: each chunk from the file where it is sound there, else from rows.
  ///
  /// libzstd's output may differ from version to version, so that the file's hash may be another;
  /// the manifest's, and with it every chunk's, is the recorded one.
  func healFromRows(
    _ entry: CatalogEntry, _ report: VerifyReport
  ) throws -> RepairReport.Source? {
    let manifest = try store.read { try entry.manifest($0.db) }
    guard try losses(entry).isEmpty else { return nil }
    let signer = manifest.signingKey == nil ? nil : try signer()
    guard manifest.signingKey == signer?.publicKey.id else {
      throw ArchiveError.unsignable(segment: entry.file)
    }
    guard let name = SegmentName(entry.file, holding: manifest) else { return nil }
    return try folder.withScratch { scratch in
      let writer = try SegmentWriter(
        directory: scratch, name: name, job: "repair", identity: SegmentIdentity(manifest),
        signer: signer,
        options: SegmentWriterOptions(
          level: Int32(clamping: manifest.writer.level),
          chunkTarget: Int(min(manifest.writer.frameTarget, Int64(SegmentLimits.chunkTarget)))))
      try store.read { try write(manifest, of: entry, $0, writer) }
      _ = try writer.seal()
      let path = scratch + "/" + entry.file
      return try replace(entry, with: path, isRewritten: true) ? .rows : nil
    }
  }

  private func write(
    _ manifest: Manifest, of entry: CatalogEntry, _ snapshot: Snapshot, _ writer: SegmentWriter
  ) throws {
    let streams = try Catalog.ranges(snapshot.db, in: entry.archiveSeq).map(\.stream)
    let sound = try SoundChunks(entry, in: folder, snapshot)
    var buffer = try ChunkBuffer()
    for (index, stream) in manifest.streams.enumerated() {
      try writer.beginStream(stream.info)
      for (number, chunk) in manifest.chunks.enumerated() where chunk.stream == index {
        func take(_ event: EventView) throws -> Bool {
          try writer.append(event)
          return true
        }
        if sound.load(number, into: &buffer) {
          _ = try buffer.forEachEvent(chunk.first...chunk.last, take)
        } else {
          try snapshot.forEachHotEvent(
            of: streams[index], in: chunk.first.rawValue...chunk.last.rawValue, take)
        }
      }
      try writer.endStream()
    }
  }

  /// The revisions that are neither sound in the file nor in rows.
  ///
  /// - Complexity: O(bytes of the segment): every chunk is read.
  func losses(_ entry: CatalogEntry) throws -> [RepairReport.Loss] {
    try store.read { snapshot in
      let manifest = try entry.manifest(snapshot.db)
      let streams = try Catalog.ranges(snapshot.db, in: entry.archiveSeq).map(\.stream)
      guard streams.count == manifest.streams.count else {
        throw ArchiveError.chain(problem: "the catalog's rows of \(entry.file) are not complete")
      }
      let sound = try SoundChunks(entry, in: folder, snapshot)
      var buffer = try ChunkBuffer()
      var lost: [Int: RevisionSpans] = [:]
      for (number, chunk) in manifest.chunks.enumerated()
      where !sound.load(number, into: &buffer) {
        let record = try snapshot.stream(numbered: streams[chunk.stream])
        guard record.status == .deleted || record.prunedTo >= chunk.first.rawValue else { continue }
        lost[chunk.stream, default: RevisionSpans()]
          .insert(chunk.first.rawValue...chunk.last.rawValue)
      }
      return lost.sorted { $0.key < $1.key }.flatMap { index, spans in
        spans.spans.map {
          RepairReport.Loss(stream: manifest.streams[index].info.name, revisions: $0)
        }
      }
    }
  }

  /// The segment as it is now, for the catalog.
  func rewritten(_ entry: CatalogEntry) throws -> VerifiedSegment {
    let manifest = try store.read { try entry.manifest($0.db) }
    guard let name = SegmentName(entry.file, holding: manifest) else {
      throw ArchiveError.noSuchSegment(entry.file)
    }
    return try VerifiedSegment(
      verifying: name, in: folder,
      SegmentExpectation(
        storeID: store.id, archiveSeq: entry.archiveSeq, generation: entry.generation,
        manifestSHA256: SHA256Sum(entry.manifestSHA256)))
  }
}

extension SegmentIdentity {
  /// The same segment once more.
  fileprivate init(_ manifest: Manifest) {
    self.init(
      storeID: manifest.storeID, archiveSeq: manifest.archiveSeq,
      generation: manifest.generation, createdAt: manifest.createdAt,
      writerVersion: manifest.writer.version, prev: manifest.prev, supersedes: manifest.supersedes)
  }
}
