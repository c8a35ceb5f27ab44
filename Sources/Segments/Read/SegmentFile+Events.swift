public import Streams

extension SegmentFile {
  /// Calls `body` with a stream's events from `first` through `last`, oldest first or, when
  /// `backward`, newest first, until it returns false. Revisions the segment does not hold are
  /// passed over.
  ///
  /// - Parameters:
  ///   - stream: the stream's index in the manifest.
  ///   - threads: how many decompress ahead of `body`, beside the caller's thread.
  ///   - cache: where a read of a chunk or two looks first and leaves what it read. Longer reads
  ///     pass it by: what they read is not soon read again, and would push out what is.
  /// - Throws: what `body` throws; ``SegmentError`` at the first damaged chunk: what was served
  ///   before it is sound, and what follows it can be asked for.
  /// - Complexity: O(bytes of the chunks touched). Memory: a few chunks.
  public func forEachEvent(
    stream: Int, from first: Revision = Revision(0), through last: Revision = Revision(.max),
    backward: Bool = false, threads: Int = Processors.others, cache: ChunkCache? = nil,
    _ body: (EventView) throws -> Bool
  ) throws {
    guard first <= last else { return }
    var buffer = try ChunkBuffer()
    var order = chunks.indices.filter { index in
      chunks[index].stream == stream && chunks[index].last >= first && chunks[index].first <= last
    }
    if backward { order.reverse() }
    try checkOrder(order, backward: backward)
    try forEachChunk(order, threads: threads, cache: cache, &buffer) { _, problem, buffer in
      if let problem { throw problem }
      return try buffer.forEachEvent(first...last, backward: backward, body)
    }
  }

  /// Chunks that do not join would read as a stream with a gap.
  private func checkOrder(_ order: [Int], backward: Bool) throws(SegmentError) {
    for (one, next) in zip(order, order.dropFirst()) {
      let (before, after) = backward ? (next, one) : (one, next)
      guard chunks[before].last.rawValue &+ 1 == chunks[after].first.rawValue else {
        throw .damaged(segment: path, .orderViolation(range(of: after)))
      }
    }
  }
}
