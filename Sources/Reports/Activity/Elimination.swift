/// Which hidden cells the sums determine, whatever their values: Gauss-Jordan elimination, sparse.
///
/// It calculates modulo a prime. The coefficients are 0, 1 and -1, in which no quotient reaches it.
struct Elimination {
  private typealias Row = [Int: Int]

  /// A hidden cell, and the shown ones that it can be worked out from.
  struct Formula {
    let cell: Int
    let terms: [Int]
  }

  private(set) var formulas: [Formula] = []

  private static let prime = (1 << 31) - 1
  private let isHidden: [Bool]
  private var rows: [Row] = []
  /// The rows that a hidden cell occurs in.
  private var places: [Int: Set<Int>] = [:]

  init(_ suppression: Suppression) {
    isHidden = suppression.entries.map(\.isHidden)
    for sum in suppression.sums {
      var row: Row = [:]
      for part in sum.parts { row[part, default: 0] += 1 }
      row[sum.total, default: 0] += Self.prime - 1
      row = row.filter { $0.value % Self.prime != 0 }
      let unknowns = row.keys.filter { isHidden[$0] }
      guard !unknowns.isEmpty else { continue }
      for cell in unknowns { places[cell, default: []].insert(rows.count) }
      rows.append(row)
    }
    for number in rows.indices { solve(number) }
    formulas = rows.compactMap(formula).sorted { $0.cell < $1.cell }
  }

  private func formula(_ row: Row) -> Formula? {
    let unknowns = row.keys.filter { isHidden[$0] }
    guard unknowns.count == 1 else { return nil }
    return Formula(cell: unknowns[0], terms: row.keys.filter { !isHidden[$0] })
  }

  /// Takes the cell of this row that occurs least often out of all others.
  private mutating func solve(_ number: Int) {
    let row = rows[number]
    let unknowns = row.keys.filter { isHidden[$0] }
    guard
      let pivot = unknowns.min(by: {
        (places[$0]?.count ?? 0, $0) < (places[$1]?.count ?? 0, $1)
      }), let leading = row[pivot]
    else { return }
    let inverse = Self.power(leading, Self.prime - 2)
    for other in places[pivot] ?? [] where other != number {
      guard let coefficient = rows[other][pivot] else { continue }
      subtract(row, times: coefficient * inverse % Self.prime, from: other)
    }
  }

  private mutating func subtract(_ row: Row, times factor: Int, from other: Int) {
    for (cell, value) in row {
      let old = rows[other][cell] ?? 0
      let new = (old + (Self.prime - factor) * value) % Self.prime
      rows[other][cell] = new == 0 ? nil : new
      guard isHidden[cell] else { continue }
      if new == 0 {
        places[cell]?.remove(other)
      } else if old == 0 {
        places[cell]?.insert(other)
      }
    }
  }

  private static func power(_ base: Int, _ exponent: Int) -> Int {
    var (result, base, exponent) = (1, base, exponent)
    while exponent > 0 {
      if exponent & 1 == 1 { result = result * base % prime }
      base = base * base % prime
      exponent >>= 1
    }
    return result
  }
}
