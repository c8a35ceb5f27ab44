internal import Crypto
internal import CryptoExtras
public import Streams

/// The public half of a key that signs segments: 32 bytes of Ed25519 (RFC 8032).
public struct SegmentPublicKey: Hashable, Sendable {
  private let key: Curve25519.Signing.PublicKey

  init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

  /// - Returns: nil unless `bytes` are 32.
  public init?(bytes: [UInt8]) {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return nil }
    self.key = key
  }

  /// Reads a public key in PEM, as `openssl pkey -pubout` writes it (RFC 8410).
  ///
  /// - Throws: ``KeyError/notAPublicKey``.
  public init(pem: String) throws(KeyError) {
    guard let key = try? Curve25519.Signing.PublicKey(pemRepresentation: pem),
      pem.spells(key.pemRepresentation)
    else { throw .notAPublicKey }
    self.key = key
  }

  public var bytes: [UInt8] { Array(key.rawRepresentation) }

  /// For `openssl pkeyutl -verify -rawin -pubin`.
  public var pem: String { key.pemRepresentation + "\n" }

  /// What a manifest's `signing_key` names it by: SHA-256 of the 32 bytes.
  public var id: SHA256Sum { SHA256Sum(of: bytes) }

  /// Whether the holder of the private half signed these bytes.
  func hasSigned(_ manifest: [UInt8], with signature: [UInt8]) -> Bool {
    key.isValidSignature(signature, for: manifest)
  }

  public static func == (a: SegmentPublicKey, b: SegmentPublicKey) -> Bool { a.bytes == b.bytes }

  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// Why a text is no key of ours.
public enum KeyError: CodedError, Equatable {
  case notAPrivateKey
  case notAPublicKey
  case exists(String)
  /// A key's file can't be read or written.
  case unusable(String, String)

  public var code: ErrorCode {
    switch self {
    case .notAPrivateKey, .notAPublicKey, .exists: .invalidOption
    case .unusable: .ioError
    }
  }

  public var message: String {
    switch self {
    case .notAPrivateKey: "This is no Ed25519 private key in PEM."
    case .notAPublicKey: "This is no Ed25519 public key in PEM."
    case .exists(let path): "\(path) exists already; a key is never written over."
    case .unusable(let path, let detail): "The key file \(path) can't be used: \(detail)"
    }
  }

  public var remedy: String {
    switch self {
    case .notAPrivateKey: "Make one with 'rookery keys create' or 'openssl genpkey'."
    case .notAPublicKey: "Export it with 'rookery keys show' or 'openssl pkey -pubout'."
    case .exists: "Give another file with --out."
    case .unusable: "Check the path and its permissions."
    }
  }
}
