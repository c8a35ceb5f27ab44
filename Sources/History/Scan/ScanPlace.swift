/// A place in a scan of all positions, which grows as the scan goes on, backward too.
///
/// Positions are unique but where a store was put together again from a backup and from segments
/// that are newer than that: there the stream tells two events apart.
struct ScanPlace: Comparable, Sendable {
  /// The position, negated when the scan goes backward.
  var rank: Int64
  /// Likewise the number of the stream.
  var streamRank: Int64

  init(rank: Int64, streamRank: Int64) {
    self.rank = rank
    self.streamRank = streamRank
  }

  init(_ position: Int64, stream: Int64, backward: Bool) {
    rank = backward ? -position : position
    streamRank = backward ? -stream : stream
  }

  /// After all places of lower ranks, and before all others.
  static func before(rank: Int64) -> ScanPlace { ScanPlace(rank: rank, streamRank: .min) }

  /// After all places of this rank and of lower ones.
  static func after(rank: Int64) -> ScanPlace { ScanPlace(rank: rank, streamRank: .max) }

  static func < (one: ScanPlace, other: ScanPlace) -> Bool {
    one.rank == other.rank ? one.streamRank < other.streamRank : one.rank < other.rank
  }
}
