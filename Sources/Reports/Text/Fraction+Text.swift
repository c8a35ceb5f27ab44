internal import Analytics

extension Fraction {
  /// The number times `scale`, cut (never rounded) to `decimals` digits after the point.
  func cutText(scale: Int128 = 1, decimals: Int) -> String {
    let power = Self.powerOfTen(decimals)
    let cut = (numerator * scale * power) / denominator
    let digits = String(cut.magnitude)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let whole = padded.dropLast(decimals)
    let sign = cut < 0 ? "-" : ""
    return decimals == 0 ? sign + whole : "\(sign)\(whole).\(padded.suffix(decimals))"
  }

  /// The share in percent: `99.305` for 143/144 with 3 decimals.
  func percentText(decimals: Int) -> String { cutText(scale: 100, decimals: decimals) }

  /// Cut to at most `decimals` digits, without the zeros at the end: `86.4`, `600`.
  func minimalText(decimals: Int = 3) -> String {
    Self.withoutTrailingZeros(cutText(decimals: decimals))
  }

  /// Whole milliseconds as seconds: `86399.25`.
  static func secondsText(milliseconds: Int64) -> String {
    Fraction(Int128(milliseconds), over: 1000).minimalText()
  }

  private static func powerOfTen(_ exponent: Int) -> Int128 {
    (0..<exponent).reduce(Int128(1)) { power, _ in power * 10 }
  }

  private static func withoutTrailingZeros(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text == "-0" ? "0" : text
  }

  /// Whether this is the smaller one.
  func isLess(than other: Fraction) -> Bool {
    numerator * other.denominator < other.numerator * denominator
  }
}
