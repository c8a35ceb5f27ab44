/// How many actions the actors of a period had.
public struct ActorDistribution: Hashable, Sendable {
  /// The actors with `from` to `to` actions.
  public struct Bucket: Hashable, Sendable {
    public var from: Int
    public var to: Int
    public var actors: Int = 0
  }

  /// Nearest rank; nil when nobody was active.
  public var p50: Int?
  public var p95: Int?
  public var max: Int?
  /// 1, 2 to 3, 4 to 7, … each twice as wide as the one before, up to the one of the maximum.
  public var buckets: [Bucket] = []

  public init() {}

  /// - Parameter actions: of each actor, at least 1.
  /// - Complexity: O(n log n).
  public init(_ actions: [Int]) {
    guard !actions.isEmpty else { return }
    let sorted = actions.sorted()
    let most = NearestRank.value(100, of: sorted)
    p50 = NearestRank.value(50, of: sorted)
    p95 = NearestRank.value(95, of: sorted)
    max = most
    buckets = (0...Self.bucket(of: most)).map { Bucket(from: 1 << $0, to: 2 << $0 - 1) }
    for count in sorted { buckets[Self.bucket(of: count)].actors += 1 }
  }

  private static func bucket(of actions: Int) -> Int {
    Int.bitWidth - 1 - Swift.max(actions, 1).leadingZeroBitCount
  }
}
