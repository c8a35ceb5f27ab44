internal import Glibc
internal import Streams

/// One pass over an event line; every read is checked against its end.
struct LineScan {
  private let line: UnsafeRawBufferPointer
  private var at = 0

  init(bytes: UnsafeRawBufferPointer) { line = bytes }

  var isAtEnd: Bool { at == line.count }

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
  mutating func integer(
    after prefix: StaticString, _ field: String
  ) throws(EventLineError) -> Int64 {
    guard take(prefix) else { throw .malformed(field: field) }
    let start = at
    var value: Int64 = 0
    while at < line.count, line[at] >= 48, line[at] <= 57 {
      let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(Int64(line[at] - 48))
      guard !overflowed, !carried else { throw .malformed(field: field) }
      value = sum
      at += 1
    }
    guard at > start, line[start] != 48 || at == start + 1 else { throw .malformed(field: field) }
    return value
  }

  mutating func id(after prefix: StaticString, _ field: String) throws(EventLineError) -> EventID {
    guard take(prefix), let text = bytes(36), let id = Self.id(text) else {
      throw .malformed(field: field)
    }
    return id
  }

  /// The bytes up to the closing quote, which is left; escapes are not resolved.
  mutating func string(
    after prefix: StaticString, _ field: String
  ) throws(EventLineError) -> UnsafeRawBufferPointer {
    guard take(prefix) else { throw .malformed(field: field) }
    let start = at
    while at < line.count {
      if line[at] == 0x22 { return line.slice(start..<at) }
      at += line[at] == 0x5C ? 2 : 1
    }
    throw .malformed(field: field)
  }

  /// A lower-case UUID of 36 bytes.
  private static func id(_ text: UnsafeRawBufferPointer) -> EventID? {
    guard text[8] == 0x2D, text[13] == 0x2D, text[18] == 0x2D, text[23] == 0x2D,
      let a = hex(text, 0..<8), let b = hex(text, 9..<13), let c = hex(text, 14..<18),
      let d = hex(text, 19..<23), let e = hex(text, 24..<36)
    else { return nil }
    return EventID(high: a << 32 | b << 16 | c, low: d << 48 | e)
  }

  private static func hex(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
    var value: UInt64 = 0
    for index in range {
      switch text[index] {
      case let digit where digit >= 48 && digit <= 57: value = value << 4 | UInt64(digit - 48)
      case let digit where digit >= 97 && digit <= 102: value = value << 4 | UInt64(digit - 87)
      default: return nil
      }
    }
    return value
  }
}

/// Reads the timestamps that `Timestamp.write(rfc3339:)` writes, and no other spelling.
///
/// Neighbours mostly share a date, so that the calendar is asked once a day.
struct DateCache {
  private var text: (UInt64, UInt16) = (0, 0)
  private var day: Int64?

  mutating func timestamp(_ text: UnsafeRawBufferPointer) -> Timestamp? {
    let count = text.count
    guard count == 20 || count == 24 || count == 27, text[count - 1] == UInt8(ascii: "Z"),
      let day = day(of: text), text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"),
      text[16] == UInt8(ascii: ":"), let hour = number(text, 11..<13), hour < 24,
      let minute = number(text, 14..<16), minute < 60,
      let second = number(text, 17..<19), second < 60, let fraction = fraction(text)
    else { return nil }
    let seconds = day * 86_400 + hour * 3600 + minute * 60 + second
    let time = Timestamp(microseconds: seconds * Timestamp.microsecondsPerSecond + fraction)
    return time >= .earliest && time < .latest ? time : nil
  }

  /// 0, 3 or 6 digits, and no more than the value needs.
  private func fraction(_ text: UnsafeRawBufferPointer) -> Int64? {
    if text.count == 20 { return 0 }
    guard text[19] == UInt8(ascii: "."), let value = number(text, 20..<(text.count - 1)) else {
      return nil
    }
    if text.count == 24 { return value == 0 ? nil : value * 1000 }
    return value % 1000 == 0 ? nil : value
  }

  private mutating func day(of text: UnsafeRawBufferPointer) -> Int64? {
    let date = (
      text.loadUnaligned(as: UInt64.self), text.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    )
    if let day, date == self.text { return day }
    guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
      let year = number(text, 0..<4), let month = number(text, 5..<7),
      let dayOfMonth = number(text, 8..<10),
      let civil = CivilDate(year: Int(year), month: Int(month), day: Int(dayOfMonth))
    else { return nil }
    self.text = date
    day = civil.utcDay
    return day
  }

  private func number(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int64? {
    var value: Int64 = 0
    for index in range {
      guard text[index] >= 48, text[index] <= 57 else { return nil }
      value = value * 10 + Int64(text[index] - 48)
    }
    return value
  }
}
