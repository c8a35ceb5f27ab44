internal import Streams

/// Reads one chunk or two at a time; two are hashed together, which takes a core less time than one
/// after the other.
struct ChunkPair: ~Copyable {
  typealias Outcome = Result<LoadedChunk, SegmentError>

  private var first: ChunkReader
  private var second: ChunkReader
  private var outcomes: [Outcome] = []

  /// - Parameter checksum: as in ``ChunkReader``.
  init(checksum: Bool) throws(SegmentError) {
    let first = try ChunkReader(checksum: checksum)
    let second = try ChunkReader(checksum: checksum)
    self.first = first
    self.second = second
  }

  /// Loads what is asked for, one chunk or two.
  mutating func load(_ requests: [ChunkRequest]) {
    outcomes = requests.count == 2 ? load(requests[0], requests[1]) : requests.map { load($0) }
  }

  /// What became of the chunks that were asked for, in their order.
  mutating func take() -> [Outcome] {
    defer { outcomes = [] }
    return outcomes
  }

  private mutating func load(_ request: ChunkRequest) -> Outcome {
    Outcome { () throws(SegmentError) in try first.load(request) }
  }

  private mutating func load(_ one: ChunkRequest, _ two: ChunkRequest) -> [Outcome] {
    let isFirst = Result { () throws(SegmentError) in try first.read(one) }
    let isSecond = Result { () throws(SegmentError) in try second.read(two) }
    guard case (.success, .success) = (isFirst, isSecond) else {
      return [
        Outcome { () throws(SegmentError) in
          try isFirst.get()
          return try first.finish(one)
        },
        Outcome { () throws(SegmentError) in
          try isSecond.get()
          return try second.finish(two)
        },
      ]
    }
    let (hash, other) = first.withMember(one) { member in
      second.withMember(two) { SHA256Sum.pair(member, $0) }
    }
    return [
      Outcome { () throws(SegmentError) in try first.finish(one, hash: hash) },
      Outcome { () throws(SegmentError) in try second.finish(two, hash: other) },
    ]
  }
}
