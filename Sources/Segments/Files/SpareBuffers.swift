internal import Synchronization

/// Memory that held a chunk, for whoever reads the next.
///
/// malloc gives blocks of this size back to the system, and the pages of new ones are made one by
/// one, at 3 µs each: a fifth of the time that segments of a few chunks took to verify.
enum SpareBuffers {
  private static let spare = Mutex<[[UInt8]]>([])
  /// As many as the reads on all cores at once have in use.
  private static let most = 8 * (Processors.others + 1)
  /// Each is a multiple of it, so that chunks of about the same length can take turns.
  private static let stepBytes = 64 << 10

  /// Keeps `buffer`, unless there are enough or it held one huge event; leaves an empty one.
  static func give(_ buffer: inout [UInt8]) {
    let count = buffer.count
    spare.withLock { spare in
      guard spare.count < most, stepBytes...(2 * SegmentLimits.chunkTarget) ~= count else { return }
      // Moved, so that it has no second owner, for whom it would be copied when it is next written.
      spare.append([])
      swap(&spare[spare.count - 1], &buffer)
    }
    buffer = []
  }

  /// At least `count` bytes, with whatever they held last.
  static func take(_ count: Int) -> [UInt8] {
    let kept = spare.withLock { spare -> [UInt8]? in
      // Of those that fit, the smallest; of these the latest, which may still be in the cache.
      let best = spare.indices.filter { spare[$0].count >= count }
        .min { (spare[$0].count, $1) < (spare[$1].count, $0) }
      return best.map { spare.remove(at: $0) }
    }
    return kept ?? [UInt8](repeating: 0, count: (count + stepBytes - 1) / stepBytes * stepBytes)
  }
}
