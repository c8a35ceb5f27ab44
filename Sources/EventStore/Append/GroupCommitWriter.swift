internal import Streams

/// Many callers, one transaction, one fsync.
///
/// While a transaction is being committed, the appends that arrive wait together for the next one.
/// Each caller is answered after the commit that holds its events. The queue is bounded: when it
/// is full, callers wait; nothing is dropped.
public actor GroupCommitWriter {
  private struct Waiting {
    let request: AppendRequest
    let answer: CheckedContinuation<AppendResult, any Error>
  }

  private let store: EventStore
  private let maxBatch: Int
  private let capacity: Int
  private var queue: [Waiting] = []
  private var blocked: [CheckedContinuation<Void, Never>] = []
  private var isDraining = false

  /// - Parameters:
  ///   - maxBatch: requests a transaction.
  ///   - capacity: requests waiting, before callers do.
  public init(store: EventStore, maxBatch: Int = 1024, capacity: Int = 8192) {
    precondition(maxBatch > 0 && capacity > 0)
    self.store = store
    self.maxBatch = maxBatch
    self.capacity = capacity
  }

  /// Appends durably.
  ///
  /// - Throws: ``StoreError``.
  public func append(_ request: AppendRequest) async throws -> AppendResult {
    while queue.count >= capacity {
      await withCheckedContinuation { blocked.append($0) }
    }
    return try await withCheckedThrowingContinuation { answer in
      queue.append(Waiting(request: request, answer: answer))
      guard !isDraining else { return }
      isDraining = true
      Task { await drain() }
    }
  }

  private func drain() async {
    while !queue.isEmpty {
      await gather()
      let batch = Array(queue.prefix(maxBatch))
      queue.removeFirst(batch.count)
      for waiter in blocked { waiter.resume() }
      blocked.removeAll()
      await Self.commit(batch, to: store)
    }
    isDraining = false
  }

  /// Waits while appends keep coming, as they do from all the callers just answered: without this
  /// the first of them would have a commit of its own. A lone caller waits a few microseconds.
  private func gather() async {
    var seen = 0
    while queue.count > seen, queue.count < maxBatch {
      seen = queue.count
      await Task.yield()
    }
  }

  @concurrent
  private static func commit(_ batch: [Waiting], to store: EventStore) async {
    do {
      let results = try store.append(batch.map(\.request))
      for (waiting, result) in zip(batch, results) {
        waiting.answer.resume(with: result.mapError { $0 })
      }
    } catch {
      for waiting in batch { waiting.answer.resume(throwing: error) }
    }
  }
}
