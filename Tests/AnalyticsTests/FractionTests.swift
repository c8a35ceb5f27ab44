import Analytics
import Testing

@Suite struct `A fraction` {
  @Test(
    arguments: [
      ("99.9", 999, 10), ("0.3", 3, 10), ("100", 100, 1), ("0", 0, 1), ("-0.50", -1, 2),
      ("000000001.000000001", 1_000_000_001, 1_000_000_000),
    ] as [(String, Int128, Int128)])
  func `is read from a decimal exactly`(text: String, numerator: Int128, denominator: Int128) {
    #expect(Fraction(decimal: text) == Fraction(numerator, over: denominator))
  }

  @Test(arguments: [
    "", "-", ".", ".5", "5.", "1e2", "1,5", "0x1", "1.2.3", "+1", " 1", "99.9%", "--1", "²",
    "1234567890", "0.1234567890",
  ])
  func `is not read from anything else`(text: String) {
    #expect(Fraction(decimal: text) == nil)
  }

  @Test(
    arguments: [
      (85_800, 86_400, 3, "0.993"), (2, 3, 0, "0"), (-5136, 10, 3, "-513.600"),
      (-1, 2000, 3, "0.000"),
      (-1, 1000, 3, "-0.001"), (7, 1, 0, "7"), (12_345, 100, 1, "123.4"),
      (1, 3, 20, "0.33333333333333333333"),
    ] as [(Int128, Int128, Int, String)])
  func `is cut toward zero`(numerator: Int128, denominator: Int128, decimals: Int, text: String) {
    #expect(Fraction(numerator, over: denominator).truncated(decimals: decimals) == text)
  }

  @Test(
    arguments: [
      (85_800, 86_400, "99.305"), (2_591_999, 2_592_000, "99.999"), (1, 1, "100.000"),
      (0, 1, "0.000"), (-1, 8, "-12.500"), (999_999, 100_000_000, "0.999"),
      (6_944_444, 1_000_000, "694.444"),
    ] as [(Int128, Int128, String)])
  func `is cut as a percentage`(numerator: Int128, denominator: Int128, text: String) {
    #expect(Fraction(numerator, over: denominator).percent(decimals: 3) == text)
  }

  @Test(
    arguments: [
      (600_000, "600"), (86_399_250, "86399.25"), (750, "0.75"), (-513_600, "-513.6"), (0, "0"),
      (100_000, "100"), (-1, "-0.001"),
    ] as [(Int64, String)])
  func `of seconds is as short as it can be`(milliseconds: Int64, text: String) {
    #expect(Fraction.seconds(milliseconds: milliseconds).shortest() == text)
  }

  @Test func `obeys the laws of arithmetic`() {
    var random = SplitMix(seed: 1)
    func any() -> Fraction {
      Fraction(Int128(random.below(2001) - 1000), over: Int128(random.below(40) + 1))
    }
    for _ in 0..<2000 {
      let (a, b, c) = (any(), any(), any())
      #expect(a + b == b + a)
      #expect((a + b) - b == a)
      #expect(a * (b + c) == a * b + a * c)
      if b != .zero { #expect(a * b / b == a) }
      #expect((a < b) == (b - a > .zero))
      #expect(a.denominator > 0)
    }
  }

  @Test func `holds what a period of two centuries and nine decimals make`() throws {
    let weight = try #require(Fraction(decimal: "0.123456789"))
    let target = try #require(Fraction(percent: "99.123456789"))
    let whole: Int64 = 7_258_118_399_999
    let consumed = weight * .seconds(milliseconds: whole)
    let budget = (.one - target) * .seconds(milliseconds: whole - 1)
    #expect((consumed / budget).percent(decimals: 9) == "1408.450689603")
    #expect(consumed > budget)
  }
}
