extension Fraction {
  public static let zero = Fraction(0)
  public static let one = Fraction(1)

  public static func + (a: Fraction, b: Fraction) -> Fraction {
    Fraction(
      a.numerator * b.denominator + b.numerator * a.denominator,
      over: a.denominator * b.denominator)
  }

  public static func - (a: Fraction, b: Fraction) -> Fraction { a + -b }

  public static prefix func - (a: Fraction) -> Fraction {
    Fraction(-a.numerator, over: a.denominator)
  }

  /// Common divisors go before the product is taken, so that it overflows only if its value does.
  public static func * (a: Fraction, b: Fraction) -> Fraction {
    let left = Fraction(a.numerator, over: b.denominator)
    let right = Fraction(b.numerator, over: a.denominator)
    return Fraction(
      left.numerator * right.numerator, over: left.denominator * right.denominator)
  }

  /// - Precondition: `b` is not zero.
  public static func / (a: Fraction, b: Fraction) -> Fraction {
    a * Fraction(b.denominator, over: b.numerator)
  }

  /// `part / whole`; nil when there is nothing to divide by.
  static func share(_ part: Fraction, of whole: Int64) -> Fraction? {
    whole == 0 ? nil : part / Fraction(Int128(whole))
  }

  /// Milliseconds as seconds.
  public static func seconds(milliseconds: Int64) -> Fraction {
    Fraction(Int128(milliseconds), over: 1000)
  }
}

extension Fraction: Comparable {
  public static func < (a: Fraction, b: Fraction) -> Bool {
    let left = a.numerator.multipliedFullWidth(by: b.denominator)
    let right = b.numerator.multipliedFullWidth(by: a.denominator)
    return (left.high, left.low) < (right.high, right.low)
  }
}
