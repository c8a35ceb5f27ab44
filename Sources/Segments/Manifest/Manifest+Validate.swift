internal import Streams

extension Manifest {
  /// Checks what must hold between the fields; run after decoding and before writing.
  ///
  /// - Throws: ``ManifestError/corrupt(_:)`` with the first rule that is broken.
  public func validate() throws(ManifestError) {
    let numbers = 1...SegmentLimits.number
    try require(numbers.contains(archiveSeq), "archive_seq is out of range")
    try require(numbers.contains(generation), "generation is out of range")
    try require(!segmentID.isEmpty && !storeID.isEmpty, "segment_id or store_id is empty")
    try require(
      prev.map { $0.archiveSeq == archiveSeq - 1 } ?? true, "prev is not the segment before")
    try validateGenerations()
    try require(!streams.isEmpty, "it has no stream")
    let ids = streams.map { SegmentName.streamID(store: storeID, stream: $0.info.name) }
    try require(Set(ids).count == streams.count, "it has a stream twice")
    for (index, stream) in streams.enumerated() { try validate(stream, index) }
    try validateChunks(streamIDs: ids)
    try require(root == Self.root(of: chunks), "root is not the hash of the chunks")
  }

  /// Each came after the one it replaced, and the last is the one that this replaces.
  private func validateGenerations() throws(ManifestError) {
    guard let supersedes, !supersedes.generations.isEmpty else { return }
    let numbers = supersedes.generations.map(\.archiveSeq) + [archiveSeq]
    try require(
      numbers[0] >= 1 && zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 },
      "supersedes.generations are not in order")
    try require(
      supersedes.generations.last?.manifestSHA256 == supersedes.manifestSHA256,
      "supersedes.generations do not end with the segment replaced")
  }

  private func validate(_ stream: Stream, _ index: Int) throws(ManifestError) {
    func require(_ condition: Bool, _ reason: String) throws(ManifestError) {
      try self.require(condition, "streams[\(index)]: \(reason)")
    }
    try require(
      Self.isRange(stream.first, stream.last, stream.count), "count is not that of first to last")
    try require(stream.firstAt <= stream.lastAt, "first_at is after last_at")
    // A store's positions grow with every event.
    try require(
      stream.firstPosition.rawValue >= 0 && stream.lastPosition.rawValue <= SegmentLimits.number
        && stream.lastPosition.rawValue - stream.firstPosition.rawValue >= stream.count - 1,
      "seq_first to seq_last is too short or out of range")
    var total: Int64 = 0
    for type in stream.types {
      try require(type.count > 0 && type.count <= stream.count - total, "types do not add up")
      total += type.count
    }
    try require(total == stream.count, "types do not add up")
    let names = stream.types.map { Array($0.type.utf8) }
    for (a, b) in zip(names, names.dropFirst()) {
      try require(a.lexicographicallyPrecedes(b), "types are not sorted")
    }
  }

  /// The chunks cover the streams one after the other, without a gap.
  private func validateChunks(streamIDs: [String]) throws(ManifestError) {
    var stream = 0
    var next = streams[0].first
    for (index, chunk) in chunks.enumerated() {
      if stream < streams.count, next.rawValue > streams[stream].last.rawValue {
        stream += 1
        if stream < streams.count { next = streams[stream].first }
      }
      try require(
        stream < streams.count && chunk.stream == stream && chunk.first == next
          && chunk.last <= streams[stream].last, "chunks[\(index)] leaves a gap or overlaps")
      try require(
        Self.isRange(chunk.first, chunk.last, chunk.count)
          && chunk.count <= SegmentLimits.chunkEvents, "chunks[\(index)].count is wrong")
      try require(
        chunk.bytes > 0 && TarMember.bytes(data: chunk.bytes) <= SegmentLimits.frameBytes,
        "chunks[\(index)].bytes is out of range")
      // A member's name follows from the store, the stream and the range: no path to be trusted.
      try require(
        chunk.member
          == SegmentName.member(
            streamID: streamIDs[stream], first: chunk.first, last: chunk.last,
            encryption: chunk.encryption),
        "chunks[\(index)].member is wrong")
      try require(
        chunk.encryption == .none
          || streams[stream].info.subject != nil && chunk.count <= SegmentLimits.sealedEvents,
        "chunks[\(index)] is encrypted for nobody, or has too many events")
      next = Revision(chunk.last.rawValue + 1)
    }
    try require(
      stream == streams.count - 1 && next.rawValue == streams[stream].last.rawValue + 1,
      "the chunks end before the streams")
  }

  private static func isRange(_ first: Revision, _ last: Revision, _ count: Int64) -> Bool {
    first.rawValue >= 0 && last >= first && last.rawValue <= SegmentLimits.number
      && last.rawValue - first.rawValue == count - 1
  }

  private func require(_ condition: Bool, _ reason: String) throws(ManifestError) {
    guard condition else { throw .corrupt(reason) }
  }
}
