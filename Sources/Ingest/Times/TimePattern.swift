internal import Streams

/// How a time is written, in the letters of `strptime(3)`: `%d.%m.%Y %H:%M:%S.%f`.
///
/// Known are Y y m d e b B j H I M S p f z F D T R and %%; `%f` is the digits of a fraction of a
/// second, `%y` a year from 1970 to 2069, and months are English.
public struct TimePattern: Sendable {
  private enum Piece: Sendable {
    case literal(UInt8)
    case directive(UInt8)
  }

  private let pieces: [Piece]
  private let text: String

  /// - Throws: ``MappingError`` for a directive that is not known, or a pattern without a date.
  public init(_ text: String) throws(MappingError) {
    self.text = text
    var pieces: [Piece] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        pieces.append(.literal(byte))
        continue
      }
      guard let directive = rest.popFirst() else { throw .timeFormat(text) }
      if directive == UInt8(ascii: "%") {
        pieces.append(.literal(directive))
      } else if let several = Self.abbreviations[directive] {
        pieces += several
      } else if "YymdebBjHIMSpfz".utf8.contains(directive) {
        pieces.append(.directive(directive))
      } else {
        throw .timeFormat(text)
      }
    }
    self.pieces = pieces
    let letters = Set(
      pieces.compactMap { if case .directive(let letter) = $0 { letter } else { nil } })
    func has(_ any: String) -> Bool { !letters.isDisjoint(with: any.utf8) }
    guard has("Yy"), has("j") || has("mbB") && has("de") else { throw .timeFormat(text) }
  }

  private static let abbreviations: [UInt8: [Piece]] = [
    UInt8(ascii: "F"): of("Y-m-d"), UInt8(ascii: "D"): of("m/d/y"),
    UInt8(ascii: "T"): of("H:M:S"), UInt8(ascii: "R"): of("H:M"),
  ]

  /// Every letter a directive.
  private static func of(_ text: String) -> [Piece] {
    text.utf8.map { $0 >= UInt8(ascii: "A") ? .directive($0) : .literal($0) }
  }

  func read(_ text: UnsafeRawBufferPointer) throws(TimeProblem) -> ClockReading {
    var parts = TimeParts(rest: text[...])
    for piece in pieces {
      let fits =
        switch piece {
        case .literal(let byte): parts.rest.popFirst() == byte
        case .directive(let letter): parts.take(letter)
        }
      guard fits else { throw mismatch }
    }
    guard parts.rest.isEmpty, let reading = parts.reading else { throw mismatch }
    return reading
  }

  private var mismatch: TimeProblem { .malformed("'\(text)'") }
}

/// The parts of a time as they are read.
private struct TimeParts {
  var rest: Slice<UnsafeRawBufferPointer>
  private var year = 1970
  private var month = 1
  private var day = 1
  private var dayOfYear: Int?
  private var hour = 0
  private var minute = 0
  private var second = 0
  private var microsecond: Int64 = 0
  private var isAfternoon: Bool?
  private var offset: Int64?

  init(rest: Slice<UnsafeRawBufferPointer>) { self.rest = rest }

  var reading: ClockReading? {
    var hour = hour
    if let isAfternoon {
      guard (1...12).contains(hour) else { return nil }
      hour = hour % 12 + (isAfternoon ? 12 : 0)
    }
    var (month, day) = (month, day)
    if let dayOfYear {
      guard dayOfYear > 0, let first = CivilDate(year: year, month: 1, day: 1) else { return nil }
      let date = first.adding(days: Int64(dayOfYear - 1))
      guard date.year == year else { return nil }
      (month, day) = (date.month, date.day)
    }
    return ClockReading(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second,
      microsecond: microsecond, offset: offset)
  }

  /// Reads what `directive` stands for; false if that is not there.
  mutating func take(_ directive: UInt8) -> Bool {
    switch directive {
    case UInt8(ascii: "Y"): set(\.year, 4...4)
    case UInt8(ascii: "y"): set(\.year, 2...2) { $0 + ($0 < 70 ? 2000 : 1900) }
    case UInt8(ascii: "m"): set(\.month, 1...2)
    case UInt8(ascii: "d"): set(\.day, 1...2)
    case UInt8(ascii: "e"): takeBlank() && set(\.day, 1...2)
    case UInt8(ascii: "H"), UInt8(ascii: "I"): set(\.hour, 1...2)
    case UInt8(ascii: "M"): set(\.minute, 1...2)
    case UInt8(ascii: "S"): set(\.second, 1...2)
    case UInt8(ascii: "j"): takeDayOfYear()
    case UInt8(ascii: "b"), UInt8(ascii: "B"): takeMonth(isLong: directive == UInt8(ascii: "B"))
    case UInt8(ascii: "p"): takeHalf()
    case UInt8(ascii: "f"): takeFraction()
    default: takeOffset()
    }
  }

  private mutating func set(
    _ part: WritableKeyPath<TimeParts, Int>, _ digits: ClosedRange<Int>,
    _ transform: (Int) -> Int = { $0 }
  ) -> Bool {
    guard let value = number(digits) else { return false }
    self[keyPath: part] = transform(value)
    return true
  }

  private mutating func number(_ digits: ClosedRange<Int>) -> Int? {
    var (value, count) = (0, 0)
    while count < digits.upperBound, let byte = rest.first, byte >= 48, byte <= 57 {
      value = value * 10 + Int(byte) - 48
      count += 1
      rest.removeFirst()
    }
    return digits.contains(count) ? value : nil
  }

  private mutating func takeBlank() -> Bool {
    if rest.first == UInt8(ascii: " ") { rest.removeFirst() }
    return true
  }

  private mutating func takeDayOfYear() -> Bool {
    dayOfYear = number(1...3)
    return dayOfYear != nil
  }

  private mutating func takeMonth(isLong: Bool) -> Bool {
    for (index, name) in Self.months.enumerated() {
      let name = isLong ? name[...] : name.prefix(3)
      guard rest.prefix(name.count).map({ $0 | 0x20 }).elementsEqual(name) else { continue }
      rest.removeFirst(name.count)
      month = index + 1
      return true
    }
    return false
  }

  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ].map { Array($0.utf8) }

  private mutating func takeHalf() -> Bool {
    let half = rest.prefix(2).map { $0 | 0x20 }
    guard half.elementsEqual("am".utf8) || half.elementsEqual("pm".utf8) else { return false }
    isAfternoon = half.elementsEqual("pm".utf8)
    rest.removeFirst(2)
    return true
  }

  /// Digits past the microsecond are cut.
  private mutating func takeFraction() -> Bool {
    var scale: Int64 = 100_000
    var hasDigit = false
    while let byte = rest.first, byte >= 48, byte <= 57 {
      microsecond += Int64(byte - 48) * scale
      scale /= 10
      hasDigit = true
      rest.removeFirst()
    }
    return hasDigit
  }

  private mutating func takeOffset() -> Bool {
    guard let sign = rest.popFirst() else { return false }
    if sign == UInt8(ascii: "Z") {
      offset = 0
      return true
    }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = number(2...2) else {
      return false
    }
    if rest.first == UInt8(ascii: ":") { rest.removeFirst() }
    guard let minutes = number(2...2), hours < 24, minutes < 60 else { return false }
    let seconds = Int64(hours * 3600 + minutes * 60)
    offset = sign == UInt8(ascii: "-") ? -seconds : seconds
    return true
  }
}
