public import Streams

extension SegmentWriter {
  /// Writes a stream of another segment as it is: its members byte for byte, encrypted or not.
  ///
  /// - Parameter index: the stream's, in the manifest of `segment`.
  /// - Throws: ``SegmentError`` at the first chunk that is damaged; `.outOfOrder` when `segment` was
  ///   opened without its manifest.
  /// - Complexity: O(bytes of the stream); memory for a few chunks.
  public func copyStream(_ index: Int, of segment: SegmentFile) throws(SegmentError) {
    var reader = try ChunkReader(checksum: true)
    try transfer(index, of: segment, info: { $0 }) { chunk, place, data throws(SegmentError) in
      try segment.loadMember(place, &reader, into: &data)
      return chunk
    }
  }

  /// Writes a stream of another segment with each event replaced by the line that says it is
  /// erased. What the manifest says of the stream as a whole stays: name, range, times, types.
  ///
  /// - Parameter tombstone: what the manifest says of its deletion.
  public func eraseStream(
    _ index: Int, of segment: SegmentFile, tombstone: Tombstone
  ) throws(SegmentError) {
    try transfer(index, of: segment, info: { $0.erased(tombstone) }) { chunk, _, data in
      data.removeAll(keepingCapacity: true)
      for revision in chunk.first.rawValue...chunk.last.rawValue { data.append(erased: revision) }
      var erased = chunk
      erased.encryption = .none
      return erased
    }
  }

  /// Writes the stream's chunks, each with the data that `load` yields.
  private func transfer(
    _ index: Int, of segment: SegmentFile, info: (SegmentStreamInfo) -> SegmentStreamInfo,
    _ load: (Manifest.Chunk, Int, inout [UInt8]) throws(SegmentError) -> Manifest.Chunk
  ) throws(SegmentError) {
    try step { () throws(SegmentError) in
      guard !hasOpenStream, let manifest = segment.manifest,
        manifest.streams.indices.contains(index)
      else { throw outOfOrder("there is no such stream to be copied") }
      var stream = manifest.streams[index]
      stream.info = info(stream.info)
      let id = SegmentName.streamID(store: identity.storeID, stream: stream.info.name)
      for (place, chunk) in manifest.chunks.enumerated() where chunk.stream == index {
        var data = members.spare()
        var copy = try load(chunk, place, &data)
        copy.stream = streams.count
        copy.member = SegmentName.member(
          streamID: id, first: copy.first, last: copy.last, encryption: copy.encryption)
        try members.append(
          MemberJob(
            name: copy.member, modified: stream.lastAt, chunk: copy, subject: stream.info.subject),
          data: &data)
        members.keepSpare(&data)
      }
      streams.append(stream)
    }
  }
}

extension SegmentFile {
  /// Replaces `data` by the data of a chunk's member as it stands in the file, checked by its hash.
  func loadMember(
    _ index: Int, _ reader: inout ChunkReader, into data: inout [UInt8]
  ) throws(SegmentError) {
    var loaded = try reader.load(request(index, keys: nil))
    data.removeAll(keepingCapacity: true)
    data.append(contentsOf: loaded.content[loaded.lines])
    SpareBuffers.give(&loaded.content)
  }
}
