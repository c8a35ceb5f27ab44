internal import Crypto
internal import Foundation

/// A file in the age format, version 1 (https://age-encryption.org/v1), sealed to X25519 keys: what
/// a chunk of a sealed stream is, and a row. The `age` tool opens what this seals, and the other way
/// round.
///
///     header     the file key, wrapped for each recipient, and a MAC over it
///     nonce      16 bytes
///     payload    ChaCha20-Poly1305 in pieces of 64 KiB (STREAM); the last one is marked
package enum AgeFile {
  static let pieceBytes = 64 << 10
  static let tagBytes = 16
  static let nonceBytes = 16
  static let fileKeyBytes = 16

  /// The key that wraps a file key (RFC 5869 over the X25519 secret).
  static func wrappingKey(
    _ secret: SharedSecret, share: [UInt8], recipient: [UInt8]
  ) -> SymmetricKey {
    secret.hkdfDerivedSymmetricKey(
      using: SHA256.self, salt: share + recipient,
      sharedInfo: Array("age-encryption.org/v1/X25519".utf8), outputByteCount: 32)
  }

  static func headerMAC(
    _ header: UnsafeRawBufferPointer, fileKey: SymmetricKey
  ) -> HMAC<SHA256>.MAC {
    let key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: fileKey, info: Array("header".utf8), outputByteCount: 32)
    return HMAC<SHA256>.authenticationCode(for: header.bound, using: key)
  }

  static func payloadKey(_ fileKey: SymmetricKey, nonce: [UInt8]) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: fileKey, salt: nonce, info: Array("payload".utf8), outputByteCount: 32)
  }

  /// The nonce of a piece: an 11-byte big-endian counter, and 1 for the last piece.
  static func pieceNonce(_ index: Int, isLast: Bool) throws -> ChaChaPoly.Nonce {
    var bytes = [UInt8](repeating: 0, count: 12)
    for place in 0..<8 { bytes[3 + place] = UInt8(truncatingIfNeeded: index >> (56 - 8 * place)) }
    bytes[11] = isLast ? 1 : 0
    return try ChaChaPoly.Nonce(data: bytes)
  }

  /// A file key is wrapped under a key of its own: the nonce may be zero.
  static func zeroNonce() throws -> ChaChaPoly.Nonce {
    try ChaChaPoly.Nonce(data: [UInt8](repeating: 0, count: 12))
  }
}

extension UnsafeRawBufferPointer {
  /// The same bytes in the type that swift-crypto reads.
  var bound: UnsafeBufferPointer<UInt8> { bindMemory(to: UInt8.self) }
}
