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
  /// Loads the history into `store`, one transaction a day, as if it had been there all the time.
  ///
  /// Loading it again adds nothing; a load that broke off goes on.
  ///
  /// - Parameter progress: called after each day with the days done; false stops the load.
  /// - Throws: ``DemoError`` `.otherHistory` when the store holds the demo of another day or seed;
  ///   `StoreError`.
  public func load(
    into store: EventStore, progress: (Int) -> Bool = { _ in true }
  ) throws -> DemoSummary {
    var summary = DemoSummary()
    for day in 0..<days {
      let events = try events(onDay: day)
      let recorded = events.last?.event.recordedAt ?? start
      do {
        try store.transaction(now: recorded) { transaction in
          for event in events {
            let outcome = try event.event.withDraft {
              try transaction.append($0, to: event.stream)
            }
            if outcome == .appended { summary.appended += 1 } else { summary.duplicates += 1 }
          }
        }
      } catch StoreError.eventIDConflict {
        throw DemoError.otherHistory(store: store.path)
      }
      guard progress(day + 1) else { break }
    }
    return summary
  }
}
