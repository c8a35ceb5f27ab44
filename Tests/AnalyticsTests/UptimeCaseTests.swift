import Analytics
import Testing

@Suite struct `Each worked case of uptime` {
  @Test func `is there to be run`() {
    #expect(UptimeCase.all.count >= 36)
  }

  @Test(arguments: UptimeCase.all)
  func `has exactly its figures from a file of facts`(worked: UptimeCase) throws {
    try check(worked) { worked.historyOfLines($0) }
  }

  @Test(arguments: UptimeCase.all)
  func `has exactly its figures from the events of a stream`(worked: UptimeCase) throws {
    try check(worked) { worked.historyOfEvents($0) }
  }

  /// The whole, and each way of folding it in two parts, one of them stored in between.
  private func check(_ worked: UptimeCase, fold: (Range<Int>) -> StatusHistory) throws {
    let count = worked.lines.count
    let whole = fold(0..<count)
    expect(worked, worked.figures(of: whole))
    #expect(try StatusHistory(decoding: whole.encoded()) == whole)
    for split in 0...count {
      var merged = try StatusHistory(decoding: fold(0..<split).encoded())
      merged.merge(fold(split..<count))
      #expect(merged == whole)
      #expect(merged.encoded() == whole.encoded())
      expect(worked, worked.figures(of: merged))
    }
  }

  private func expect(_ worked: UptimeCase, _ figures: UptimeFigures) {
    let printed = figures.printed(decimals: worked.options.decimals)
    #expect(!worked.expected.isEmpty)
    for (path, value) in worked.expected.sorted(by: { $0.key < $1.key }) {
      #expect(printed[path] == value, "\(worked.id) \(path)")
    }
  }
}
