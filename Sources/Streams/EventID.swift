/// An event's identity: 128 bits, written as a UUID.
public struct EventID: Hashable, Sendable, CustomStringConvertible {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A random UUID, version 4 (RFC 9562).
  public static func random() -> EventID {
    EventID(
      high: UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000,
      low: UInt64.random(in: .min ... .max) & ~(0b11 << 62) | (0b10 << 62))
  }

  /// A UUID, version 8 (RFC 9562), made of 128 bits of somebody else's digest.
  public init(digestHigh: UInt64, digestLow: UInt64) {
    high = digestHigh & ~0xF000 | 0x8000
    low = digestLow & ~(0b11 << 62) | (0b10 << 62)
  }

  /// Reads 32 hex digits, with or without the four hyphens of a UUID.
  public init?(_ text: UnsafeRawBufferPointer) {
    guard text.count == 36 || text.count == 32 else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    var count = 0
    for (index, byte) in text.enumerated() {
      if text.count == 36, [8, 13, 18, 23].contains(index) {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let nibble = Self.nibble(byte) else { return nil }
      if count < 16 { words.0 = words.0 << 4 | nibble } else { words.1 = words.1 << 4 | nibble }
      count += 1
    }
    self.init(high: words.0, low: words.1)
  }

  public init?(_ text: String) {
    var text = text
    guard let id = text.withUTF8({ EventID(UnsafeRawBufferPointer($0)) }) else { return nil }
    self = id
  }

  public var description: String {
    String(unsafeUninitializedCapacity: 36) { write(to: UnsafeMutableRawBufferPointer($0)) }
  }

  /// Writes the 36 characters of the UUID into `buffer`; returns 36.
  public func write(to buffer: UnsafeMutableRawBufferPointer) -> Int {
    precondition(buffer.count >= 36)
    var at = 0
    for nibble in 0..<32 {
      if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
        buffer[at] = UInt8(ascii: "-")
        at += 1
      }
      let word = nibble < 16 ? high : low
      let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (nibble % 16))) & 0xF
      buffer[at] = value < 10 ? 48 + value : 87 + value
      at += 1
    }
    return at
  }

  private static func nibble(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 48...57: UInt64(byte - 48)
    case 65...70: UInt64(byte - 55)
    case 97...102: UInt64(byte - 87)
    default: nil
    }
  }
}
