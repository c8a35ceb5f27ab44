/// A number on its way to a reader who may not be allowed to see it.
enum ShownCount: Hashable, Sendable {
  case value(Int64)
  /// Fewer than k actors stand behind it.
  case few
  /// It belongs to so few actors, or would give away a hidden number by subtraction.
  case withheld

  var value: Int64? {
    guard case .value(let value) = self else { return nil }
    return value
  }

  var isShown: Bool { value != nil }

  /// A count of actors, hidden below `k`; zero is hidden too: that nobody did is also a fact about
  /// each one of a small group.
  static func actors(_ count: Int, k: Int) -> ShownCount {
    count < k ? .few : .value(Int64(count))
  }

  /// `value`, which is no count of actors, unless the actors behind it are hidden.
  func carrying(_ value: Int64) -> ShownCount {
    isShown ? .value(value) : .withheld
  }
}

extension Array where Element == ShownCount {
  /// Where exactly one addend of a published sum is hidden, subtraction would show it: the smallest
  /// shown one is withheld as well.
  var withoutSingleGap: [ShownCount] {
    guard count(where: { !$0.isShown }) == 1, let victim = smallestShown else { return self }
    var result = self
    result[victim] = .withheld
    return result
  }

  private var smallestShown: Int? {
    indices.filter { self[$0].isShown }.min { (self[$0].value ?? 0) < (self[$1].value ?? 0) }
  }
}
