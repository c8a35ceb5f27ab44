import Analytics
import Streams
import Testing

@testable import Reports

@Suite struct `What a published table hides` {
  private typealias Cell = Suppression.Cell

  @Test(arguments: [
    // Parts of a total, and which of them are shown: 1 for yes.
    ([20, 30, 2], [0, 1, 0]), ([20, 30, 40], [1, 1, 1]), ([1, 1, 30], [0, 0, 0]),
    ([3, 2, 30], [0, 0, 1]), ([4, 4, 30], [0, 0, 0]), ([0, 0, 30, 40], [0, 0, 0, 1]),
    ([4], [0]), ([9], [1]), ([4, 4], [0, 0]), ([0, 30], [0, 0]),
  ])
  func `is what is small, and what gives it away`(parts: [Int], shown: [Int]) {
    var plan = Suppression(k: 5)
    let cells = parts.map { plan.add(actors: $0) }
    let total = plan.add(actors: parts.reduce(0, +))
    plan.sum(cells, is: total)
    plan.close()
    #expect(cells.map { plan[$0].isShown ? 1 : 0 } == shown)
  }

  /// Every hidden total of two small parts at their largest tells both.
  @Test func `is a total that leaves its parts no choice`() {
    var plan = Suppression(k: 5)
    let cells = [4, 4].map { plan.add(actors: $0) }
    let total = plan.add(actors: 8)
    plan.sum(cells, is: total)
    plan.close()
    #expect(plan[total] == .withheld)
    #expect(plan[cells[0]] == .few)
  }

  @Test func `is nothing for those who may see all`() {
    var plan = Suppression(k: 0)
    let cells = [0, 1, 2].map { plan.add(actors: $0) }
    plan.sum([cells[0], cells[1]], is: cells[2])
    plan.close()
    #expect(cells.allSatisfy { plan[$0].isShown })
  }

  /// 7 came back of 9, and so did 7 of the 30 that were there: who knows both sums knows the 2.
  @Test func `is looked for in all sums together`() {
    var plan = Suppression(k: 5)
    let (new, returning, resurrected) = (
      plan.add(actors: 12), plan.add(actors: 7), plan.add(actors: 11)
    )
    let (dormant, now, before) = (
      plan.add(actors: 2), plan.add(actors: 30), plan.add(actors: 9)
    )
    plan.sum([new, returning, resurrected], is: now)
    plan.sum([returning, dormant], is: before)
    plan.close()
    #expect(plan[dormant] == .few)
    #expect(plan[returning] == .withheld)
    #expect(!plan[new].isShown || !plan[resurrected].isShown)
  }

  /// An attacker who solves all sums for what is hidden, with exact rational numbers, dense, and
  /// knows nothing of how it was hidden.
  @Test(arguments: 0..<300)
  func `cannot be worked out from random tables`(seed: Int) {
    var random = SystemDice(seed: UInt64(seed))
    var plan = Suppression(k: 5)
    var cells: [Cell] = []
    var values: [Int] = []
    func add(_ value: Int) -> Int {
      values.append(value)
      cells.append(plan.add(actors: value))
      return values.count - 1
    }
    // A table with the totals of its rows and columns, and of these again.
    let (width, height) = (1 + random.below(4), 1 + random.below(4))
    let inner = (0..<height).map { _ in (0..<width).map { _ in add(random.below(14)) } }
    let rows = inner.map { row in add(row.reduce(0) { $0 + values[$1] }) }
    let columns = (0..<width).map { column in
      add(inner.reduce(0) { $0 + values[$1[column]] })
    }
    let all = add(rows.reduce(0) { $0 + values[$1] })
    var sums = zip(inner, rows).map { ($0, $1) }
    sums += columns.enumerated().map { column, total in (inner.map { $0[column] }, total) }
    sums += [(rows, all), (columns, all)]
    for (parts, total) in sums { plan.sum(parts.map { cells[$0] }, is: cells[total]) }
    plan.close()
    let shown = cells.indices.filter { plan[cells[$0]].isShown }
    for cell in shown { #expect(values[cell] >= 5) }
    let known = Attacker(cells: cells.count, sums: sums).determined(knowing: Set(shown))
    for cell in known { #expect(values[cell] >= 5, "seed \(seed), cell \(cell)") }
  }

  /// Whole reports: figures of random people, all sums that a reader could think of.
  @Test func `of a report are its small counts, whatever table they stand in`() throws {
    var figures = try Samples.activity()
    figures.days[1].returning = 23
    figures.days[1].resurrected = 0
    figures.days[1].new = 2
    figures.days[1].dormant = 7
    let shown = ShownActivity(figures, hidingBelow: 5)
    #expect(shown.days[1].lifecycle.new == .few)
    // 30 were there the day before, 7 of them not any more: that would tell who returned.
    #expect(!shown.days[1].lifecycle.returning.isShown || !shown.days[1].lifecycle.dormant.isShown)
  }
}

/// Gauss-Jordan over rational numbers.
private struct Attacker {
  let cells: Int
  let sums: [([Int], Int)]

  func determined(knowing shown: Set<Int>) -> [Int] {
    let hidden = (0..<cells).filter { !shown.contains($0) }
    var rows: [[Fraction]] = sums.map { parts, total in
      hidden.map { cell in
        Fraction(Int128(parts.count { $0 == cell } - (total == cell ? 1 : 0)))
      }
    }
    var solved = 0
    for column in hidden.indices {
      guard let pivot = (solved..<rows.count).first(where: { rows[$0][column] != .zero }) else {
        continue
      }
      rows.swapAt(solved, pivot)
      let leading = rows[solved]
      for row in rows.indices where row != solved && rows[row][column] != .zero {
        let factor = rows[row][column] / leading[column]
        for at in hidden.indices { rows[row][at] = rows[row][at] - factor * leading[at] }
      }
      solved += 1
      if solved == rows.count { break }
    }
    return rows.filter { row in row.count { $0 != .zero } == 1 }
      .compactMap { row in row.firstIndex { $0 != .zero }.map { hidden[$0] } }
  }
}

/// The same numbers in every run.
private struct SystemDice {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}
