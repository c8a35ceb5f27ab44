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

  /// `value`, which belongs to the same actors, unless this is hidden.
  func carrying(_ value: Int64) -> ShownCount {
    isShown ? .value(value) : .withheld
  }
}
