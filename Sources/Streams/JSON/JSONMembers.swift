/// What the first byte of a JSON value says it is.
public enum JSONKind: Sendable {
  case object, array, string, number, bool, null
}

/// One value inside a JSON text: its verbatim bytes.
public struct JSONSlice {
  public let kind: JSONKind
  /// The value's bytes as written; a string's include its quotes.
  public let bytes: UnsafeRawBufferPointer

  /// The characters between the quotes, escapes not resolved; nil unless this is a string.
  public var rawString: UnsafeRawBufferPointer? {
    guard kind == .string else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[1..<(bytes.count - 1)])
  }

  /// The string's text, escapes resolved; nil unless this is a string.
  public var string: String? {
    guard let raw = rawString else { return nil }
    guard raw.contains(UInt8(ascii: "\\")) else { return String(decoding: raw, as: UTF8.self) }
    return JSONEscapes.resolve(raw)
  }

  /// The number as written, read as a `Double`; nil unless this is a number.
  public var double: Double? {
    guard kind == .number else { return nil }
    return Double(String(decoding: bytes, as: UTF8.self))
  }
}

/// Walks the members of a JSON object without building a tree.
///
/// It trusts its input: the bytes must have passed ``JSONValidator`` (what the store holds has).
/// On anything else it stops early rather than read out of bounds.
public enum JSONMembers {
  /// Calls `body` with each top-level member of the object `json`, in order; a key's escapes are
  /// not resolved. Returns false when `json` is not an object or ends too early.
  ///
  /// - Complexity: O(n), no allocation.
  @discardableResult
  public static func forEach(
    in json: UnsafeRawBufferPointer,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: JSONSlice) throws -> Void
  ) rethrows -> Bool {
    var scan = JSONScan(bytes: json)
    scan.skipSpace()
    guard scan.take(UInt8(ascii: "{")) else { return false }
    scan.skipSpace()
    if scan.take(UInt8(ascii: "}")) { return true }
    while true {
      scan.skipSpace()
      guard let key = scan.string() else { return false }
      scan.skipSpace()
      guard scan.take(UInt8(ascii: ":")) else { return false }
      scan.skipSpace()
      guard let value = scan.value() else { return false }
      try body(UnsafeRawBufferPointer(rebasing: key.bytes[1..<(key.bytes.count - 1)]), value)
      scan.skipSpace()
      if scan.take(UInt8(ascii: "}")) { return true }
      guard scan.take(UInt8(ascii: ",")) else { return false }
    }
  }

  /// Calls `body` with each element of the array `json`; false when it is not an array.
  @discardableResult
  public static func forEachElement(
    in json: UnsafeRawBufferPointer, _ body: (JSONSlice) throws -> Void
  ) rethrows -> Bool {
    var scan = JSONScan(bytes: json)
    scan.skipSpace()
    guard scan.take(UInt8(ascii: "[")) else { return false }
    scan.skipSpace()
    if scan.take(UInt8(ascii: "]")) { return true }
    while true {
      scan.skipSpace()
      guard let value = scan.value() else { return false }
      try body(value)
      scan.skipSpace()
      if scan.take(UInt8(ascii: "]")) { return true }
      guard scan.take(UInt8(ascii: ",")) else { return false }
    }
  }

  /// What `json`, one whole document, is; nil when it is blank.
  public static func kind(of json: UnsafeRawBufferPointer) -> JSONKind? {
    var scan = JSONScan(bytes: json)
    scan.skipSpace()
    return scan.kind
  }
}

extension UnsafeRawBufferPointer {
  /// Whether these bytes are exactly those of `text`.
  public func equals(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    let other = UnsafeRawBufferPointer(start: text.utf8Start, count: count)
    for index in 0..<count where self[index] != other[index] { return false }
    return true
  }
}

private struct JSONScan {
  let bytes: UnsafeRawBufferPointer
  var at = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func skipSpace() {
    while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  var kind: JSONKind? {
    guard at < bytes.count else { return nil }
    switch bytes[at] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: return .number
    }
  }

  mutating func string() -> JSONSlice? {
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
    let start = at
    guard skipString() else { return nil }
    return JSONSlice(kind: .string, bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<at]))
  }

  mutating func value() -> JSONSlice? {
    guard let kind else { return nil }
    let start = at
    switch kind {
    case .string:
      guard skipString() else { return nil }
    case .object, .array:
      guard skipNested() else { return nil }
    case .number, .bool, .null:
      while at < bytes.count, !Self.endsScalar(bytes[at]) { at += 1 }
      guard at > start else { return nil }
    }
    return JSONSlice(kind: kind, bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<at]))
  }

  private static func endsScalar(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}")
      || byte == UInt8(ascii: "]")
  }

  private mutating func skipString() -> Bool {
    at += 1
    while at < bytes.count {
      skipPlainWords()
      guard at < bytes.count else { return false }
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        at += 1
        return true
      }
      at += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    return false
  }

  /// Passes over text eight bytes at a time, up to the first quote or backslash.
  ///
  /// A byte is zero where `(w - 0x01…) & ~w` has its high bit set; below the first such byte
  /// nothing is set wrongly (Bit Twiddling Hacks, "Determine if a word has a zero byte").
  private mutating func skipPlainWords() {
    while at + 8 <= bytes.count {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      let quote = word ^ 0x2222_2222_2222_2222
      let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
      let ones: UInt64 = 0x0101_0101_0101_0101
      let found =
        ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & 0x8080_8080_8080_8080
      guard found == 0 else {
        at += found.trailingZeroBitCount / 8
        return
      }
      at += 8
    }
  }

  private mutating func skipNested() -> Bool {
    var depth = 0
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        guard skipString() else { return false }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 {
          at += 1
          return true
        }
      default: break
      }
      at += 1
    }
    return false
  }
}
