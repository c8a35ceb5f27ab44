internal import Streams

/// Reads one chunk at a time and checks it: its frame, its name and length, its SHA-256. An
/// encrypted one is then opened.
struct ChunkReader: ~Copyable {
  private var frames: FrameReader
  private var opener: ChunkOpener

  /// - Parameter checksum: whether the frame's own checksum is computed too.
  init(checksum: Bool) throws(SegmentError) {
    let frames = try FrameReader(checksum: checksum)
    let opener = try ChunkOpener()
    self.frames = frames
    self.opener = opener
  }

  /// - Throws: ``SegmentError/damaged(segment:_:)`` naming the chunk and its revisions, `.io`,
  ///   `.keyUnavailable`.
  mutating func load(_ request: ChunkRequest) throws(SegmentError) -> LoadedChunk {
    try read(request)
    return try finish(request)
  }

  /// Reads a chunk and checks all but its hash: the first half of ``load(_:)``.
  mutating func read(_ request: ChunkRequest) throws(SegmentError) {
    if let absence = request.absence { throw absence }
    try check(request)
  }

  /// The second half: holds what was read against its hash.
  mutating func finish(_ request: ChunkRequest) throws(SegmentError) -> LoadedChunk {
    try finish(request, hash: withMember(request) { SHA256Sum(of: $0) })
  }

  /// The same with the hash of ``withMember(_:_:)``, computed elsewhere.
  mutating func finish(
    _ request: ChunkRequest, hash: SHA256Sum
  ) throws(SegmentError) -> LoadedChunk {
    let chunk = request.chunk
    guard hash == chunk.sha256 else { throw request.damaged(.frameCorrupt(request.range)) }
    guard let subject = chunk.subject, let keys = request.keys else {
      return LoadedChunk(content: take(), lines: chunk.memberData)
    }
    let count = try open(request, subject, keys)
    return LoadedChunk(content: take(), lines: 0..<count)
  }

  /// Calls `body` with what is hashed of the chunk that was read.
  func withMember<R>(_ request: ChunkRequest, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    frames.content.withUnsafeBytes { body($0.slice(request.chunk.memberData)) }
  }

  private mutating func take() -> [UInt8] {
    var content: [UInt8] = []
    swap(&content, &frames.content)
    return content
  }

  private mutating func check(_ request: ChunkRequest) throws(SegmentError) {
    let chunk = request.chunk
    guard (1...SegmentLimits.frameBytes).contains(chunk.bytes) else {
      throw request.damaged(.frameRefused(request.range, "its length is out of range"))
    }
    let count: Int
    do throws(FrameProblem) {
      count = try frames.load(
        FrameSpan(offset: chunk.offset, compressedBytes: chunk.compressedBytes),
        from: request.file)
    } catch {
      switch error {
      case .cut: throw request.damaged(.truncated(at: chunk.offset))
      case .corrupt: throw request.damaged(.frameCorrupt(request.range))
      case .refused(let reason): throw request.damaged(.frameRefused(request.range, reason))
      case .io(let error): throw error
      }
    }
    let damage = frames.content.withUnsafeBytes { content in
      Self.damage(content.slice(0..<count), chunk, request.range)
    }
    if let damage { throw request.damaged(damage) }
  }

  /// Puts the event lines in place of the age file; returns how many bytes they are.
  private mutating func open(
    _ request: ChunkRequest, _ subject: String, _ keys: Keyring
  ) throws(SegmentError) -> Int {
    let chunk = request.chunk
    let opened = frames.content.withUnsafeBytes { content in
      Result { () throws(SegmentError) in
        try opener.open(
          content.slice(chunk.memberData), chunk, request.range, subject: subject, keys,
          path: request.file.path)
      }
    }
    swap(&frames.content, &opener.lines)
    return try opened.get()
  }

  /// What is wrong with the tar archive in a sound frame; nil if it may be the chunk.
  private static func damage(
    _ content: UnsafeRawBufferPointer, _ chunk: SegmentChunk, _ range: ChunkRange
  ) -> SegmentDamage? {
    guard let header = TarHeader(content) else { return .frameCorrupt(range) }
    guard header.name == chunk.member else { return .orderViolation(range) }
    guard header.bytes == chunk.bytes, content.count == TarMember.bytes(data: chunk.bytes) else {
      return .frameCorrupt(range)
    }
    return nil
  }
}
