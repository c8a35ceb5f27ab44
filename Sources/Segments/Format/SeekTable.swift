internal import Streams

/// Where one frame lies in the file, in bytes.
struct FrameSpan: Hashable, Sendable {
  var offset: Int64
  var compressedBytes: Int

  var end: Int64 { offset + Int64(compressedBytes) }
}

/// The seek table: zstd's seekable format 0.1.0, in a skippable frame that ends the file.
///
///     magic 0x184D2A5E | size | frames × (compressed, decompressed, checksum)
///     | frames | 0x80 | magic 0x8F92EAB1          all u32 but the descriptor, little-endian
///
/// A hint without integrity of its own: what it says is checked against the frames.
struct SeekTable: Equatable {
  struct Entry: Equatable {
    var compressedBytes: UInt32
    var contentBytes: UInt32
    /// The frame's last four bytes: its content checksum.
    var checksum: UInt32
  }

  static let footerBytes = 9
  static let headerBytes = 8
  private static let skippableMagic: UInt64 = 0x184D_2A5E
  private static let footerMagic: UInt64 = 0x8F92_EAB1
  private static let hasChecksums: UInt8 = 0x80

  var entries: [Entry] = []

  static func bytes(frames: Int) -> Int { headerBytes + 12 * frames + footerBytes }

  /// The number of frames that the last ``footerBytes`` of a file tell; nil if they tell none.
  static func frames(inFooter footer: UnsafeRawBufferPointer) -> Int? {
    guard footer.count == footerBytes, footer.littleEndian(at: 5, count: 4) == footerMagic,
      footer[4] == hasChecksums
    else { return nil }
    return Int(footer.littleEndian(at: 0, count: 4))
  }

  /// The length of the skippable frame that starts with `header`; nil if none does.
  static func bytes(inHeader header: UnsafeRawBufferPointer) -> Int? {
    guard header.count == headerBytes, header.littleEndian(at: 0, count: 4) == skippableMagic else {
      return nil
    }
    return headerBytes + Int(header.littleEndian(at: 4, count: 4))
  }

  init() {}

  /// Reads the whole skippable frame; nil unless it is exactly one.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.bytes(frames: 0),
      let frames = Self.frames(inFooter: bytes.slice(bytes.count - 9..<bytes.count)),
      bytes.count == Self.bytes(frames: frames),
      bytes.count == Self.bytes(inHeader: bytes.slice(0..<Self.headerBytes))
    else { return nil }
    entries = (0..<frames).map { index in
      let at = Self.headerBytes + 12 * index
      return Entry(
        compressedBytes: UInt32(truncatingIfNeeded: bytes.littleEndian(at: at, count: 4)),
        contentBytes: UInt32(truncatingIfNeeded: bytes.littleEndian(at: at + 4, count: 4)),
        checksum: UInt32(truncatingIfNeeded: bytes.littleEndian(at: at + 8, count: 4)))
    }
  }

  /// The skippable frame.
  var encoded: [UInt8] {
    var out: [UInt8] = []
    func append(_ value: UInt64) {
      for shift in stride(from: UInt64(0), to: 32, by: 8) {
        out.append(UInt8(truncatingIfNeeded: value >> shift))
      }
    }
    append(Self.skippableMagic)
    append(UInt64(Self.bytes(frames: entries.count) - Self.headerBytes))
    for entry in entries {
      append(UInt64(entry.compressedBytes))
      append(UInt64(entry.contentBytes))
      append(UInt64(entry.checksum))
    }
    append(UInt64(entries.count))
    out.append(Self.hasChecksums)
    append(Self.footerMagic)
    return out
  }

  /// The frames' places, one after another from the start of the file.
  var spans: [FrameSpan] {
    var offset: Int64 = 0
    return entries.map { entry in
      defer { offset += Int64(entry.compressedBytes) }
      return FrameSpan(offset: offset, compressedBytes: Int(entry.compressedBytes))
    }
  }
}
