internal import Streams

/// Eight characters at once, as the bytes of one word; the first is the lowest byte.
enum EightBytes {
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// The value of eight lower-case hex digits.
  static func hex(_ text: UInt64) -> UInt64? {
    let text = UInt64(littleEndian: text)
    let isLetter = text >> 6 & ones
    let nibbles = (text & (0x0F * ones)) + 9 * isLetter
    // Writing the digits again tells whether they were digits: '0' is 48, 'a' is 87 + 10.
    let isOverNine = (nibbles + 6 * ones) >> 4 & ones
    guard nibbles & (0xF0 * ones) == 0, nibbles + 48 * ones + 39 * isOverNine == text else {
      return nil
    }
    var value = nibbles.byteSwapped
    value = (value | value >> 4) & 0x00FF_00FF_00FF_00FF
    value = (value | value >> 8) & 0x0000_FFFF_0000_FFFF
    return (value | value >> 16) & 0xFFFF_FFFF
  }

  /// How many of the characters are `{` or `[`.
  static func openers(_ text: UInt64) -> Int {
    // '[' | 0x20 is '{'; a byte that matches becomes zero, and only a zero keeps its high bit clear.
    let rest = (text | (0x20 * ones)) ^ (0x7B * ones)
    let others = ((rest & (0x7F * ones)) + 0x7F * ones) | rest
    return 8 - (others & (0x80 * ones)).nonzeroBitCount
  }

  /// The second of the day that `hh:mm:ss` is.
  static func secondOfDay(_ text: UInt64) -> Int64? {
    // "00:00:00", so that only the digits' values remain.
    let digits = UInt64(littleEndian: text) ^ 0x3030_3A30_303A_3030
    guard digits & 0xF0F0_FFF0_F0FF_F0F0 == 0, (digits + 6 * ones) & (0xF0 * ones) == 0 else {
      return nil
    }
    func pair(_ shift: UInt64) -> Int64 {
      Int64(digits >> shift & 0xF) * 10 + Int64(digits >> (shift + 8) & 0xF)
    }
    let (hour, minute, second) = (pair(0), pair(24), pair(48))
    guard hour < 24, minute < 60, second < 60 else { return nil }
    return hour * 3600 + minute * 60 + second
  }
}

/// A UUID in lower case, as `EventID.write(to:)` writes it, and no other spelling.
enum CanonicalUUID {
  /// - Parameter text: 36 bytes.
  static func read(_ text: UnsafeRawBufferPointer) -> EventID? {
    func four(_ offset: Int) -> UInt64 {
      UInt64(UInt32(littleEndian: text.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
    func eight(_ first: Int, _ second: Int) -> UInt64? {
      EightBytes.hex((four(first) | four(second) << 32).littleEndian)
    }
    guard text[8] == 0x2D, text[13] == 0x2D, text[18] == 0x2D, text[23] == 0x2D,
      let a = eight(0, 4), let b = eight(9, 14), let c = eight(19, 24), let d = eight(28, 32)
    else { return nil }
    return EventID(high: a << 32 | b, low: c << 32 | d)
  }
}
