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

  /// Calls `body` with each chunk of `order`, loaded and checked, or with what is wrong with it,
  /// until it returns false.
  ///
  /// Chunks are loaded ahead on other threads; a large one alone, so that memory stays bounded.
  func forEachChunk(
    _ order: [Int], threads: Int, cache: ChunkCache? = nil, _ buffer: inout ChunkBuffer,
    _ body: (Int, SegmentError?, inout ChunkBuffer) throws -> Bool
  ) throws {
    let isShort = order.count <= 2
    guard threads > 0, !isShort else {
      for index in order {
        let problem = problem(loading: index, into: &buffer, isShort ? cache : nil)
        guard try body(index, problem, &buffer) else { return }
      }
      return
    }
    let checksum = buffer.checksum
    var pipeline = try Pipeline(lanes: 2 * (threads + 1), threads: threads) {
      () throws(SegmentError) in try ChunkReader(checksum: checksum)
    }
    var started = 0
    var content: [UInt8] = []
    for index in order {
      while started < order.count, mayStart(started, of: order, pipeline) {
        start(order[started], &pipeline)
        started += 1
      }
      let problem = pipeline.collect { reader in
        if reader.problem == nil { reader.exchange(&content) }
        return reader.problem
      }
      if problem == nil { buffer.take(index, chunks[index], path: path, content: &content) }
      guard try body(index, problem, &buffer) else { return }
    }
  }

  private func problem(
    loading index: Int, into buffer: inout ChunkBuffer, _ cache: ChunkCache?
  ) -> SegmentError? {
    let chunk = chunks[index]
    if let frame = cache?.frame(of: chunk) {
      buffer.take(index, chunk, path: path, cached: frame)
      return nil
    }
    do throws(SegmentError) {
      try readChunk(index, into: &buffer)
      if let cache, let frame = buffer.frame { cache.keep(frame, of: chunk) }
      return nil
    } catch {
      return error
    }
  }

  private func mayStart(
    _ place: Int, of order: [Int], _ pipeline: borrowing Pipeline<ChunkReader>
  ) -> Bool {
    func isLarge(_ place: Int) -> Bool {
      chunks[order[place]].bytes > 4 * SegmentLimits.chunkTarget
    }
    if pipeline.isEmpty { return true }
    return !pipeline.isFull && !isLarge(place) && !isLarge(place - 1)
  }

  private func start(_ index: Int, _ pipeline: inout Pipeline<ChunkReader>) {
    let file = file
    let chunk = chunks[index]
    let absence = absence(of: index)
    pipeline.start(prepare: { _ in }) { reader in
      if let absence { reader.refuse(absence) } else { reader.load(index, chunk, from: file) }
    }
  }
}
