internal import Crypto

/// The public half of a key that age files are sealed to: X25519.
public struct AgeRecipient: Hashable, Sendable, CustomStringConvertible {
  static let prefix = "age"

  /// 32 bytes (RFC 7748 §5).
  public let bytes: [UInt8]

  /// Nil unless there are 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == AgeIdentity.keyBytes else { return nil }
    self.bytes = bytes
  }

  /// Reads `age1…`.
  public init?(_ text: String) {
    guard let bytes = Bech32.decode(prefix: Self.prefix, text) else { return nil }
    self.init(bytes: bytes)
  }

  /// `age1…`, as `age -r` takes it.
  public var description: String { Bech32.encode(prefix: Self.prefix, bytes) }
}

/// The secret half: opens what was sealed to its ``recipient``.
public struct AgeIdentity: Sendable {
  static let prefix = "age-secret-key-"
  static let keyBytes = 32

  let key: Curve25519.KeyAgreement.PrivateKey

  /// A new key.
  public init() { key = Curve25519.KeyAgreement.PrivateKey() }

  /// Nil unless there are 32 bytes.
  public init?(secret: [UInt8]) {
    guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret) else {
      return nil
    }
    self.key = key
  }

  /// Reads `AGE-SECRET-KEY-1…`, as `age-keygen` writes it.
  public init?(_ text: String) {
    guard let bytes = Bech32.decode(prefix: Self.prefix, text) else { return nil }
    self.init(secret: bytes)
  }

  /// The secret itself, to be wrapped by whoever keeps it.
  public var secretBytes: [UInt8] { Array(key.rawRepresentation) }

  /// `AGE-SECRET-KEY-1…`, as `age -i` takes it from a file. Whoever has it can read everything
  /// sealed to it.
  public var secretText: String {
    Bech32.encode(prefix: Self.prefix, secretBytes).uppercased()
  }

  public var recipient: AgeRecipient { AgeRecipient(key.publicKey) }
}

extension AgeRecipient {
  init(_ key: Curve25519.KeyAgreement.PublicKey) { bytes = Array(key.rawRepresentation) }
}
