package import Analytics

/// How figures are put into words, the same on every page and terminal.
package enum Wording {
  package static let noData = "no data"

  /// `99.953 %`, or `no data` for a share of nothing.
  package static func percent(_ share: Fraction?, decimals: Int) -> String {
    share.map { $0.percent(decimals: decimals) + "\u{A0}%" } ?? noData
  }

  /// A name as it stands in a sentence.
  package static func short(_ name: String) -> String {
    let start = name.prefix(60)
    return start.endIndex == name.endIndex ? name : start + "…"
  }

  /// `1 incident`, `2 incidents`.
  package static func count(_ value: Int, _ noun: String, plural: String? = nil) -> String {
    "\(grouped(value))\u{A0}\(value == 1 ? noun : plural ?? noun + "s")"
  }

  /// Digits in groups of three, a narrow space between: `12 345`.
  package static func grouped<I: BinaryInteger>(_ value: I) -> String {
    let digits = String(value.magnitude)
    guard digits.count > 4 else { return String(value) }
    var out = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out += "\u{202F}" }
      out.append(digit)
    }
    return value < 0 ? "-" + out : out
  }

  /// The two largest units, the rest cut: `45.25 s`, `12 min 30 s`, `2 h 5 min`, `3 d 4 h`.
  package static func duration(milliseconds: Int64) -> String {
    let size = Int64(clamping: milliseconds.magnitude)
    let seconds = size / 1000
    let text =
      switch seconds {
      case 0..<60: Fraction.seconds(milliseconds: size).shortest() + "\u{A0}s"
      case 60..<3600: pair(seconds / 60, "min", seconds % 60, "s")
      case 3600..<86_400: pair(seconds / 3600, "h", seconds / 60 % 60, "min")
      default: pair(seconds / 86_400, "d", seconds / 3600 % 24, "h")
      }
    return milliseconds < 0 ? "−" + text : text
  }

  /// Seconds, cut at the millisecond, as a duration; `no data` for nil.
  package static func duration(_ seconds: Fraction?) -> String {
    guard let seconds else { return noData }
    let milliseconds = seconds.numerator * 1000 / seconds.denominator
    return duration(milliseconds: Int64(clamping: milliseconds))
  }

  /// A response time: `215 ms`, `1.5 ms`; to the nearest microsecond.
  package static func milliseconds(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return noData }
    return Fraction(Int128((value * 1000).rounded()), over: 1000).shortest() + "\u{A0}ms"
  }

  private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String)
    -> String
  {
    small == 0
      ? "\(large)\u{A0}\(unit)" : "\(large)\u{A0}\(unit) \(small)\u{A0}\(smallUnit)"
  }

  /// `3.5 kB`, `1.2 MB`: decimal units, one digit, cut.
  package static func bytes(_ value: Int64) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
    var scale: Int64 = 1000
    guard value >= scale else { return "\(value)\u{A0}B" }
    var unit = 0
    while unit < units.count - 1, value / scale >= 1000 {
      scale *= 1000
      unit += 1
    }
    let number = Fraction(Int128(value), over: Int128(scale)).truncated(decimals: 1)
    return "\(number)\u{A0}\(units[unit])"
  }
}
