import Testing

@testable import Streams

@Suite struct `A fingerprint` {
  private static func value(_ bytes: [UInt8]) -> UInt64 {
    var fingerprint = Fingerprint()
    bytes.withUnsafeBytes { fingerprint.combine($0) }
    return fingerprint.value
  }

  /// Stores on disk hold these: a change here would make every repeated load a conflict. The
  /// values were worked out with big integers from the definition.
  @Test(
    arguments: [
      ("", 0xe4f2_4829_a9d6_84cd),
      ("a", 0xf514_e5fa_085a_8f4c),
      ("12345678", 0x704f_aca0_eba4_0d5d),
      ("ServiceStatusChanged", 0xa6c6_910e_9ec1_9cb6),
      (#"{"serviceName":"api","status":"up"}"#, 0x7903_19b4_6bee_a778),
    ] as [(String, UInt64)])
  func `never changes`(text: String, value: UInt64) {
    #expect(Fingerprint(of: text).value == value)
  }

  @Test func `changes with every bit`() {
    for count in [1, 7, 8, 9, 16, 64, 100] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      let original = Self.value(bytes)
      for bit in 0..<(count * 8) {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(Self.value(flipped) != original)
      }
    }
  }

  @Test func `changes with the length`() {
    let values = (0..<200).map { Self.value([UInt8](repeating: 0, count: $0)) }
    #expect(Set(values).count == 200)
  }

  @Test func `tells how bytes are divided`() {
    var together = Fingerprint()
    together.combine("ab")
    together.combine("c")
    var apart = Fingerprint()
    apart.combine("a")
    apart.combine("bc")
    #expect(together.value != apart.value)
  }

  @Test func `is the same wherever the bytes lie`() {
    let bytes = Array("xxx0123456789abcdefxxx".utf8)
    for offset in 0...3 {
      bytes.withUnsafeBytes { all in
        var fingerprint = Fingerprint()
        fingerprint.combine(UnsafeRawBufferPointer(rebasing: all[offset..<(offset + 16)]))
        #expect(fingerprint.value == Self.value(Array(bytes[offset..<(offset + 16)])))
      }
    }
  }

  @Test func `of a hundred thousand texts has no two alike`() {
    #expect(Set((0..<100_000).map { Fingerprint(of: "event-\($0)").value }).count == 100_000)
  }
}
