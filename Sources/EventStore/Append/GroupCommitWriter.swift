internal import Streams

/// Many callers, one transaction, one fsync.
///
/// While a transaction is being committed, the appends that arrive wait together for the next one.
/// Each caller is answered after the commit that holds its events. The queue is bounded, in requests
/// and in bytes: when it is full, callers wait; nothing is dropped. A commit blocks no thread that
/// tasks share.
public actor GroupCommitWriter {
  private struct Waiting {
    let request: AppendRequest
    /// Of its payloads.
    let bytes: Int
    let answer: CheckedContinuation<AppendResult, any Error>
  }

  private let store: EventStore
  private let maxBatch: Int
  private let maxBatchBytes: Int
  private let capacity: Int
  private let capacityBytes: Int
  private var queue: [Waiting] = []
  private var queuedBytes = 0
  private var blocked: [CheckedContinuation<Void, Never>] = []
  private var isDraining = false

  /// - Parameters:
  ///   - maxBatch, maxBatchBytes: requests a transaction, and bytes of their payloads: the request
  ///     that reaches either is the last.
  ///   - capacity, capacityBytes: requests waiting, and their bytes, before callers do.
  public init(
    store: EventStore, maxBatch: Int = 1024, maxBatchBytes: Int = 16 * 1024 * 1024,
    capacity: Int = 8192, capacityBytes: Int = 64 * 1024 * 1024
  ) {
    precondition(maxBatch > 0 && maxBatchBytes > 0 && capacity > 0 && capacityBytes > 0)
    self.store = store
    self.maxBatch = maxBatch
    self.maxBatchBytes = maxBatchBytes
    self.capacity = capacity
    self.capacityBytes = capacityBytes
  }

  /// Appends durably.
  ///
  /// - Throws: ``StoreError``.
  public func append(_ request: AppendRequest) async throws -> AppendResult {
    while queue.count >= capacity || queuedBytes >= capacityBytes {
      await withCheckedContinuation { blocked.append($0) }
    }
    return try await withCheckedThrowingContinuation { answer in
      let bytes = request.events.reduce(0) { $0 + $1.data.count + $1.metadata.count }
      queue.append(Waiting(request: request, bytes: bytes, answer: answer))
      queuedBytes += bytes
      guard !isDraining else { return }
      isDraining = true
      Task { await drain() }
    }
  }

  private func drain() async {
    while !queue.isEmpty {
      await gather()
      let batch = takeBatch()
      for waiter in blocked { waiter.resume() }
      blocked.removeAll()
      await withTaskExecutorPreference(BlockingExecutor.shared) {
        await Self.commit(batch, to: store)
      }
    }
    isDraining = false
  }

  private func takeBatch() -> [Waiting] {
    var (count, bytes) = (0, 0)
    while count < min(queue.count, maxBatch), bytes < maxBatchBytes {
      bytes += queue[count].bytes
      count += 1
    }
    defer { queue.removeFirst(count) }
    queuedBytes -= bytes
    return Array(queue.prefix(count))
  }

  /// Waits while appends keep coming, as they do from all the callers just answered: without this
  /// the first of them would have a commit of its own. A lone caller waits a few microseconds.
  private func gather() async {
    var seen = 0
    while queue.count > seen, queue.count < maxBatch, queuedBytes < maxBatchBytes {
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
