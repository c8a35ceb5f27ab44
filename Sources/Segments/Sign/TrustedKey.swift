/// A public key whose signatures count.
public struct TrustedKey: Hashable, Sendable {
  public var publicKey: SegmentPublicKey
  /// For a retired key the number of the newest segment that there was by then: up to that one what it
  /// signed counts. Whoever stole it can sign any time, but can't have the number of a segment that is
  /// in the chain. Nil while it is in use.
  public var lastSegment: Int64?

  public init(_ publicKey: SegmentPublicKey, lastSegment: Int64? = nil) {
    self.publicKey = publicKey
    self.lastSegment = lastSegment
  }
}

extension Manifest {
  /// The length of a raw Ed25519 signature, in bytes.
  static let signatureBytes = 64

  /// What a segment's signature is worth.
  enum Standing {
    /// There is none, and should be none; or nobody says whose counts, and its form is right.
    case open
    case signed(by: SHA256Sum)
    /// By a key that is not among the trusted ones: whether it holds, nobody can tell.
    case untrusted(SHA256Sum)
    case damaged(SegmentDamage)
  }

  /// What `signature`, the data of member `manifest.sig`, is worth for the manifest that was read
  /// from `bytes`.
  ///
  /// - Parameter trusted: nil looks at the form only: nobody says whose signature counts.
  func standing(
    of signature: [UInt8], over bytes: [UInt8], trusted: [TrustedKey]?
  ) -> Standing {
    guard let signingKey else {
      return signature.isEmpty
        ? .open : .damaged(.badSignature("there is one, but the manifest names no key"))
    }
    guard !signature.isEmpty else {
      return .damaged(.badSignature("the manifest names a key, but there is none"))
    }
    guard signature.count == Self.signatureBytes else {
      return .damaged(
        .badSignature("it has \(signature.count) bytes instead of \(Self.signatureBytes)"))
    }
    guard let trusted else { return .open }
    guard let key = trusted.first(where: { $0.publicKey.id == signingKey }) else {
      return .untrusted(signingKey)
    }
    guard key.publicKey.hasSigned(bytes, with: signature) else {
      return .damaged(.badSignature("it was not made over this manifest"))
    }
    if let lastSegment = key.lastSegment, archiveSeq > lastSegment {
      return .damaged(.retiredKey(signingKey))
    }
    return .signed(by: signingKey)
  }
}
