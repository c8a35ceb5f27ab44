internal import Streams

/// What a tar header block (POSIX.1-2017 pax, ustar) says of its member.
struct TarHeader: Equatable {
  var name: String
  var bytes: Int

  /// Nil unless `block` starts with a sound header of a regular file with a short ASCII name.
  init?(_ block: UnsafeRawBufferPointer) {
    guard block.count >= TarMember.blockBytes,
      block.slice(257..<263).elementsEqual("ustar\0".utf8), block[156] == UInt8(ascii: "0"),
      block[345] == 0, let sum = Self.octal(block.slice(148..<156)), sum == Self.sum(of: block),
      let size = Self.octal(block.slice(124..<136)), size <= SegmentLimits.frameBytes,
      let end = block.firstIndex(ofByte: 0, from: 0), end > 0, end < 100,
      block[..<end].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return nil }
    name = String(decoding: block[..<end], as: UTF8.self)
    bytes = size
  }

  /// Digits, then spaces or zeros.
  private static func octal(_ field: UnsafeRawBufferPointer) -> Int? {
    var value = 0
    var index = 0
    while index < field.count, field[index] >= 48, field[index] <= 55 {
      value = value << 3 | Int(field[index] - 48)
      index += 1
    }
    guard index > 0, field[index...].allSatisfy({ $0 == 0 || $0 == 0x20 }) else { return nil }
    return value
  }

  /// The sum of the header's bytes, its own field counted as spaces.
  private static func sum(of block: UnsafeRawBufferPointer) -> Int {
    var sum = 8 * 0x20
    for index in 0..<TarMember.blockBytes where !(148..<156).contains(index) {
      sum += Int(block[index])
    }
    return sum
  }
}
