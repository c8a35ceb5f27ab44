/// Decides which cells of published tables are hidden, so that no cell of fewer than k actors can be
/// worked out from those that are shown.
///
/// The reader is taken to know every sum that holds between cells. Hidden are the small cells
/// themselves, then more of them (complementary suppression) until
/// - the hidden parts of a shown total stand for at least k actors together, and cannot all be at
///   the upper end of "fewer than k";
/// - no small cell is determined by the sums taken together (linear algebra over all of them).
///
/// Nothing is promised against what the reader knows from elsewhere, nor against comparing reports
/// of periods that overlap.
struct Suppression {
  struct Cell: Hashable { fileprivate let number: Int }

  struct Entry {
    let value: Int64
    /// How many actors stand behind it.
    let actors: Int
    /// The value is that number.
    let countsActors: Bool
    var isHidden: Bool
    /// Small, not hidden for the sake of another.
    let isSmall: Bool
  }

  struct Sum {
    var parts: [Int]
    var total: Int
  }

  let k: Int
  private(set) var entries: [Entry] = []
  private(set) var sums: [Sum] = []
  /// In how many sums a cell occurs.
  private var uses: [Int: Int] = [:]
  private var isTotal: Set<Int> = []

  init(k: Int) { self.k = k }

  /// A count of actors. Zero is small too: that nobody did is also a fact about each one of a small
  /// group.
  mutating func add(actors: Int) -> Cell {
    add(Int64(actors), of: actors, countsActors: true, isSmall: actors < k)
  }

  /// What `actors` did, in another unit.
  mutating func add(_ value: Int64, of actors: Int) -> Cell {
    add(value, of: actors, countsActors: false, isSmall: actors < k)
  }

  private mutating func add(
    _ value: Int64, of actors: Int, countsActors: Bool, isSmall: Bool
  ) -> Cell {
    entries.append(
      Entry(
        value: value, actors: actors, countsActors: countsActors, isHidden: isSmall,
        isSmall: isSmall))
    return Cell(number: entries.count - 1)
  }

  /// States that `parts` add up to `total`. Of counts of actors the parts have none in common.
  mutating func sum(_ parts: [Cell], is total: Cell) {
    guard !parts.isEmpty else { return }
    sums.append(Sum(parts: parts.map(\.number), total: total.number))
    for cell in parts + [total] { uses[cell.number, default: 0] += 1 }
    isTotal.insert(total.number)
  }

  func actors(behind cell: Cell) -> Int { entries[cell.number].actors }

  subscript(cell: Cell) -> ShownCount {
    let entry = entries[cell.number]
    guard entry.isHidden else { return .value(entry.value) }
    return entry.isSmall && entry.countsActors ? .few : .withheld
  }

  /// Hides what gives a small cell away.
  ///
  /// - Complexity: a sparse elimination over the hidden cells, as often as it finds something.
  mutating func close() {
    repeat { closeSums() } while hideWhatDetermines()
  }

  // MARK: One sum

  private mutating func closeSums() {
    var isClosed = false
    while !isClosed {
      isClosed = true
      for sum in sums {
        guard let victim = victim(of: sum) else { continue }
        entries[victim].isHidden = true
        isClosed = false
      }
    }
  }

  /// What must be hidden beside the hidden parts of a sum; nil when they are safe.
  private func victim(of sum: Sum) -> Int? {
    guard !entries[sum.total].isHidden else { return nil }
    let hidden = sum.parts.filter { entries[$0].isHidden }
    guard hidden.contains(where: { entries[$0].isSmall }), !isSafe(hidden) else { return nil }
    return cheapest(sum.parts.filter { !entries[$0].isHidden }) ?? sum.total
  }

  /// Whether the sum of these may be known.
  private func isSafe(_ hidden: [Int]) -> Bool {
    guard hidden.count > 1 else { return false }
    let entries = hidden.map { self.entries[$0] }
    guard entries.allSatisfy(\.countsActors) else {
      return entries.contains { $0.actors >= k }
    }
    let together = entries.reduce(0) { $0 + $1.actors }
    let most = entries.allSatisfy(\.isSmall) ? entries.count * (k - 1) : .max
    return together >= k && together < most
  }

  // MARK: All sums together

  /// Hides one of the shown cells from which a small one can be worked out, for each such cell. False
  /// when there was none.
  private mutating func hideWhatDetermines() -> Bool {
    let exposed = Elimination(self).formulas.filter { entries[$0.cell].isSmall }
    for formula in exposed {
      let isBroken = formula.terms.contains { entries[$0].isHidden }
      guard !isBroken, let victim = cheapest(formula.terms) else { continue }
      entries[victim].isHidden = true
    }
    return !exposed.isEmpty
  }

  /// What is missed least: no total if possible, then what occurs in few sums, for it gives little
  /// away elsewhere, then what is small.
  private func cheapest(_ cells: [Int]) -> Int? {
    cells.min { rank($0) < rank($1) }
  }

  private func rank(_ cell: Int) -> (Int, Int, Int64, Int) {
    (isTotal.contains(cell) ? 1 : 0, uses[cell, default: 0], entries[cell].value, cell)
  }
}
