internal import Dispatch
internal import Synchronization

/// Jobs on a few threads, their results collected in the order they were started.
///
///     started ──▶ | lane 0 | lane 1 | lane 2 | lane 3 | ──▶ collected, oldest first
///
/// Each lane owns one state (buffers, a codec) and one job at a time, so that memory is bounded by
/// the number of lanes, whatever the number of jobs. Who collects does not wait while there is work:
/// it takes on the oldest job that no thread has begun. With one thread fewer than there are cores,
/// every core is busy and none has two threads to run.
package struct Pipeline<State: ~Copyable> {
  private let lanes: [Lane<State>]
  private let queues: [DispatchQueue]
  private var started = 0
  private var collected = 0

  /// - Parameter threads: beside the caller's; may be 0.
  package init(
    lanes: Int, threads: Int, _ makeState: () throws(SegmentError) -> sending State
  ) throws(SegmentError) {
    queues = (0..<threads).map { DispatchQueue(label: "segments.\($0)", qos: .userInitiated) }
    var made: [Lane<State>] = []
    for _ in 0..<lanes { made.append(Lane(try makeState())) }
    self.lanes = made
  }

  package var isFull: Bool { started - collected == lanes.count }
  package var isEmpty: Bool { started == collected }

  /// Starts a job on the next lane; the pipeline must not be full.
  package mutating func start(
    prepare: (inout State) -> Void, work: @escaping @Sendable (inout State) -> Void
  ) {
    precondition(!isFull)
    let lane = lanes[started % lanes.count]
    lane.state.withLock { prepare(&$0) }
    lane.start(work)
    if !queues.isEmpty {
      queues[started % queues.count].async { lane.runIfPending() }
    }
    started += 1
  }

  /// Takes the oldest job's result, when it is done; the pipeline must not be empty.
  package mutating func collect<Result: Sendable>(_ take: (inout State) -> Result) -> Result {
    precondition(!isEmpty)
    let lane = lanes[collected % lanes.count]
    while !lane.isDone, runOldestPending() {}
    lane.waitUntilDone()
    collected += 1
    return lane.state.withLock { take(&$0) }
  }

  /// False when every job was begun.
  private func runOldestPending() -> Bool {
    for job in collected..<started where lanes[job % lanes.count].runIfPending() { return true }
    return false
  }
}

private final class Lane<State: ~Copyable>: Sendable {
  let state: Mutex<State>
  private let pending = Mutex<(@Sendable (inout State) -> Void)?>(nil)
  private let done = DispatchSemaphore(value: 0)
  private let hasRun = Atomic(false)

  init(_ state: consuming sending State) { self.state = Mutex(state) }

  var isDone: Bool { hasRun.load(ordering: .acquiring) }

  func start(_ work: @escaping @Sendable (inout State) -> Void) {
    hasRun.store(false, ordering: .relaxed)
    pending.withLock { $0 = work }
  }

  /// Runs the job, unless another thread has begun it.
  @discardableResult
  func runIfPending() -> Bool {
    guard let work = pending.withLock({ $0.take() }) else { return false }
    state.withLock { work(&$0) }
    hasRun.store(true, ordering: .releasing)
    done.signal()
    return true
  }

  func waitUntilDone() { done.wait() }
}
