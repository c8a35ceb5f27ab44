internal import Streams

/// A date and a time of day as they are written, with their offset if they name one.
struct ClockReading {
  /// Microseconds since 1970 on the clock's own face.
  var local: Int64
  /// Seconds east of UTC.
  var offset: Int64?

  /// - Parameter second: up to 60; a leap second is the next second.
  init?(
    year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, microsecond: Int64 = 0,
    offset: Int64?
  ) {
    guard let date = CivilDate(year: year, month: month, day: day), (0..<24).contains(hour),
      (0..<60).contains(minute), (0...60).contains(second)
    else { return nil }
    let seconds = date.utcDay * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    local = seconds * Timestamp.microsecondsPerSecond + (second == 60 ? 0 : microsecond)
    self.offset = offset
  }

  init(local: Timestamp) {
    self.local = local.microseconds
    offset = nil
  }

  func instant(in zone: WallClock?) throws(TimeProblem) -> Timestamp {
    let unit = Timestamp.microsecondsPerSecond
    if let offset { return Timestamp(microseconds: local - offset * unit) }
    guard let zone else { throw .noZone }
    guard let second = zone.second(showing: local.flooredQuotient(unit)) else {
      throw TimeProblem(reason: "was never shown by a clock in \(zone.name): it went forward then")
    }
    return Timestamp(microseconds: second * unit + local - local.flooredQuotient(unit) * unit)
  }
}

extension ClockReading {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ].map { Array($0.utf8) }

  /// `10/Oct/2000:13:55:36 -0700`, as web servers log it; nil for anything else.
  init?(accessLog text: UnsafeRawBufferPointer) {
    guard text.count == 26, text[2] == UInt8(ascii: "/"), text[6] == UInt8(ascii: "/"),
      [11, 14, 17].allSatisfy({ text[$0] == UInt8(ascii: ":") }), text[20] == UInt8(ascii: " "),
      let month = Self.months.firstIndex(where: { $0.elementsEqual(text[3..<6]) }),
      let day = text.number(0..<2), let year = text.number(7..<11),
      let hour = text.number(12..<14), let minute = text.number(15..<17),
      let second = text.number(18..<20), let hours = text.number(22..<24),
      let minutes = text.number(24..<26), hours < 24, minutes < 60,
      text[21] == UInt8(ascii: "+") || text[21] == UInt8(ascii: "-")
    else { return nil }
    let offset = Int64(hours * 3600 + minutes * 60)
    self.init(
      year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second,
      offset: text[21] == UInt8(ascii: "-") ? -offset : offset)
  }
}

extension UnsafeRawBufferPointer {
  /// The digits in `range` as a number; nil if one is none.
  func number(_ range: Range<Int>) -> Int? {
    var value = 0
    for byte in self[range] {
      guard byte >= 48, byte <= 57 else { return nil }
      value = value * 10 + Int(byte) - 48
    }
    return value
  }
}

extension Int64 {
  func flooredQuotient(_ divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
