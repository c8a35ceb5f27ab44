internal import Streams

/// Reads one chunk at a time and checks it: its frame, its name and length, its SHA-256.
struct ChunkReader: ~Copyable {
  private var frames: FrameReader
  private(set) var problem: SegmentError?

  /// - Parameter checksum: whether the frame's own checksum is computed too.
  init(checksum: Bool) throws(SegmentError) { frames = try FrameReader(checksum: checksum) }

  /// Loads chunk `index`; what went wrong is kept in ``problem``.
  mutating func load(_ index: Int, _ chunk: SegmentChunk, from file: any ByteSource) {
    problem = nil
    do throws(SegmentError) {
      try check(index, chunk, from: file)
    } catch {
      problem = error
    }
  }

  /// Stands for a chunk that can't be loaded.
  mutating func refuse(_ problem: SegmentError) { self.problem = problem }

  /// Exchanges the frame's memory for another's. The event lines follow the tar header.
  mutating func exchange(_ content: inout [UInt8]) { swap(&content, &frames.content) }

  private mutating func check(
    _ index: Int, _ chunk: SegmentChunk, from file: any ByteSource
  ) throws(SegmentError) {
    let range = ChunkRange(chunk: index, stream: chunk.stream, first: chunk.first, last: chunk.last)
    func damaged(_ damage: SegmentDamage) -> SegmentError {
      .damaged(segment: file.path, damage)
    }
    guard (1...SegmentLimits.frameBytes).contains(chunk.bytes) else {
      throw damaged(.frameRefused(range, "its length is out of range"))
    }
    let count: Int
    do throws(FrameProblem) {
      count = try frames.load(
        FrameSpan(offset: chunk.offset, compressedBytes: chunk.compressedBytes), from: file)
    } catch {
      switch error {
      case .cut: throw damaged(.truncated(at: chunk.offset))
      case .corrupt: throw damaged(.frameCorrupt(range))
      case .refused(let reason): throw damaged(.frameRefused(range, reason))
      case .io(let error): throw error
      }
    }
    let damage = frames.content.withUnsafeBytes { content in
      Self.damage(content.slice(0..<count), chunk, range)
    }
    if let damage { throw damaged(damage) }
  }

  /// What is wrong with the tar archive in a sound frame; nil if it is the chunk.
  private static func damage(
    _ content: UnsafeRawBufferPointer, _ chunk: SegmentChunk, _ range: ChunkRange
  ) -> SegmentDamage? {
    guard let header = TarHeader(content) else { return .frameCorrupt(range) }
    guard header.name == chunk.member else { return .orderViolation(range) }
    guard header.bytes == chunk.bytes, content.count == TarMember.bytes(data: chunk.bytes),
      SHA256Sum(of: content.slice(chunk.lines)) == chunk.sha256
    else { return .frameCorrupt(range) }
    return nil
  }
}

extension SegmentChunk {
  /// Where the event lines stand in the decompressed frame.
  var lines: Range<Int> { TarMember.blockBytes..<(TarMember.blockBytes + bytes) }
}
