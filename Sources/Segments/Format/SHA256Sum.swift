internal import Streams
internal import Crypto

/// A SHA-256 digest (FIPS 180-4); written as 64 lower-case hex digits.
public struct SHA256Sum: Hashable, Sendable, CustomStringConvertible {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  public init(of bytes: UnsafeRawBufferPointer) {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    self.init(hash.finalize())
  }

  public init(of bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { SHA256Sum(of: $0) }
  }

  init(_ digest: SHA256.Digest) {
    self = digest.withUnsafeBytes { SHA256Sum(digest: $0) }
  }

  /// - Parameter digest: 32 bytes.
  init(digest: UnsafeRawBufferPointer) {
    words = (
      Self.word(digest, 0), Self.word(digest, 8), Self.word(digest, 16), Self.word(digest, 24)
    )
  }

  /// Reads 64 lower-case hex digits.
  public init?(_ hex: String) {
    let digits = Array(hex.utf8)
    guard digits.count == 64 else { return nil }
    var words: [UInt64] = [0, 0, 0, 0]
    for (index, digit) in digits.enumerated() {
      let nibble: UInt8
      switch digit {
      case 48...57: nibble = digit - 48
      case 97...102: nibble = digit - 87
      default: return nil
      }
      words[index / 16] = words[index / 16] << 4 | UInt64(nibble)
    }
    self.init(words: (words[0], words[1], words[2], words[3]))
  }

  private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  public static func == (a: SHA256Sum, b: SHA256Sum) -> Bool { a.words == b.words }

  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

  public var description: String {
    [words.0, words.1, words.2, words.3].map(Self.hex).joined()
  }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    [words.0, words.1, words.2, words.3].flatMap { word in
      withUnsafeBytes(of: word.bigEndian, Array.init)
    }
  }

  /// In base64, as HTTP headers have it.
  public var base64: String {
    var text: [UInt8] = []
    bytes.withUnsafeBytes { Base64.append($0, to: &text) }
    return String(decoding: text, as: UTF8.self)
  }

  private static func hex(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

/// A SHA-256 over bytes that arrive in pieces.
struct RunningSHA256 {
  private var hash = SHA256()

  mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

  mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
  }

  func finish() -> SHA256Sum { SHA256Sum(hash.finalize()) }
}
