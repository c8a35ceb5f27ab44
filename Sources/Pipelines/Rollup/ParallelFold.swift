internal import Dispatch
internal import EventStore
internal import Foundation
internal import History
internal import Streams
internal import Synchronization

/// A fold of a long stream on every core: adjacent ranges, each by a reader of its own, whose
/// summaries are then merged.
struct ParallelFold {
  private let stream: StreamName
  private let ranges: [ClosedRange<Int64>]

  /// Fewer events are folded sooner than readers are opened for them.
  private static let rangeEvents: Int64 = 32_768
  /// Every reader has buffers.
  private static let maxReaders = 4

  /// Nil when it is not worth it.
  init?(_ range: ClosedRange<Int64>, of stream: StreamName) {
    let count = Int64(range.count)
    let readers = min(ProcessInfo.processInfo.activeProcessorCount, Self.maxReaders)
    // Twice as many pieces as readers: hot events are folded sooner than cold ones.
    let pieces = min(count / Self.rangeEvents, Int64(2 * readers))
    guard readers > 1, pieces > 1 else { return nil }
    self.stream = stream
    ranges = (0..<pieces).map { piece in
      let first = range.lowerBound + count * piece / pieces
      return first...(range.lowerBound + count * (piece + 1) / pieces - 1)
    }
  }

  /// The summaries of the ranges, in order.
  func summaries<S: StreamSummary>(_: S.Type, _ snapshot: HistorySnapshot) throws -> [S] {
    let readers = try ranges.map { (range: $0, history: try snapshot.reopened()) }
    let stream = stream
    let results = Mutex<[Int: Result<S, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: readers.count) { index in
      let reader = readers[index]
      let result = Result { try Self.fold(S.self, reader.range, of: stream, reader.history) }
      results.withLock { $0[index] = result }
    }
    return try results.withLock { results in
      try results.sorted { $0.key < $1.key }.map { try $0.value.get() }
    }
  }

  private static func fold<S: StreamSummary>(
    _: S.Type, _ range: ClosedRange<Int64>, of stream: StreamName, _ history: History
  ) throws -> S {
    var summary = S()
    try history.read { snapshot in
      let record = try snapshot.hot.readableStream(stream)
      try snapshot.forEachEvent(of: record, in: range) { event in
        summary.receive(event, of: stream)
        return true
      }
    }
    return summary
  }
}
