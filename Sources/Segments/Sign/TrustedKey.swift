public import Streams

/// A public key whose signatures count.
public struct TrustedKey: Hashable, Sendable {
  public var publicKey: SegmentPublicKey
  /// From then on it signs nothing; what it signed before still counts.
  public var retiredAt: Timestamp?

  public init(_ publicKey: SegmentPublicKey, retiredAt: Timestamp? = nil) {
    self.publicKey = publicKey
    self.retiredAt = retiredAt
  }
}

extension Manifest {
  /// The length of a raw Ed25519 signature, in bytes.
  static let signatureBytes = 64

  /// What is wrong with `signature`, the data of member `manifest.sig`, for the manifest that was
  /// read from `bytes`; nil when it is as it should be.
  ///
  /// - Parameter trusted: nil looks at the form only: nobody says whose signature counts.
  func damage(
    of signature: [UInt8], over bytes: [UInt8], trusted: [TrustedKey]?
  ) -> SegmentDamage? {
    guard let signingKey else {
      return signature.isEmpty
        ? nil : .badSignature("there is one, but the manifest names no key")
    }
    guard !signature.isEmpty else {
      return .badSignature("the manifest names a key, but there is none")
    }
    guard signature.count == Self.signatureBytes else {
      return .badSignature("it has \(signature.count) bytes instead of \(Self.signatureBytes)")
    }
    guard let trusted else { return nil }
    guard let key = trusted.first(where: { $0.publicKey.id == signingKey }) else {
      return .untrustedKey(signingKey)
    }
    guard key.publicKey.hasSigned(bytes, with: signature) else {
      return .badSignature("it was not made over this manifest")
    }
    if let retiredAt = key.retiredAt, createdAt >= retiredAt { return .retiredKey(signingKey) }
    return nil
  }
}
