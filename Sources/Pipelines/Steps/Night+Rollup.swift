internal import Analytics
internal import EventStore
internal import History
internal import Streams

extension Night {
  /// Folds what came since the night before, stream by stream, and stores it in one transaction.
  func rollUp() throws -> String {
    let pieces = try context.history.read { snapshot in
      let rollups = Rollups(snapshot)
      return try snapshot.hot.streams().compactMap { record -> RollupPiece? in
        guard record.status != .deleted, record.events > 0 else { return nil }
        switch record.name.family {
        case .serviceUptime: return try rollups.update(StatusHistory.self, of: record)
        case .user: return try rollups.update(ActivityHistory.self, of: record)
        default: return nil
        }
      }
    }
    guard !pieces.isEmpty else { return "nothing new" }
    try context.store.write { db in
      for piece in pieces { try piece.store(db) }
    }
    let events = pieces.reduce(0) { $0 + $1.last - $1.first + 1 }
    return "\(events) events of \(pieces.count) streams"
  }
}
