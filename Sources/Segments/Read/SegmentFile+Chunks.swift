internal import Streams

extension SegmentFile {
  /// Calls `body` with each chunk of `order`, loaded and checked, or with what is wrong with it,
  /// until it returns false.
  ///
  /// Chunks are loaded ahead on other threads, two at a time; a large one alone, so that memory stays
  /// bounded.
  func forEachChunk(
    _ order: [Int], threads: Int, cache: ChunkCache? = nil, _ buffer: inout ChunkBuffer,
    _ body: (Int, SegmentError?, inout ChunkBuffer) throws -> Bool
  ) throws {
    guard order.count > 2 else {
      for index in order {
        let problem = problem(loading: index, into: &buffer, cache)
        guard try body(index, problem, &buffer) else { return }
      }
      return
    }
    let checksum = buffer.checksum
    // One is filled for each thread, while one is read here and one waits to be.
    var pipeline = try Pipeline(lanes: threads > 0 ? threads + 2 : 1, threads: threads) {
      () throws(SegmentError) in try ChunkPair(checksum: checksum)
    }
    var started = 0
    var done = 0
    while done < order.count {
      while started < order.count, mayStart(started, of: order, pipeline) {
        let batch = batch(at: started, of: order)
        let requests = order[batch].map { request($0) }
        pipeline.start(prepare: { _ in }, work: { $0.load(requests) })
        started = batch.upperBound
      }
      let batch = batch(at: done, of: order)
      var outcomes = pipeline.collect { $0.take() }
      for index in order[batch] {
        // Removed, so that what the buffer later gives up has no second owner.
        let problem = buffer.take(request(index), outcomes.removeFirst())
        guard try body(index, problem, &buffer) else { return }
      }
      done = batch.upperBound
    }
  }

  private func problem(
    loading index: Int, into buffer: inout ChunkBuffer, _ cache: ChunkCache?
  ) -> SegmentError? {
    let chunk = chunks[index]
    if chunk.subject == nil, let frame = cache?.frame(of: chunk) {
      buffer.take(request(index), cached: frame)
      return nil
    }
    do throws(SegmentError) {
      try readChunk(index, into: &buffer)
      if let cache, let frame = buffer.shareFrame() { cache.keep(frame, of: chunk) }
      return nil
    } catch {
      return error
    }
  }

  /// The chunks from `place` on that are loaded together: two, but the first alone, as somebody
  /// waits for it who may not want another.
  private func batch(at place: Int, of order: [Int]) -> Range<Int> {
    let isPair =
      place > 0 && place + 1 < order.count && !isLarge(order[place]) && !isLarge(order[place + 1])
    return place..<(place + (isPair ? 2 : 1))
  }

  private func mayStart(
    _ place: Int, of order: [Int], _ pipeline: borrowing Pipeline<ChunkPair>
  ) -> Bool {
    if pipeline.isEmpty { return true }
    return !pipeline.isFull && !isLarge(order[place]) && !isLarge(order[place - 1])
  }

  private func isLarge(_ index: Int) -> Bool {
    chunks[index].bytes > 4 * SegmentLimits.chunkTarget
  }
}

extension ChunkBuffer {
  /// Takes a chunk if it could be loaded; returns what is wrong with it otherwise.
  fileprivate mutating func take(
    _ request: ChunkRequest, _ outcome: consuming ChunkPair.Outcome
  ) -> SegmentError? {
    switch consume outcome {
    case .success(var loaded):
      take(request, &loaded)
      return nil
    case .failure(let problem): return problem
    }
  }
}
