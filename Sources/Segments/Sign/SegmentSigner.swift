internal import Crypto
internal import CryptoExtras

/// Signs manifests with one private key: Ed25519 (RFC 8032), the signature raw, 64 bytes.
///
/// The key is kept as PKCS#8 in PEM (RFC 8410), as `openssl pkey` reads and writes it.
public struct SegmentSigner: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  /// A new key, from the system's random numbers.
  public init() { key = Curve25519.Signing.PrivateKey() }

  /// Reads a private key.
  ///
  /// - Throws: ``KeyError/notAPrivateKey``.
  public init(pem: String) throws(KeyError) {
    guard let key = try? Curve25519.Signing.PrivateKey(pemRepresentation: pem),
      pem.spells(key.pemRepresentation)
    else { throw .notAPrivateKey }
    self.key = key
  }

  /// The private key itself: whoever has this text can sign.
  public var pem: String { key.pemRepresentation + "\n" }

  public var publicKey: SegmentPublicKey { SegmentPublicKey(key.publicKey) }

  /// - Throws: ``SegmentError/unsigned(segment:)`` when the library can't sign.
  func sign(_ manifest: [UInt8], of segment: String) throws(SegmentError) -> [UInt8] {
    guard let signature = try? key.signature(for: manifest) else {
      throw .unsigned(segment: segment)
    }
    return Array(signature)
  }
}

extension String {
  /// Whether the key in it is encoded as in `canonical`: CryptoExtras does not look at the
  /// algorithm, and takes an X25519 key for one that signs.
  func spells(_ canonical: String) -> Bool {
    let body = canonical.split(separator: "\n").filter { !$0.hasPrefix("-----") }
    return !body.isEmpty && filter { !$0.isWhitespace }.contains(body.joined())
  }
}
