internal import Streams

/// Reads one chunk at a time and checks it: its frame, its name and length, its SHA-256. An
/// encrypted one is then opened.
struct ChunkReader: ~Copyable {
  private var frames: FrameReader
  private var opener: ChunkOpener
  private(set) var problem: SegmentError?
  /// Where the event lines stand in what ``exchange(_:)`` gives.
  private(set) var lines = 0..<0

  /// - Parameter checksum: whether the frame's own checksum is computed too.
  init(checksum: Bool) throws(SegmentError) {
    let frames = try FrameReader(checksum: checksum)
    let opener = try ChunkOpener()
    self.frames = frames
    self.opener = opener
  }

  /// Loads chunk `index`; what went wrong is kept in ``problem``.
  ///
  /// - Parameter keys: opens it if it is encrypted; nil leaves it as it is.
  mutating func load(
    _ index: Int, _ chunk: SegmentChunk, from file: any ByteSource, keys: Keyring?
  ) {
    problem = nil
    do throws(SegmentError) {
      try check(index, chunk, from: file)
      lines = chunk.memberData
      if let subject = chunk.subject, let keys { try open(index, chunk, subject, keys, file.path) }
    } catch {
      problem = error
    }
  }

  /// Stands for a chunk that can't be loaded.
  mutating func refuse(_ problem: SegmentError) { self.problem = problem }

  /// Exchanges the loaded chunk's memory for another's.
  mutating func exchange(_ content: inout [UInt8]) { swap(&content, &frames.content) }

  private mutating func check(
    _ index: Int, _ chunk: SegmentChunk, from file: any ByteSource
  ) throws(SegmentError) {
    let range = chunk.range(at: index)
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

  private mutating func open(
    _ index: Int, _ chunk: SegmentChunk, _ subject: String, _ keys: Keyring, _ path: String
  ) throws(SegmentError) {
    let opened = frames.content.withUnsafeBytes { content in
      Result { () throws(SegmentError) in
        try opener.open(
          content.slice(chunk.memberData), chunk, chunk.range(at: index), subject: subject, keys,
          path: path)
      }
    }
    lines = 0..<(try opened.get())
    swap(&frames.content, &opener.lines)
  }

  /// What is wrong with the tar archive in a sound frame; nil if it is the chunk.
  private static func damage(
    _ content: UnsafeRawBufferPointer, _ chunk: SegmentChunk, _ range: ChunkRange
  ) -> SegmentDamage? {
    guard let header = TarHeader(content) else { return .frameCorrupt(range) }
    guard header.name == chunk.member else { return .orderViolation(range) }
    guard header.bytes == chunk.bytes, content.count == TarMember.bytes(data: chunk.bytes),
      SHA256Sum(of: content.slice(chunk.memberData)) == chunk.sha256
    else { return .frameCorrupt(range) }
    return nil
  }
}

extension SegmentChunk {
  /// Where the member's data stands in the decompressed frame.
  var memberData: Range<Int> { TarMember.blockBytes..<(TarMember.blockBytes + bytes) }

  func range(at index: Int) -> ChunkRange {
    ChunkRange(chunk: index, stream: stream, first: first, last: last)
  }
}
