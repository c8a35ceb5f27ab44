internal import Streams

/// Takes members in order, compresses them on several threads, and appends their frames in order.
struct MemberSink {
  private let file: PartialFile
  private var pipeline: Pipeline<MemberCompressor>
  private(set) var table = SeekTable()
  private(set) var chunks: [SegmentChunk] = []
  private(set) var manifestChunks: [Manifest.Chunk] = []
  private var spareLines: [UInt8] = []

  /// A member beyond this is compressed alone, so that no more than one is in memory.
  private static let largeBytes = 4 * SegmentLimits.chunkTarget

  init(file: PartialFile, options: SegmentWriterOptions) throws(SegmentError) {
    self.file = file
    // Two lanes a thread: one is compressed while the producer fills the other.
    let threads = max(0, options.threads)
    pipeline = try Pipeline(lanes: 2 * (threads + 1), threads: threads) {
      () throws(SegmentError) in try MemberCompressor(level: options.level)
    }
  }

  /// Starts a member; `data` gets another buffer, without content.
  mutating func append(_ job: MemberJob, data: inout [UInt8]) throws(SegmentError) {
    let isLarge = data.count > Self.largeBytes
    if isLarge { try drain() }
    if pipeline.isFull { try writeOldest() }
    pipeline.start(prepare: { $0.load(job, &data) }, work: { $0.run() })
    if isLarge { try drain() }
  }

  /// Waits until every member is in the file.
  mutating func drain() throws(SegmentError) {
    while !pipeline.isEmpty { try writeOldest() }
  }

  mutating func spare() -> [UInt8] {
    var lines: [UInt8] = []
    swap(&lines, &spareLines)
    return lines
  }

  mutating func keepSpare(_ lines: inout [UInt8]) { swap(&lines, &spareLines) }

  private mutating func writeOldest() throws(SegmentError) {
    let member = try pipeline.collect { $0.unload() }.get()
    let span = FrameSpan(offset: file.bytes, compressedBytes: member.frameBytes)
    let written = member.frame.withUnsafeBytes { frame in
      Result { () throws(SegmentError) in try file.write(frame.slice(0..<member.frameBytes)) }
    }
    try written.get()
    let checksum = member.frame.withUnsafeBytes {
      $0.littleEndian(at: member.frameBytes - 4, count: 4)
    }
    table.entries.append(
      SeekTable.Entry(
        compressedBytes: UInt32(member.frameBytes), contentBytes: UInt32(member.contentBytes),
        checksum: UInt32(truncatingIfNeeded: checksum)))
    guard let chunk = member.job.chunk else { return }
    manifestChunks.append(chunk)
    chunks.append(SegmentChunk(chunk, at: span))
  }
}
