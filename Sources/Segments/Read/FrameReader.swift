/// Why a frame can't be had.
enum FrameProblem: Error, Equatable {
  /// It ends past the end of the file.
  case cut
  /// It is no frame, or its checksum does not hold.
  case corrupt
  /// It breaks a limit; nothing was allocated for it.
  case refused(String)
  case io(SegmentError)
}

/// Reads and decompresses one frame at a time, into buffers it keeps.
struct FrameReader: ~Copyable {
  private let decompressor: FrameDecompressor
  private var compressed: [UInt8] = []
  /// The decompressed frame, in the first ``contentBytes`` of it.
  var content: [UInt8] = []
  private(set) var contentBytes = 0

  /// - Parameter checksum: as in `FrameDecompressor`.
  init(checksum: Bool = true) throws(SegmentError) {
    decompressor = try FrameDecompressor(checksum: checksum)
  }

  deinit {
    var buffers = (compressed, content)
    SpareBuffers.give(&buffers.0)
    SpareBuffers.give(&buffers.1)
  }

  /// Reads the frame at `span` into ``content``, checked by its zstd checksum; returns its bytes.
  mutating func load(_ span: FrameSpan, from file: any ByteSource) throws(FrameProblem) -> Int {
    // What does not compress grows by 1/256 at most (ZSTD_compressBound).
    guard span.compressedBytes <= SegmentLimits.frameBytes + SegmentLimits.frameBytes / 128 else {
      throw .refused("a frame is longer than any a segment has")
    }
    guard span.compressedBytes >= FrameHeader.minBytes else { throw .corrupt }
    let fileBytes = try Self.size(of: file)
    guard span.offset >= 0, span.offset <= fileBytes - Int64(span.compressedBytes) else {
      throw .cut
    }
    compressed.makeRoom(span.compressedBytes)
    let loaded = compressed.withUnsafeMutableBytes { buffer in
      let frame = UnsafeMutableRawBufferPointer(rebasing: buffer[..<span.compressedBytes])
      return Result { () throws(FrameProblem) in
        try Self.fill(frame, at: span.offset, from: file)
        return try Self.decompress(UnsafeRawBufferPointer(frame), decompressor, into: &content)
      }
    }
    contentBytes = try loaded.get()
    return contentBytes
  }

  /// The first block of the tar archive in the frame at `span`: its member's header.
  mutating func tarHeader(
    at span: FrameSpan, from file: any ByteSource
  ) throws(FrameProblem) -> TarHeader? {
    let count = min(
      span.compressedBytes, FrameHeader.maxBytes + 3 + FrameHeader.maxBlockBytes)
    let head: [UInt8]
    do throws(SegmentError) {
      head = try file.bytes(at: span.offset, count: count)
    } catch {
      throw .io(error)
    }
    let result = head.withUnsafeBytes { head in
      Result { () throws(FrameProblem) in
        _ = try FrameHeader.parse(head)
        return withUnsafeTemporaryAllocation(byteCount: TarMember.blockBytes, alignment: 1) {
          block in
          decompressor.decompressHead(head, into: block)
            ? TarHeader(UnsafeRawBufferPointer(block)) : nil
        }
      }
    }
    return try result.get()
  }

  private static func size(of file: any ByteSource) throws(FrameProblem) -> Int64 {
    do throws(SegmentError) {
      return try file.size()
    } catch {
      throw .io(error)
    }
  }

  private static func fill(
    _ frame: UnsafeMutableRawBufferPointer, at offset: Int64, from file: any ByteSource
  ) throws(FrameProblem) {
    let count: Int
    do throws(SegmentError) {
      count = try file.read(into: frame, at: offset)
    } catch {
      throw .io(error)
    }
    guard count == frame.count else { throw .cut }
  }

  /// Decompresses one frame within the limits; returns how many bytes of `content` it fills.
  static func decompress(
    _ frame: UnsafeRawBufferPointer, _ decompressor: borrowing FrameDecompressor,
    into content: inout [UInt8]
  ) throws(FrameProblem) -> Int {
    let header = try FrameHeader.parse(frame)
    content.makeRoom(header.contentBytes)
    let isWhole = content.withUnsafeMutableBytes { content in
      decompressor.decompress(
        frame, into: UnsafeMutableRawBufferPointer(rebasing: content[..<header.contentBytes]))
    }
    guard isWhole else { throw .corrupt }
    return header.contentBytes
  }
}

extension FrameHeader {
  /// The shortest frame: magic, descriptor, size, one empty block, checksum.
  static let minBytes = 4 + 1 + 1 + 3 + 4

  static func parse(_ head: UnsafeRawBufferPointer) throws(FrameProblem) -> FrameHeader {
    do throws(Refusal) {
      return try FrameHeader(head)
    } catch {
      switch error {
      case .notAFrame: throw .corrupt
      case .refused(let reason): throw .refused(reason)
      }
    }
  }
}
