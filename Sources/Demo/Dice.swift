/// Numbers that look random and are the same on every machine.
///
/// SplitMix64 (Steele, Lea, Flood 2014; prng.di.unimi.it/splitmix64.c). Integers only: nothing
/// here depends on a maths library, on Swift's seeded hashing or on the order of a dictionary.
struct Dice {
  private var state: UInt64

  /// Independent dice for each different list of `salts`.
  init(seed: UInt64, _ salts: UInt64...) {
    state = seed
    for salt in salts { state = next() ^ (salt &* 0xD134_2543_DE82_EF95) }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// A number of `range`, which is not empty; the bias of 2^-64 × its width is nobody's concern.
  mutating func roll(_ range: Range<Int>) -> Int {
    range.lowerBound + Int(next().multipliedFullWidth(by: UInt64(range.count)).high)
  }

  mutating func roll(_ range: ClosedRange<Int>) -> Int {
    roll(range.lowerBound..<range.upperBound + 1)
  }

  mutating func chance(permille: Int) -> Bool { roll(0..<1000) < permille }

  /// One of `choices`, which are not empty.
  mutating func pick<T>(_ choices: [T]) -> T { choices[roll(0..<choices.count)] }

  /// An index, each as likely as its weight says.
  mutating func index(weighted weights: [Int]) -> Int {
    var left = roll(0..<weights.reduce(0, +))
    for (index, weight) in weights.enumerated() {
      if left < weight { return index }
      left -= weight
    }
    return weights.count - 1
  }
}
