extension Fraction {
  /// The most digits read on either side of the point: more could overflow a later product.
  public static let maxDecimalDigits = 9

  /// Reads a decimal such as `99.9`, `0.3` or `-1` exactly.
  ///
  /// Nil for anything else: an exponent, a lone point, more than ``maxDecimalDigits`` digits before
  /// or after the point.
  public init?(decimal text: String) {
    var digits = Substring(text)
    let isNegative = digits.first == "-"
    if isNegative { digits.removeFirst() }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count) else { return nil }
    var value: Int128 = 0
    for part in parts {
      guard (1...Self.maxDecimalDigits).contains(part.utf8.count) else { return nil }
      for byte in part.utf8 {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        value = value * 10 + Int128(byte - UInt8(ascii: "0"))
      }
    }
    let scale = parts.count == 2 ? Self.powerOfTen(parts[1].utf8.count) : 1
    self.init(isNegative ? -value : value, over: scale)
  }

  /// Reads a percentage such as `99.9` as a share of 1.
  public init?(percent text: String) {
    guard let value = Fraction(decimal: text) else { return nil }
    self = value / Fraction(100)
  }

  /// The value cut toward zero to exactly `decimals` digits: `99.305`, `-513.600`, `0.000`.
  public func truncated(decimals: Int) -> String {
    let digits = cutDigits(decimals: decimals)
    return text(of: digits, decimals: decimals)
  }

  /// The value as a percentage, cut toward zero to exactly `decimals` digits: 0.99305… is `99.305`.
  public func percent(decimals: Int) -> String {
    // Two more digits with the point moved: multiplying by 100 could overflow.
    let digits = cutDigits(decimals: decimals + 2)
    return text(of: digits, decimals: decimals)
  }

  /// The shortest text of the value cut to at most `decimals` digits: `600`, `86399.25`, `-513.6`.
  public func shortest(decimals: Int = 3) -> String {
    var text = truncated(decimals: decimals)
    guard decimals > 0 else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// The digits of the magnitude up to `decimals` after the point, by long division.
  private func cutDigits(decimals: Int) -> [UInt8] {
    let magnitude = Int128(numerator.magnitude)
    var digits = Array(String(magnitude / denominator).utf8)
    var rest = magnitude % denominator
    for _ in 0..<max(0, decimals) {
      rest *= 10
      digits.append(UInt8(ascii: "0") + UInt8(rest / denominator))
      rest %= denominator
    }
    return digits
  }

  private func text(of digits: [UInt8], decimals: Int) -> String {
    var whole = digits.dropLast(max(0, decimals)).drop { $0 == UInt8(ascii: "0") }
    if whole.isEmpty { whole = [UInt8(ascii: "0")] }
    let isZero = digits.allSatisfy { $0 == UInt8(ascii: "0") }
    var text = numerator < 0 && !isZero ? "-" : ""
    text += String(decoding: whole, as: UTF8.self)
    guard decimals > 0 else { return text }
    return text + "." + String(decoding: digits.suffix(decimals), as: UTF8.self)
  }

  private static func powerOfTen(_ exponent: Int) -> Int128 {
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }
}
