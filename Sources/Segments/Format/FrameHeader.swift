/// The head of a zstd frame (RFC 8878 §3.1.1.1), read before a byte is decompressed.
struct FrameHeader: Equatable {
  static let magic: UInt32 = 0xFD2F_B528
  /// The longest header: magic, descriptor, window, dictionary id, content size.
  static let maxBytes = 18
  /// A block holds at most 128 KiB (RFC 8878 §3.1.1.2.4).
  static let maxBlockBytes = 128 << 10

  var bytes: Int
  var contentBytes: Int
  var hasChecksum: Bool

  enum Refusal: Error, Equatable {
    /// It does not start as a zstd frame does, or ends too early.
    case notAFrame
    /// Beyond ``SegmentLimits``, or without what every frame of a segment has.
    case refused(String)
  }

  /// - Parameter head: the frame's first bytes, ``maxBytes`` of them if the file has so many.
  init(_ head: UnsafeRawBufferPointer) throws(Refusal) {
    guard Self.isStart(head), head.count >= 6 else { throw .notAFrame }
    let descriptor = head[4]
    let isSingleSegment = descriptor & 0x20 != 0
    let sizeField = [isSingleSegment ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
    bytes = 5 + (isSingleSegment ? 0 : 1) + sizeField
    guard descriptor & 0x08 == 0 else { throw .notAFrame }
    guard descriptor & 0x03 == 0 else { throw .refused("a frame names a dictionary") }
    guard sizeField > 0 else { throw .refused("a frame does not tell its content size") }
    guard head.count >= bytes else { throw .notAFrame }
    hasChecksum = descriptor & 0x04 != 0
    guard hasChecksum else { throw .refused("a frame has no checksum") }
    let size =
      head.littleEndian(at: bytes - sizeField, count: sizeField)
      &+ (sizeField == 2 ? 256 : 0)
    guard size <= UInt64(SegmentLimits.frameBytes) else {
      throw .refused("a frame claims more than \(SegmentLimits.frameBytes >> 20) MiB")
    }
    contentBytes = Int(size)
    let window = isSingleSegment ? size : Self.window(head[5])
    guard isSingleSegment || window <= SegmentLimits.windowBytes else {
      throw .refused("a frame needs a window over \(SegmentLimits.windowBytes >> 20) MiB")
    }
  }

  /// Whether `bytes` start as a zstd frame does.
  static func isStart(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 4 && bytes.littleEndian(at: 0, count: 4) == UInt64(magic)
  }

  private static func window(_ descriptor: UInt8) -> UInt64 {
    let base = UInt64(1) << (10 + UInt64(descriptor >> 3))
    return base + base / 8 * UInt64(descriptor & 7)
  }
}

extension UnsafeRawBufferPointer {
  /// The unsigned number in `count` little-endian bytes at `offset`, which must lie inside.
  func littleEndian(at offset: Int, count: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(self[offset + index]) << UInt64(8 * index) }
    return value
  }
}
