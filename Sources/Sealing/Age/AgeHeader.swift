internal import Streams

/// The head of an age file, version 1 (https://age-encryption.org/v1):
///
///     age-encryption.org/v1
///     -> X25519 <ephemeral share>      one stanza a recipient; other kinds are passed over
///     <wrapped file key>
///     --- <MAC>
///
/// Share, wrapped key and MAC have 32 bytes each, in base64 without padding: 43 characters.
struct AgeHeader {
  static let magic = "age-encryption.org/v1\n"
  static let stanza = "-> X25519 "
  static let end = "---"
  /// A reader goes no further than this for the end of a header.
  static let maxBytes = 16 << 10
  static let maxStanzas = 64

  struct Stanza {
    /// The sealer's one-time public key.
    var share: [UInt8]
    var wrappedKey: [UInt8]
  }

  private(set) var stanzas: [Stanza] = []
  private(set) var mac: [UInt8] = []
  /// How many bytes, from the first, the MAC covers: all up to the dashes, these included.
  private(set) var authenticatedBytes = 0
  /// Where the payload starts.
  private(set) var bytes = 0

  init(_ file: UnsafeRawBufferPointer) throws(AgeError) {
    var lines = HeaderLines(bytes: file.slice(0..<min(file.count, Self.maxBytes)))
    guard try lines.next() == Self.magic.dropLast() else {
      throw .malformed("it does not start as age files do")
    }
    while true {
      let start = lines.at
      let line = try lines.next()
      if line.hasPrefix(Self.end) {
        guard let mac = Self.decode(line.dropFirst(Self.end.count + 1)),
          line.dropFirst(Self.end.count).first == " "
        else { throw .malformed("its MAC is not one") }
        self.mac = mac
        authenticatedBytes = start + Self.end.count
        bytes = lines.at
        return
      }
      guard line.hasPrefix("-> "), stanzas.count < Self.maxStanzas else {
        throw .malformed("it has no stanza where one should be, or too many")
      }
      try takeStanza(line, &lines)
    }
  }

  private mutating func takeStanza(
    _ line: Substring, _ lines: inout HeaderLines
  ) throws(AgeError) {
    guard line.hasPrefix(Self.stanza) else {
      // The body's last line is the first shorter one.
      while try lines.next().utf8.count == 64 {}
      return
    }
    guard let share = Self.decode(line.dropFirst(Self.stanza.count)),
      let wrappedKey = Self.decode(try lines.next())
    else { throw .malformed("an X25519 stanza is not one") }
    stanzas.append(Stanza(share: share, wrappedKey: wrappedKey))
  }

  /// The 32 bytes of 43 base64 digits, canonical ones only.
  private static func decode(_ text: Substring) -> [UInt8]? {
    guard text.utf8.count == 43 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 33)
    let padded = Array(text.utf8) + [UInt8(ascii: "=")]
    let count = padded.withUnsafeBytes { text in
      bytes.withUnsafeMutableBytes { Base64.decode(text, into: $0) }
    }
    return count == 32 ? Array(bytes.prefix(32)) : nil
  }

  /// 32 bytes as 43 digits.
  static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    Array(bytes).withUnsafeBytes { Base64.append($0, to: &text) }
    return String(decoding: text.prefix(43), as: UTF8.self)
  }
}

/// The lines of a header, each ASCII and ended by a line feed.
private struct HeaderLines {
  let bytes: UnsafeRawBufferPointer
  private(set) var at = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func next() throws(AgeError) -> Substring {
    guard let end = bytes.firstIndex(ofByte: 0x0A, from: at) else {
      throw .malformed("its header does not end")
    }
    let line = bytes.slice(at..<end)
    guard line.count <= 1024, line.allSatisfy({ (32..<127).contains($0) }) else {
      throw .malformed("its header is not text")
    }
    at = end + 1
    return Substring(decoding: line, as: UTF8.self)
  }
}
