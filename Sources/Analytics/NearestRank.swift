/// Percentiles by nearest rank: the smallest value with at least p % of the values at or below it.
enum NearestRank {
  /// - Precondition: `sorted` is ascending and not empty; `percent` lies in 1...100.
  static func value<T>(_ percent: Int, of sorted: [T]) -> T {
    sorted[(sorted.count * percent + 99) / 100 - 1]
  }
}
