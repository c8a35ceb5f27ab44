internal import Analytics

/// A ratio on its way to a reader who may not be allowed to see it.
enum ShownShare: Hashable, Sendable {
  case value(Fraction)
  /// Over nothing.
  case none
  case withheld

  /// `part / whole`, unless one of them is hidden: with the other it would be had from the ratio.
  init(_ part: ShownCount, of whole: ShownCount) {
    guard let part = part.value, let whole = whole.value else {
      self = .withheld
      return
    }
    self = whole == 0 ? .none : .value(Fraction(Int128(part), over: Int128(whole)))
  }

  /// `fraction`, unless what it is made of is hidden.
  init(_ fraction: Fraction?, of count: ShownCount) {
    guard count.isShown else {
      self = .withheld
      return
    }
    self = fraction.map { .value($0) } ?? .none
  }

  var value: Fraction? {
    guard case .value(let value) = self else { return nil }
    return value
  }
}
