extension Timestamp {
  /// Reads RFC 3339 with a zone: `2026-01-31T08:30:00[.fraction](Z|±hh:mm)`.
  ///
  /// `t`, `z` and a space for `T` are accepted. Digits past the microsecond are cut. A leap second
  /// `:60` is the next second.
  ///
  /// - Complexity: O(n), no allocation.
  public init(rfc3339 text: UnsafeRawBufferPointer) throws(TimestampError) {
    var scan = RFC3339Scanner(bytes: text)
    self.init(microseconds: try scan.read())
    guard self >= .earliest, self < .latest else { throw .outOfRange }
  }

  /// As ``init(rfc3339:)-(UnsafeRawBufferPointer)``, from a string.
  public init(rfc3339 text: String) throws(TimestampError) {
    var text = text
    let result: Result<Timestamp, TimestampError> = text.withUTF8 { utf8 in
      do throws(TimestampError) {
        return .success(try Timestamp(rfc3339: UnsafeRawBufferPointer(utf8)))
      } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }

  /// RFC 3339 in UTC, with 0, 3 or 6 digits of fraction, as many as the value needs.
  public var rfc3339: String {
    String(unsafeUninitializedCapacity: 32) { buffer in
      write(rfc3339: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// Writes ``rfc3339`` into `buffer`, which holds at least 32 bytes; returns the count.
  ///
  /// - Complexity: O(1), no allocation.
  public func write(rfc3339 buffer: UnsafeMutableRawBufferPointer) -> Int {
    precondition(buffer.count >= 32)
    let day = utcDay
    let date = CivilDate(utcDay: day)
    let ofDay = microseconds - day * Self.microsecondsPerDay
    let seconds = ofDay / Self.microsecondsPerSecond
    let fraction = ofDay % Self.microsecondsPerSecond
    var at = 0
    func digits(_ value: Int64, _ count: Int) {
      var value = value
      for place in stride(from: at + count - 1, through: at, by: -1) {
        buffer[place] = UInt8(48 + value % 10)
        value /= 10
      }
      at += count
    }
    func mark(_ character: Unicode.Scalar) {
      buffer[at] = UInt8(truncatingIfNeeded: character.value)
      at += 1
    }
    digits(Int64(date.year), 4); mark("-"); digits(Int64(date.month), 2); mark("-")
    digits(Int64(date.day), 2); mark("T")
    digits(seconds / 3600, 2); mark(":"); digits(seconds / 60 % 60, 2); mark(":")
    digits(seconds % 60, 2)
    if fraction % 1000 != 0 {
      mark("."); digits(fraction, 6)
    } else if fraction != 0 {
      mark("."); digits(fraction / 1000, 3)
    }
    mark("Z")
    return at
  }
}

/// One pass over an RFC 3339 text.
private struct RFC3339Scanner {
  let bytes: UnsafeRawBufferPointer
  var at = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func read() throws(TimestampError) -> Int64 {
    let year = try number(4)
    try mark(UInt8(ascii: "-"))
    let month = try number(2)
    try mark(UInt8(ascii: "-"))
    let day = try number(2)
    guard at < bytes.count, [0x54, 0x74, 0x20].contains(bytes[at]) else { throw .malformed }
    at += 1
    let hour = try number(2)
    try mark(UInt8(ascii: ":"))
    let minute = try number(2)
    try mark(UInt8(ascii: ":"))
    let second = try number(2)
    guard let date = CivilDate(year: Int(year), month: Int(month), day: Int(day)),
      hour < 24, minute < 60, second <= 60
    else { throw .malformed }
    let fraction = try fractionMicroseconds()
    let offset = try offsetSeconds()
    let seconds = date.utcDay * 86_400 + hour * 3600 + minute * 60 + second - offset
    return seconds * Timestamp.microsecondsPerSecond + (second == 60 ? 0 : fraction)
  }

  private mutating func fractionMicroseconds() throws(TimestampError) -> Int64 {
    guard at < bytes.count, bytes[at] == UInt8(ascii: ".") || bytes[at] == UInt8(ascii: ",")
    else { return 0 }
    at += 1
    var value: Int64 = 0
    var count = 0
    while at < bytes.count, let digit = digit(bytes[at]) {
      if count < 6 { value = value * 10 + digit }
      count += 1
      at += 1
    }
    guard count > 0 else { throw .malformed }
    while count < 6 {
      value *= 10
      count += 1
    }
    return value
  }

  private mutating func offsetSeconds() throws(TimestampError) -> Int64 {
    guard at < bytes.count else { throw .missingZone }
    let sign = bytes[at]
    at += 1
    if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") {
      guard at == bytes.count else { throw .malformed }
      return 0
    }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { throw .malformed }
    let hour = try number(2)
    if at < bytes.count, bytes[at] == UInt8(ascii: ":") { at += 1 }
    let minute = try number(2)
    guard at == bytes.count, hour < 24, minute < 60 else { throw .malformed }
    let seconds = hour * 3600 + minute * 60
    return sign == UInt8(ascii: "-") ? -seconds : seconds
  }

  private mutating func number(_ count: Int) throws(TimestampError) -> Int64 {
    guard at + count <= bytes.count else { throw .malformed }
    var value: Int64 = 0
    for _ in 0..<count {
      guard let digit = digit(bytes[at]) else { throw .malformed }
      value = value * 10 + digit
      at += 1
    }
    return value
  }

  private mutating func mark(_ byte: UInt8) throws(TimestampError) {
    guard at < bytes.count, bytes[at] == byte else { throw .malformed }
    at += 1
  }

  private func digit(_ byte: UInt8) -> Int64? {
    byte >= 48 && byte <= 57 ? Int64(byte) - 48 : nil
  }
}
