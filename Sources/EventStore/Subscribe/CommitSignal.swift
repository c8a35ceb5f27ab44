internal import Synchronization

/// Wakes those who wait for new events.
///
/// Commits of this process wake them at once. Those of other processes are noticed by
/// ``DataVersion``, looked at every `interval` while anybody waits, and not at all otherwise.
final class CommitSignal: Sendable {

  private struct State {
    /// Grows with every commit that was noticed.
    var generation: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter: UInt64 = 0
    var isWatching = false
    var version: DataVersion?

    mutating func advance() -> [CheckedContinuation<Void, Never>] {
      generation += 1
      defer { waiters.removeAll() }
      return Array(waiters.values)
    }
  }

  private let path: String
  private let interval: Duration
  private let state = Mutex(State())

  init(path: String, interval: Duration = .milliseconds(200)) {
    self.path = path
    self.interval = interval
  }

  /// To be asked before looking for events, and then handed to ``wait(past:)``: a commit in
  /// between is not missed.
  ///
  /// - Throws: ``StoreError`` `.io`.
  func current() throws -> UInt64 {
    try state.withLock { state in
      if state.version == nil { state.version = try DataVersion(path: path) }
      return state.generation
    }
  }

  /// To be called after every commit.
  func notify() {
    for waiter in state.withLock({ $0.advance() }) { waiter.resume() }
  }

  /// Returns after a commit later than `generation`, or when the task is cancelled.
  func wait(past generation: UInt64) async {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        add(waiter, id, past: generation)
        // A cancellation before this found nobody to wake.
        if Task.isCancelled { cancel(id) }
      }
    } onCancel: {
      cancel(id)
    }
  }

  private func add(
    _ waiter: CheckedContinuation<Void, Never>, _ id: UInt64, past generation: UInt64
  ) {
    let isDue = state.withLock { state in
      guard state.generation == generation else { return true }
      state.waiters[id] = waiter
      if !state.isWatching {
        state.isWatching = true
        Task { await self.watch() }
      }
      return false
    }
    if isDue { waiter.resume() }
  }

  private func cancel(_ id: UInt64) {
    state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
  }

  @concurrent
  private func watch() async {
    repeat {
      try? await Task.sleep(for: interval)
    } while look()
  }

  /// Looks for commits of others; false when nobody waits any more.
  private func look() -> Bool {
    let woken = state.withLock { state -> [CheckedContinuation<Void, Never>]? in
      guard !state.waiters.isEmpty else {
        state.isWatching = false
        return nil
      }
      return state.version?.hasChanged() == true ? state.advance() : []
    }
    guard let woken else { return false }
    for waiter in woken { waiter.resume() }
    return true
  }
}
