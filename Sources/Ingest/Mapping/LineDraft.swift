internal import Streams

/// A JSON object being written: what a foreign record says, in the keys that ``LineParser`` reads.
///
/// Text is escaped and otherwise taken as it is, valid UTF-8 or not: the parser's validator looks
/// at the whole line anyway.
struct LineDraft {
  private(set) var bytes: [UInt8] = []

  var isEmpty: Bool { bytes.count <= 1 }

  mutating func begin() {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(UInt8(ascii: "{"))
  }

  mutating func end() { bytes.append(UInt8(ascii: "}")) }

  mutating func text(_ key: StaticString, _ value: some Collection<UInt8>) {
    name(key)
    quote(value)
  }

  mutating func text(_ key: StaticString, _ value: String) { text(key, value.utf8) }

  mutating func text(key: some Collection<UInt8>, _ value: some Collection<UInt8>) {
    comma()
    quote(key)
    bytes.append(UInt8(ascii: ":"))
    quote(value)
  }

  mutating func texts(_ key: StaticString, _ values: [some Collection<UInt8>]) {
    guard !values.isEmpty else { return }
    name(key)
    bytes.append(UInt8(ascii: "["))
    for (index, value) in values.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      quote(value)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  mutating func number(_ key: StaticString, _ value: Int64) { verbatim(key, String(value).utf8) }

  /// `value` is JSON.
  mutating func verbatim(_ key: StaticString, _ value: some Collection<UInt8>) {
    name(key)
    bytes.append(contentsOf: value)
  }

  mutating func verbatim(key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    bytes.append(member: key, value)
  }

  /// An object of what `body` writes; nothing if that is nothing.
  mutating func object(_ key: StaticString, _ body: (inout LineDraft) -> Void) {
    let start = bytes.count
    name(key)
    bytes.append(UInt8(ascii: "{"))
    let inside = bytes.count
    body(&self)
    if bytes.count == inside {
      bytes.removeLast(bytes.count - start)
    } else {
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// `text` as a JSON number of at least 0; nil if it is none.
  static func number(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
    guard text.count <= 40, let first = text.first, first >= 48, first <= 57,
      first != 48 || text.count == 1 || text[1] == UInt8(ascii: "."),
      text.last != UInt8(ascii: "."),
      text.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ".") }),
      text.count(where: { $0 == UInt8(ascii: ".") }) <= 1
    else { return nil }
    return Array(text)
  }

  private mutating func comma() {
    if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func name(_ key: StaticString) {
    comma()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(key)
    bytes.append("\":")
  }

  private mutating func quote(_ text: some Collection<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes.append("\\u00")
        for nibble in [byte >> 4, byte & 15] { bytes.append(nibble + (nibble < 10 ? 48 : 87)) }
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
