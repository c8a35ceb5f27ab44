internal import Dispatch
internal import Synchronization

/// Jobs on a few threads, their results collected in the order they were started.
///
///     started ──▶ | lane 0 | lane 1 | lane 2 | lane 3 | ──▶ collected, oldest first
///
/// Each lane owns one state (buffers, a codec) and one job at a time, so that memory is bounded by
/// the number of lanes, whatever the number of jobs. Lanes share `threads` serial queues.
package struct Pipeline<State: ~Copyable> {
  private let lanes: [Lane<State>]
  private var started = 0
  private var collected = 0

  package init(
    lanes: Int, threads: Int, _ makeState: () throws(SegmentError) -> sending State
  ) throws(SegmentError) {
    let queues = (0..<threads).map { DispatchQueue(label: "segments.\($0)", qos: .userInitiated) }
    var made: [Lane<State>] = []
    for index in 0..<lanes {
      made.append(Lane(try makeState(), queue: queues[index % threads]))
    }
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
    started += 1
    lane.state.withLock { prepare(&$0) }
    lane.start(work)
  }

  /// Waits for the oldest job and takes its result; the pipeline must not be empty.
  package mutating func collect<Result: Sendable>(_ take: (inout State) -> Result) -> Result {
    precondition(!isEmpty)
    let lane = lanes[collected % lanes.count]
    collected += 1
    lane.done.wait()
    return lane.state.withLock { take(&$0) }
  }
}

private final class Lane<State: ~Copyable>: Sendable {
  let state: Mutex<State>
  let done = DispatchSemaphore(value: 0)
  private let queue: DispatchQueue

  init(_ state: consuming sending State, queue: DispatchQueue) {
    self.state = Mutex(state)
    self.queue = queue
  }

  func start(_ work: @escaping @Sendable (inout State) -> Void) {
    queue.async { [self] in
      state.withLock { work(&$0) }
      done.signal()
    }
  }
}
