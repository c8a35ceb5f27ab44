internal import Glibc
internal import Streams

/// One pass over an event line; every read is checked against its end.
struct LineScan {
  private let line: UnsafeRawBufferPointer
  private var at = 0

  init(bytes: UnsafeRawBufferPointer) { line = bytes }

  var isAtEnd: Bool { at == line.count }

  @inline(__always)
  mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard count <= line.count - at, let base = line.baseAddress,
      memcmp(base + at, text.utf8Start, count) == 0
    else { return false }
    at += count
    return true
  }

  mutating func bytes(_ count: Int64) -> UnsafeRawBufferPointer? {
    guard count <= line.count - at else { return nil }
    defer { at += Int(count) }
    return line.slice(at..<(at + Int(count)))
  }

  /// A number without sign or leading zeros.
  @inline(__always)
  mutating func integer(
    after prefix: StaticString, _ field: String
  ) throws(EventLineError) -> Int64 {
    guard take(prefix) else { throw .malformed(field: field) }
    let start = at
    var value: UInt64 = 0
    while at < line.count, line[at] >= 48, line[at] <= 57 {
      // Wraps after 19 digits, which are refused below.
      value = value &* 10 &+ UInt64(line[at] - 48)
      at += 1
    }
    let digits = at - start
    guard digits > 0, digits < 20, line[start] != 48 || digits == 1,
      let number = Int64(exactly: value)
    else { throw .malformed(field: field) }
    return number
  }

  @inline(__always)
  mutating func id(after prefix: StaticString, _ field: String) throws(EventLineError) -> EventID {
    guard take(prefix), let text = bytes(36), let id = CanonicalUUID.read(text) else {
      throw .malformed(field: field)
    }
    return id
  }

  /// The bytes up to the closing quote, which is left; escapes are not resolved.
  @inline(__always)
  mutating func string(
    after prefix: StaticString, _ field: String
  ) throws(EventLineError) -> UnsafeRawBufferPointer {
    guard take(prefix) else { throw .malformed(field: field) }
    let start = at
    while let quote = line.firstIndex(ofByte: 0x22, from: at) {
      at = quote
      if !isEscaped(quote, from: start) { return line.slice(start..<quote) }
      at += 1
    }
    throw .malformed(field: field)
  }

  /// Whether an odd number of backslashes stands before `offset`.
  private func isEscaped(_ offset: Int, from start: Int) -> Bool {
    var first = offset
    while first > start, line[first - 1] == 0x5C { first -= 1 }
    return (offset - first) % 2 == 1
  }

  /// The 20, 24 or 27 bytes of a time up to the closing quote, which is left.
  @inline(__always)
  mutating func time(
    after prefix: StaticString, _ field: String
  ) throws(EventLineError) -> UnsafeRawBufferPointer {
    guard take(prefix) else { throw .malformed(field: field) }
    // Shortest first: in a longer time, a digit stands where the quote of a shorter one would.
    let count = isQuote(at + 20) ? 20 : isQuote(at + 24) ? 24 : 27
    guard isQuote(at + count) else { throw .malformed(field: field) }
    defer { at += count }
    return line.slice(at..<(at + count))
  }

  private func isQuote(_ offset: Int) -> Bool { offset < line.count && line[offset] == 0x22 }
}
