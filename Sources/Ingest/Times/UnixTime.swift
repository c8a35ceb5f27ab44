internal import Streams

/// Unix time in digits: `1700000000`, `1700000000.25`, `1700000000250`.
enum UnixTime {
  static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
    !text.isEmpty && text.allSatisfy { ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ".") }
  }

  /// Reads a number whose unit is told by how many digits it has before the point: of any instant
  /// from 2001-09-09 to 2286, seconds have 10, milliseconds 13, microseconds 16, nanoseconds 19.
  static func read(_ text: UnsafeRawBufferPointer) throws(TimeProblem) -> Timestamp {
    switch text.prefix(while: { $0 != UInt8(ascii: ".") }).count {
    case 10: try read(text, unit: Timestamp.microsecondsPerSecond)
    case 13: try read(text, unit: 1000)
    case 16: try read(text, unit: 1)
    case 19: try read(UnsafeRawBufferPointer(rebasing: text.dropLast(text.count - 16)), unit: 1)
    default: throw TimeProblem(reason: "is a number that may be anything: give --time-format")
    }
  }

  /// - Parameter unit: microseconds.
  static func read(
    _ text: UnsafeRawBufferPointer, unit: Int64
  ) throws(TimeProblem) -> Timestamp {
    var (value, scale, point) = (Int64(0), unit, false)
    guard isNumber(text), text.first != UInt8(ascii: "."), text.last != UInt8(ascii: ".") else {
      throw .malformed("a Unix time in digits")
    }
    for byte in text {
      if byte == UInt8(ascii: ".") {
        guard !point else { throw .malformed("a Unix time in digits") }
        point = true
      } else if point {
        // Digits past the microsecond are cut.
        scale /= 10
        value += Int64(byte - 48) * scale
      } else {
        let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
        guard !isTooLarge, product < .max / 10 else { throw .of(.outOfRange) }
        value = product + Int64(byte - 48) * unit
      }
    }
    return Timestamp(microseconds: value)
  }
}
