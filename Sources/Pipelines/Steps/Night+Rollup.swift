internal import Analytics
internal import EventStore
internal import History
internal import Streams

extension Night {
  /// Summaries that are held before they are stored; bytes.
  private static let batchBytes = 4 << 20
  /// Events that are folded on one snapshot, or else those of one stream: while it lasts, the store's
  /// log grows with every append.
  private static let batchEvents: Int64 = 1 << 20

  /// Folds what came since the night before, stream by stream. A stream that can't be read keeps no
  /// other from it.
  ///
  /// - Throws: ``RollupError`` at the end, when there was such a stream.
  func rollUp() throws -> String {
    var names = try context.store.read { try $0.streams() }
      .filter { $0.status != .deleted && $0.events > 0 }.map(\.name)[...]
    var (events, streams) = (Int64(0), 0)
    var unreadable: [RollupError.Stream] = []
    while !names.isEmpty {
      if stop.isMade { throw Stopped() }
      let pieces = try context.history.read { try nextPieces(of: &names, $0, &unreadable) }
      guard !pieces.isEmpty else { continue }
      try context.store.write { db in
        for piece in pieces { try piece.store(db) }
      }
      events += pieces.reduce(0) { $0 + $1.last - $1.first + 1 }
      streams += pieces.count
    }
    if !unreadable.isEmpty { throw RollupError(streams: unreadable) }
    return streams == 0 ? "nothing new" : "\(events) events of \(streams) streams"
  }

  /// Takes streams off the front of `names` until there is enough to store, or reason to stop.
  private func nextPieces(
    of names: inout ArraySlice<StreamName>, _ snapshot: HistorySnapshot,
    _ unreadable: inout [RollupError.Stream]
  ) throws -> [RollupPiece] {
    let rollups = Rollups(snapshot)
    var pieces: [RollupPiece] = []
    var (bytes, events) = (0, Int64(0))
    while bytes < Self.batchBytes, events < Self.batchEvents, !stop.isMade,
      let name = names.popFirst()
    {
      do {
        guard let record = try snapshot.hot.stream(name), record.status != .deleted,
          let piece = try piece(of: record, rollups)
        else { continue }
        pieces.append(piece)
        bytes += piece.summary.count
        events += piece.last - piece.first + 1
      } catch let error as HistoryError {
        unreadable.append(.init(name: name, error: error))
      }
    }
    return pieces
  }

  private func piece(of record: StreamRecord, _ rollups: Rollups) throws -> RollupPiece? {
    switch record.name.family {
    case .serviceUptime: try rollups.update(StatusHistory.self, of: record)
    case .user: try rollups.update(ActivityHistory.self, of: record)
    default: nil
    }
  }
}

/// Streams that could not be folded; all others were.
struct RollupError: CodedError {
  struct Stream: Sendable {
    var name: StreamName
    var error: HistoryError
  }

  /// At least one.
  var streams: [Stream]
  /// More are counted, and not named.
  private static let maxNamed = 5

  init(streams: [Stream]) { self.streams = streams }

  /// The gravest: damage is told from a target that does not answer for now.
  var code: ErrorCode {
    let codes = streams.map(\.error.code)
    return codes.first { $0 == .segmentCorrupt || $0 == .segmentMissing } ?? codes[0]
  }

  var message: String {
    let named = streams.prefix(Self.maxNamed).map(\.name.rawValue).joined(separator: ", ")
    let more = streams.count - Self.maxNamed
    return "Not rolled up: \(named)\(more > 0 ? " and \(more) more" : ""). "
      + streams[0].error.message
  }

  var remedy: String { streams[0].error.remedy }
}
