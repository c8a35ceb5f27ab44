internal import Streams

/// Reads what ``ByteWriter`` wrote. Past the end, or at a malformed number, it reads zeros and
/// remembers it in ``failed``: a loop checks once instead of at every number.
struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var at = 0
  private(set) var failed = false

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { at >= bytes.count }

  /// The next byte, left where it is; nil at the end.
  func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

  @inline(__always)
  mutating func byte() -> UInt8 {
    guard at < bytes.count else {
      failed = true
      return 0
    }
    defer { at += 1 }
    return bytes[at]
  }

  @inline(__always)
  mutating func varint() -> UInt64 {
    let first = byte()
    return first < 0x80 ? UInt64(first) : longVarint(first)
  }

  private mutating func longVarint(_ first: UInt8) -> UInt64 {
    var value = UInt64(first & 0x7F)
    for shift in stride(from: UInt64(7), to: 64, by: 7) {
      let next = byte()
      value |= UInt64(next & 0x7F) << shift
      guard next < 0x80 else { continue }
      // Only the shortest form of a number is legal, so that equal histories are equal bytes.
      if next == 0 || (shift == 63 && next > 1) { failed = true }
      return value
    }
    failed = true
    return 0
  }

  @inline(__always)
  mutating func signed() -> Int64 {
    let value = varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  mutating func word() -> UInt64 {
    guard bytes.count - at >= 8 else {
      failed = true
      return 0
    }
    defer { at += 8 }
    return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  mutating func flag() -> Bool {
    let value = byte()
    if value > 1 { failed = true }
    return value == 1
  }

  /// A count of things that each take at least one byte.
  mutating func count() -> Int {
    let value = varint()
    guard value <= UInt64(bytes.count - at) else {
      failed = true
      return 0
    }
    return Int(value)
  }

  mutating func block() -> UnsafeRawBufferPointer {
    let count = count()
    defer { at += count }
    return UnsafeRawBufferPointer(rebasing: bytes[at..<(at + count)])
  }

  mutating func text() -> String {
    let block = block()
    guard let text = String(validating: block, as: UTF8.self) else {
      failed = true
      return ""
    }
    return text
  }
}
