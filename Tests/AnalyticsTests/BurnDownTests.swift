import Analytics
import Streams
import Testing

@Suite struct `The outlook on an error budget` {
  /// Twenty days of a running period of January 2025, with outages of ten minutes at noon.
  private func burnDown(
    outagesOn days: [Int], asOf: String, until end: String = "31T00:00", unknownFrom: String? = nil,
    target: Fraction = Fraction(99, over: 100)
  ) throws -> BurnDown {
    var lines = [fact("01T00:00", "up")]
    for day in days {
      let date = day < 10 ? "0\(day)" : "\(day)"
      lines += [fact("\(date)T12:00", "down"), fact("\(date)T12:10", "up")]
    }
    if let unknownFrom { lines.append(fact(unknownFrom, "unknown")) }
    var options = try period("01T00:00", end, asOf: asOf)
    options.sloTarget = target
    return try #require(history(lines).figures(of: "api", options).views.burnDown)
  }

  @Test func `names no date before a quarter of the period has elapsed`() throws {
    #expect(
      try burnDown(outagesOn: [1, 2, 3, 4], asOf: "08T11:59").outlook == .unclear(.tooEarly))
    #expect(try burnDown(outagesOn: [1, 2, 3, 4], asOf: "08T12:00").outlook == .lasts)
  }

  @Test func `names no date when little is known, or after fewer than three incidents`() throws {
    #expect(
      try burnDown(outagesOn: [1, 2, 3], asOf: "11T00:00", unknownFrom: "10T11:59").outlook
        == .unclear(.littleKnown))
    #expect(
      try burnDown(outagesOn: [1, 2, 3], asOf: "11T00:00", unknownFrom: "10T12:00").outlook
        == .lasts)
    #expect(
      try burnDown(outagesOn: [1, 2], asOf: "11T00:00").outlook == .unclear(.fewIncidents))
  }

  /// 0.1 % of 30 days are 43.2 minutes; 30 were used in ten days: 13.2 more last 4.4 days.
  @Test func `names the date at the rate so far`() throws {
    let found = try burnDown(
      outagesOn: [1, 2, 3], asOf: "11T00:00", target: Fraction(999, over: 1000))
    #expect(found.allowance == Fraction(2592))
    #expect(found.exhaustedAt == nil)
    #expect(found.outlook == .exhausts(try instant("15T09:36")))
  }

  @Test func `knows to the millisecond when it was used up`() throws {
    let found = try burnDown(
      outagesOn: [1, 2, 3, 4, 5], asOf: "11T00:00", target: Fraction(999, over: 1000))
    #expect(found.outlook == .exhausted)
    #expect(found.exhaustedAt == (try instant("05T12:03:12")))
  }

  @Test func `expects nothing of a period that is over, nor of a budget used to the last bit`()
    throws
  {
    let whole = try burnDown(outagesOn: [1, 2, 3], asOf: "31T00:00")
    #expect(whole.outlook == .over)
    // Twenty minutes are two of the 288 tens of minutes of two days: all that they may cost.
    let exact = try burnDown(
      outagesOn: [1, 2], asOf: "03T00:00", until: "03T00:00", target: Fraction(286, over: 288))
    #expect(exact.allowance == Fraction(1200))
    #expect(exact.exhaustedAt == nil)
    #expect(exact.outlook == .over)
  }
}
