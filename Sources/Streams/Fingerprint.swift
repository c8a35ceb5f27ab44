/// A 64-bit fingerprint that tells an accidental difference, never a deliberate one.
///
/// FNV-1a's multiply-and-fold over eight bytes at a time, with the murmur3 finaliser. Not
/// cryptographic: whatever must stand against an adversary uses SHA-256.
public struct Fingerprint: Sendable {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  public init() {}

  /// - Complexity: O(n) at several bytes a cycle, no allocation.
  public mutating func combine(_ bytes: UnsafeRawBufferPointer) {
    combine(word: UInt64(truncatingIfNeeded: bytes.count))
    var at = 0
    while at + 8 <= bytes.count {
      combine(word: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at += 8
    }
    var tail: UInt64 = 0
    while at < bytes.count {
      tail = tail << 8 | UInt64(bytes[at])
      at += 1
    }
    combine(word: tail)
  }

  public mutating func combine(_ text: String) {
    var text = text
    text.withUTF8 { combine(UnsafeRawBufferPointer($0)) }
  }

  private mutating func combine(word: UInt64) {
    let product = (state ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    state = product.high ^ product.low ^ 0x0000_0100_0000_01b3
  }

  public var value: UInt64 {
    var hash = state
    hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return hash ^ (hash >> 33)
  }
}

extension Fingerprint {
  init(of text: String) {
    self.init()
    combine(text)
  }
}
