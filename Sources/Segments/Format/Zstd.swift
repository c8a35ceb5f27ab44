internal import CZstd

/// A zstd compressor that makes one frame at a time, with content size and checksum.
struct FrameCompressor: ~Copyable {
  private let context: OpaquePointer

  init(level: Int32) throws(SegmentError) {
    guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
    guard Self.configure(context, level) else {
      ZSTD_freeCCtx(context)
      throw .outOfMemory
    }
    self.context = context
  }

  private static func configure(_ context: OpaquePointer, _ level: Int32) -> Bool {
    let settings = [
      (ZSTD_c_compressionLevel, level), (ZSTD_c_checksumFlag, 1), (ZSTD_c_contentSizeFlag, 1),
      // The window never exceeds what a reader takes; 2^23 bytes are 8 MiB.
      (ZSTD_c_windowLog, level > 19 ? 23 : 0),
    ]
    return settings.allSatisfy { parameter, value in
      ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)) == 0
    }
  }

  deinit { ZSTD_freeCCtx(context) }

  /// Compresses `content` into `frame`, which grows as needed; returns the frame's bytes.
  func compress(
    _ content: UnsafeRawBufferPointer, into frame: inout [UInt8]
  ) throws(SegmentError) -> Int {
    frame.makeRoom(ZSTD_compressBound(content.count))
    // Both remain in force until the frame's end, and compress2 resets them.
    ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
    ZSTD_CCtx_setPledgedSrcSize(context, UInt64(content.count))
    let result = frame.withUnsafeMutableBytes { frame in
      ZSTD_compress2(
        context, frame.baseAddress, frame.count, content.baseAddress, content.count)
    }
    guard ZSTD_isError(result) == 0 else { throw .outOfMemory }
    return result
  }
}

/// A zstd decompressor.
struct FrameDecompressor: ~Copyable {
  private let context: OpaquePointer

  /// - Parameter checksum: whether a frame's checksum is computed; false where a SHA-256 of what was
  ///   decompressed decides: the checksum takes a fifth of the time, and finds nothing more.
  init(checksum: Bool = true) throws(SegmentError) {
    guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
    // 2^23 bytes are the 8 MiB of SegmentLimits.windowBytes.
    guard ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 23)) == 0 else {
      ZSTD_freeDCtx(context)
      throw .outOfMemory
    }
    // ZSTD_d_forceIgnoreChecksum, 1. A library that does not know it goes on computing.
    if !checksum { ZSTD_DCtx_setParameter(context, ZSTD_d_experimentalParam3, 1) }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  /// Decompresses the one whole frame in `frame`; false unless it fills `content` exactly and its
  /// checksum holds.
  func decompress(
    _ frame: UnsafeRawBufferPointer, into content: UnsafeMutableRawBufferPointer
  ) -> Bool {
    ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count
      && ZSTD_decompressDCtx(
        context, content.baseAddress, content.count, frame.baseAddress, frame.count)
        == content.count
  }

  /// Decompresses the first bytes of a frame, of which `head` is the beginning; false if `head` does
  /// not yield enough to fill `content`.
  func decompressHead(
    _ head: UnsafeRawBufferPointer, into content: UnsafeMutableRawBufferPointer
  ) -> Bool {
    ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
    var input = ZSTD_inBuffer(src: head.baseAddress, size: head.count, pos: 0)
    var output = ZSTD_outBuffer(dst: content.baseAddress, size: content.count, pos: 0)
    while output.pos < output.size {
      let consumed = input.pos
      let produced = output.pos
      guard ZSTD_isError(ZSTD_decompressStream(context, &output, &input)) == 0,
        input.pos > consumed || output.pos > produced
      else { return false }
    }
    return true
  }
}
