public import EventStore
internal import Streams

/// What loading a demo history did.
public struct DemoSummary: Hashable, Sendable {
  public var appended = 0
  /// There already, from an earlier load.
  public var duplicates = 0

  public init() {}
}

extension DemoHistory {
  /// Days in one transaction: few enough to be small, enough that a load is not all fsyncs.
  private static let batchDays = 6

  /// Loads the history into `store`, a few days a transaction, as if it had been there all the
  /// time.
  ///
  /// Loading it again adds nothing; a load that broke off goes on.
  ///
  /// - Parameter progress: called after each transaction with the days done; false stops the load.
  /// - Throws: ``DemoError`` `.otherHistory` when the store holds the demo of another day or seed;
  ///   `StoreError`.
  public func load(
    into store: EventStore, progress: (Int) -> Bool = { _ in true }
  ) throws -> DemoSummary {
    var summary = DemoSummary()
    for first in stride(from: 0, to: days, by: Self.batchDays) {
      let batch = first..<min(first + Self.batchDays, days)
      do {
        try load(batch, into: store, &summary)
      } catch StoreError.eventIDConflict {
        throw DemoError.otherHistory(store: store.path)
      }
      guard progress(batch.upperBound) else { break }
    }
    return summary
  }

  private func load(
    _ batch: Range<Int>, into store: EventStore, _ summary: inout DemoSummary
  ) throws {
    let events = try batch.flatMap { try self.events(onDay: $0) }
    try store.transaction(now: events.last?.event.recordedAt ?? start) { transaction in
      for event in events {
        let outcome = try event.event.withDraft { try transaction.append($0, to: event.stream) }
        if outcome == .appended { summary.appended += 1 } else { summary.duplicates += 1 }
      }
    }
  }
}
