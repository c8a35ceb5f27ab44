public import Streams

/// One chunk in memory, checked, and what is needed to read the next into its place.
///
/// One a thread; about 2.5 MiB for ordinary chunks.
public struct ChunkBuffer: ~Copyable {
  private var reader: ChunkReader
  private var decoder = EventLineDecoder()
  private var content: [UInt8] = []
  /// The chunk that is loaded.
  public private(set) var chunk: SegmentChunk?
  private var range: ChunkRange?
  private var path = ""
  /// Whether the frames' own checksums are computed, beside the SHA-256 that decides.
  let checksum: Bool

  public init() throws(SegmentError) { try self.init(checksum: false) }

  init(checksum: Bool) throws(SegmentError) {
    self.checksum = checksum
    reader = try ChunkReader(checksum: checksum)
  }

  mutating func load(
    _ index: Int, _ chunk: SegmentChunk, from file: any ByteSource
  ) throws(SegmentError) {
    self.chunk = nil
    reader.load(index, chunk, from: file)
    if let problem = reader.problem { throw problem }
    reader.exchange(&content)
    accept(index, chunk, path: file.path)
  }

  /// Takes a chunk that another thread loaded and checked; `content` gets the old memory.
  mutating func take(
    _ index: Int, _ chunk: SegmentChunk, path: String, content: inout [UInt8]
  ) {
    swap(&self.content, &content)
    accept(index, chunk, path: path)
  }

  /// Takes a chunk that was loaded and checked before.
  mutating func take(_ index: Int, _ chunk: SegmentChunk, path: String, cached frame: [UInt8]) {
    content = frame
    accept(index, chunk, path: path)
  }

  /// The decompressed frame of the loaded chunk, whole and nothing more.
  var frame: [UInt8]? {
    guard let chunk else { return nil }
    let bytes = TarMember.bytes(data: chunk.bytes)
    return content.count == bytes ? content : Array(content.prefix(bytes))
  }

  private mutating func accept(_ index: Int, _ chunk: SegmentChunk, path: String) {
    self.chunk = chunk
    self.path = path
    range = ChunkRange(chunk: index, stream: chunk.stream, first: chunk.first, last: chunk.last)
  }

  /// Calls `body` with the event lines, line feeds included; nothing if no chunk is loaded.
  public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try content.withUnsafeBytes { content in
      try body(content.slice(chunk?.lines ?? 0..<0))
    }
  }

  /// Calls `body` with the loaded chunk's events of `range`, in order of the revisions or, when
  /// `backward`, against it, until it returns false.
  ///
  /// - Returns: whether `body` wants more.
  /// - Throws: what `body` throws; ``SegmentError`` if a line is not the event it should be.
  /// - Complexity: O(bytes of the events), and of the lines before them. No allocation an event.
  public mutating func forEachEvent(
    _ range: ClosedRange<Revision>, backward: Bool = false, _ body: (EventView) throws -> Bool
  ) throws -> Bool {
    guard let chunk, let chunkRange = self.range else { return true }
    let wantsMore = try content.withUnsafeBytes { content in
      try ChunkLines(chunk: chunk, lines: content.slice(chunk.lines))
        .forEach(range, backward: backward, &decoder, body)
    }
    guard let wantsMore else {
      throw SegmentError.damaged(segment: path, .frameCorrupt(chunkRange))
    }
    return wantsMore
  }
}
