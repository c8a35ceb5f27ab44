internal import Streams

/// Reads the timestamps that `Timestamp.write(rfc3339:)` writes, and no other spelling.
///
/// Neighbours mostly share a date, so that the calendar is asked once a day.
struct DateCache {
  private var text: (UInt64, UInt16) = (0, 0)
  private var day: Int64?

  mutating func timestamp(_ text: UnsafeRawBufferPointer) -> Timestamp? {
    let count = text.count
    guard count == 20 || count == 24 || count == 27, text[count - 1] == UInt8(ascii: "Z"),
      text[10] == UInt8(ascii: "T"), let day = day(of: text),
      let ofDay = EightBytes.secondOfDay(text.loadUnaligned(fromByteOffset: 11, as: UInt64.self)),
      let fraction = fraction(text)
    else { return nil }
    let seconds = day * 86_400 + ofDay
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
