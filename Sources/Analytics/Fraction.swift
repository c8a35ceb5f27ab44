/// An exact rational number; the denominator is positive and the two have no common divisor.
///
/// Every figure is one of these until it is printed: no binary floating point in between.
/// 64 bits hold 292 million years of milliseconds, products are taken in 128.
public struct Fraction: Hashable, Sendable {
  public let numerator: Int128
  public let denominator: Int128

  /// - Precondition: `denominator` is not 0.
  public init(_ numerator: Int128, over denominator: Int128 = 1) {
    precondition(denominator != 0)
    let divisor = Self.gcd(numerator.magnitude, denominator.magnitude)
    let sign: Int128 = denominator < 0 ? -1 : 1
    self.numerator = sign * numerator / Int128(divisor)
    self.denominator = sign * denominator / Int128(divisor)
  }

  private static func gcd(_ a: UInt128, _ b: UInt128) -> UInt128 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a == 0 ? 1 : a
  }
}
