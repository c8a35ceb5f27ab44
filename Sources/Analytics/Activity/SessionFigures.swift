/// Actions of one actor with gaps of at most 30 minutes.
public struct SessionFigures: Hashable, Sendable {
  /// The sessions of a length in `[fromSeconds, toSeconds)`.
  public struct Bucket: Hashable, Sendable {
    public var fromSeconds: Int64
    /// Nil for the last bucket, which has no end.
    public var toSeconds: Int64?
    public var sessions: Int = 0
    /// Distinct actors with such a session.
    public var actors: Int = 0
  }

  public var count: Int = 0
  /// Seconds, nearest rank, cut to whole seconds; nil when there is no session.
  public var lengthP50: Int64?
  public var lengthP95: Int64?
  /// All lengths from 0 on, without a gap, the same in every report.
  public var buckets: [Bucket]

  private static let bounds: [Int64] = [0, 60, 300, 900, 1800, 3600]

  public init() {
    let ends = Self.bounds.dropFirst().map(Optional.some) + [nil]
    buckets = zip(Self.bounds, ends).map { Bucket(fromSeconds: $0, toSeconds: $1) }
  }
}
