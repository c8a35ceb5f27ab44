internal import Streams

/// Appends numbers and texts to a byte array: LEB128 varints, zigzag for signed ones, as in
/// Protocol Buffers (protobuf.dev/programming-guides/encoding).
struct ByteWriter: Hashable, Sendable {
  private(set) var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func flag(_ value: Bool) { byte(value ? 1 : 0) }

  mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  mutating func count(_ value: Int) { varint(UInt64(value)) }

  mutating func signed(_ value: Int64) {
    varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  /// Eight bytes, little endian.
  mutating func word(_ value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ raw: UnsafeRawBufferPointer) { bytes.append(contentsOf: raw) }

  /// The count, then the bytes.
  mutating func block(_ block: [UInt8]) {
    count(block.count)
    bytes.append(contentsOf: block)
  }

  mutating func text(_ text: String) { block(Array(text.utf8)) }

  /// Ends a summary with the fingerprint of everything before.
  mutating func seal() {
    var fingerprint = Fingerprint()
    bytes.withUnsafeBytes { fingerprint.combine($0) }
    word(fingerprint.value)
  }
}
