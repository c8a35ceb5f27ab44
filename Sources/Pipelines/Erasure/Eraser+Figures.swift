public import Archive
internal import Analytics
internal import EventStore
public import History
internal import Streams

extension Eraser {
  /// Erases `user` and keeps what was counted: the figures of the past stay as they were reported.
  ///
  /// No pipeline runs meanwhile.
  ///
  /// - Throws: as ``erase(user:reason:)``; ``PipelineError`` `.running`, and `HistoryError` where a
  ///   segment is damaged: then nothing happened yet.
  public func erase(
    user: String, reason: String, keepingFiguresOf history: History
  ) throws -> Report {
    try PipelineLock.hold(history.store.path) {
      try storeFigures(of: user, history)
      return try erase(user: user, reason: reason)
    }
  }

  private func storeFigures(of user: String, _ history: History) throws {
    // A hold is told before anything is done.
    _ = try plan(user: user)
    let pieces = try history.read { snapshot in
      let rollups = Rollups(snapshot)
      return try snapshot.hot.streams(ofUser: user).filter { $0.status != .deleted }
        .compactMap { try rollups.update(ActivityHistory.self, of: $0) }
    }
    try history.store.write { db in
      for piece in pieces { try piece.store(db) }
    }
  }
}
