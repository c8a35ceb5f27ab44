/// Base64 with padding (RFC 4648 §4); decoding takes the canonical form only.
package enum Base64 {
  private static let digits: [UInt8] = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The value of each byte; 255 for a byte that is no digit.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()

  package static func encodedCount(of bytes: Int) -> Int { (bytes + 2) / 3 * 4 }

  package static func append(_ bytes: UnsafeRawBufferPointer, to out: inout [UInt8]) {
    out.reserveCapacity(out.count + encodedCount(of: bytes.count))
    var at = 0
    while at < bytes.count {
      let left = min(3, bytes.count - at)
      var group = UInt32(bytes[at]) << 16
      if left > 1 { group |= UInt32(bytes[at + 1]) << 8 }
      if left > 2 { group |= UInt32(bytes[at + 2]) }
      out.append(digits[Int(group >> 18)])
      out.append(digits[Int(group >> 12 & 63)])
      out.append(left > 1 ? digits[Int(group >> 6 & 63)] : UInt8(ascii: "="))
      out.append(left > 2 ? digits[Int(group & 63)] : UInt8(ascii: "="))
      at += 3
    }
  }

  /// Decodes into `out`, which holds at least `text.count / 4 * 3` bytes. Returns the count, or nil
  /// when `text` is not what ``append(_:to:)`` writes.
  package static func decode(
    _ text: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
  ) -> Int? {
    guard text.count % 4 == 0 else { return nil }
    var count = 0
    var at = 0
    while at < text.count {
      let isLast = at + 4 == text.count
      let pads = isLast ? padding(text) : 0
      var group: UInt32 = 0
      for index in 0..<4 {
        let value = index >= 4 - pads ? 0 : values[Int(text[at + index])]
        guard value != 255 else { return nil }
        group = group << 6 | UInt32(value)
      }
      // The bits that padding leaves over are zero, so that every payload has one spelling.
      guard group & (1 << UInt32(8 * pads) - 1) == 0 else { return nil }
      for index in 0..<(3 - pads) {
        out[count] = UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * index))
        count += 1
      }
      at += 4
    }
    return count
  }

  private static func padding(_ text: UnsafeRawBufferPointer) -> Int {
    guard text[text.count - 1] == UInt8(ascii: "=") else { return 0 }
    return text[text.count - 2] == UInt8(ascii: "=") ? 2 : 1
  }
}
