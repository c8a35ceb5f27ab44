internal import Analytics

/// What is left of an error budget at the end of each step, from all of it down to below nothing,
/// beside the line of even use. Exact but for the hundredth of a unit at which it is drawn.
struct BurnDownChart {
  private let remaining: [Fraction]
  private let steps: Int
  let top: Fraction
  let bottom: Fraction

  private static let step = 10
  private static let height: Int128 = 100

  /// - Parameters:
  ///   - remaining: seconds left at the end of each step that has begun.
  ///   - steps: of the whole period.
  init(allowance: Fraction, remaining: [Fraction], steps: Int) {
    self.remaining = [allowance] + remaining
    self.steps = steps
    top = max(allowance, .zero)
    bottom = min(self.remaining.min() ?? .zero, .zero)
  }

  func svg(label: String, summary: String) -> String {
    let width = max(steps, 1) * Self.step
    let line = remaining.enumerated().map { index, value in
      "\(index == 0 ? "M" : "L")\(index * Self.step) \(y(value))"
    }.joined()
    return "<svg class=\"chart\" viewBox=\"0 0 \(width) \(Self.height)\""
      + " preserveAspectRatio=\"none\" role=\"img\"><title>\(HTMLEscape.escape(label))</title>"
      + "<desc>\(HTMLEscape.escape(summary))</desc>"
      + "<path class=\"grid\" d=\"M0 0h\(width)\"/>"
      + "<path class=\"zero\" d=\"M0 \(y(.zero))h\(width)\"/>"
      + "<path class=\"line even\" d=\"M0 \(y(top))L\(width) \(y(.zero))\"/>"
      + "<path class=\"line left\" d=\"\(line)\"/></svg>"
  }

  private func y(_ value: Fraction) -> String {
    guard top > bottom else { return "\(Self.height)" }
    let exact = (top - value) / (top - bottom) * Fraction(Self.height)
    return exact.shortest(decimals: 2)
  }
}
