public import Streams

/// One chunk in memory, checked, and what is needed to read the next into its place.
///
/// One a thread; about 2.5 MiB for ordinary chunks.
public struct ChunkBuffer: ~Copyable {
  private var reader: ChunkReader
  private var decoder = EventLineDecoder()
  private var content: [UInt8] = []
  /// Whether somebody else holds ``content`` too.
  private var isShared = false
  /// The chunk that is loaded.
  public private(set) var chunk: SegmentChunk?
  private var range: ChunkRange?
  private var lines = 0..<0
  private var path = ""
  /// Whether the frames' own checksums are computed, beside the SHA-256 that decides.
  let checksum: Bool

  public init() throws(SegmentError) { try self.init(checksum: false) }

  init(checksum: Bool) throws(SegmentError) {
    self.checksum = checksum
    reader = try ChunkReader(checksum: checksum)
  }

  deinit {
    var content = content
    if !isShared { SpareBuffers.give(&content) }
  }

  mutating func load(_ request: ChunkRequest) throws(SegmentError) {
    chunk = nil
    var loaded = try reader.load(request)
    take(request, &loaded)
  }

  /// Takes a chunk that was loaded elsewhere.
  mutating func take(_ request: ChunkRequest, _ loaded: inout LoadedChunk) {
    release()
    swap(&content, &loaded.content)
    isShared = false
    accept(request, lines: loaded.lines)
  }

  /// Takes a plain chunk that was loaded and checked before.
  mutating func take(_ request: ChunkRequest, cached frame: [UInt8]) {
    release()
    content = frame
    isShared = true
    accept(request, lines: request.chunk.memberData)
  }

  /// The decompressed frame of the loaded chunk, and hardly more, to be kept; nil for an encrypted
  /// one: what was opened is not kept.
  mutating func shareFrame() -> [UInt8]? {
    guard let chunk, chunk.subject == nil else { return nil }
    let bytes = TarMember.bytes(data: chunk.bytes)
    guard content.count <= bytes + bytes / 8 else { return Array(content.prefix(bytes)) }
    isShared = true
    return content
  }

  /// Memory that a cache holds too is not to be written to.
  private mutating func release() { if !isShared { SpareBuffers.give(&content) } }

  private mutating func accept(_ request: ChunkRequest, lines: Range<Int>) {
    chunk = request.chunk
    range = request.range
    path = request.file.path
    self.lines = lines
  }

  /// Calls `body` with the event lines, line feeds included; nothing if no chunk is loaded.
  public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try content.withUnsafeBytes { content in
      try body(content.slice(chunk == nil ? 0..<0 : lines))
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
      try ChunkLines(chunk: chunk, lines: content.slice(lines))
        .forEach(range, backward: backward, &decoder, body)
    }
    guard let wantsMore else {
      throw SegmentError.damaged(segment: path, .frameCorrupt(chunkRange))
    }
    return wantsMore
  }
}
