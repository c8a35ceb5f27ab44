/// Bech32 (BIP 173), as age writes keys: a prefix, `1`, five bits a character, a checksum.
enum Bech32 {
  private static let digits: [UInt8] = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
  private static let checksumDigits = 6

  /// In lower case.
  static func encode(prefix: String, _ bytes: [UInt8]) -> String {
    let values = regroup(bytes, from: 8, to: 5, pads: true) ?? []
    let expanded = expand(prefix) + values
    let polymod = checksum(expanded + [UInt8](repeating: 0, count: checksumDigits)) ^ 1
    let check = (0..<checksumDigits).map { UInt8(polymod >> UInt32(5 * (5 - $0)) & 31) }
    return prefix + "1"
      + String(decoding: (values + check).map { digits[Int($0)] }, as: UTF8.self)
  }

  /// The bytes of `text`, which has this prefix and one case throughout; nil for any other.
  static func decode(prefix: String, _ text: String) -> [UInt8]? {
    guard text.utf8.count <= 128, text == text.lowercased() || text == text.uppercased() else {
      return nil
    }
    let text = text.lowercased()
    guard text.hasPrefix(prefix + "1") else { return nil }
    var values: [UInt8] = []
    for digit in text.utf8.dropFirst(prefix.utf8.count + 1) {
      guard let value = digits.firstIndex(of: digit) else { return nil }
      values.append(UInt8(value))
    }
    guard values.count >= checksumDigits, checksum(expand(prefix) + values) == 1 else { return nil }
    return regroup(values.dropLast(checksumDigits), from: 5, to: 8, pads: false)
  }

  private static func expand(_ prefix: String) -> [UInt8] {
    prefix.utf8.map { $0 >> 5 } + [0] + prefix.utf8.map { $0 & 31 }
  }

  private static func checksum(_ values: [UInt8]) -> UInt32 {
    let generators: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
    var sum: UInt32 = 1
    for value in values {
      let top = sum >> 25
      sum = (sum & 0x1ff_ffff) << 5 ^ UInt32(value)
      for (bit, generator) in generators.enumerated() where top >> UInt32(bit) & 1 == 1 {
        sum ^= generator
      }
    }
    return sum
  }

  /// Packs the bits of `values` anew. Left-over bits are padded or, when decoding, must be zero.
  private static func regroup(
    _ values: some Sequence<UInt8>, from: UInt32, to: UInt32, pads: Bool
  ) -> [UInt8]? {
    var out: [UInt8] = []
    var pending: UInt32 = 0
    var bits: UInt32 = 0
    for value in values {
      pending = pending << from | UInt32(value)
      bits += from
      while bits >= to {
        bits -= to
        out.append(UInt8(truncatingIfNeeded: pending >> bits & (1 << to - 1)))
      }
      pending &= 1 << bits - 1
    }
    if pads {
      if bits > 0 { out.append(UInt8(truncatingIfNeeded: pending << (to - bits))) }
      return out
    }
    return bits < from && pending == 0 ? out : nil
  }
}
