/// A random share of the segments, the same for the same seed and catalog.
public struct SegmentSample: Sendable, Hashable {
  /// 1...100.
  public var percent: Int
  public var seed: UInt64

  public init(percent: Int, seed: UInt64) {
    precondition((1...100).contains(percent))
    self.percent = percent
    self.seed = seed
  }

  /// `percent` of the entries, rounded up, in their order.
  func choose(_ entries: [CatalogEntry]) -> [CatalogEntry] {
    var generator = SplitMix64(state: seed)
    let count = (entries.count * percent + 99) / 100
    let chosen = Set(entries.indices.shuffled(using: &generator).prefix(count))
    return entries.indices.filter(chosen.contains).map { entries[$0] }
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
