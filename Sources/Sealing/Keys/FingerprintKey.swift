internal import Crypto

/// Makes a fingerprint of an event's content tell nothing to who has not the subject's key.
///
/// A fingerprint alone confirms a guess at what a forgotten user's event said. Keyed, it does so only
/// until the key is destroyed, in every copy of the store.
public struct FingerprintKey: Sendable {
  private let key: SymmetricKey

  public init(_ identity: AgeIdentity) {
    key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: identity.secretBytes),
      info: Array("rookery event fingerprint v1".utf8), outputByteCount: 32)
  }

  /// The first 64 bits of an HMAC-SHA-256.
  public func keyed(_ fingerprint: Int64) -> Int64 {
    withUnsafeBytes(of: fingerprint.littleEndian) { bytes in
      let code = HMAC<SHA256>.authenticationCode(
        for: bytes.bindMemory(to: UInt8.self), using: key)
      return code.withUnsafeBytes {
        Int64(littleEndian: $0.loadUnaligned(as: Int64.self))
      }
    }
  }
}
