internal import Dispatch

/// Runs what blocks, as on a disk or on another process's lock, on threads of its own.
///
/// The threads that Swift's tasks share are as many as there are cores: as long as one of them waits
/// in the kernel, other tasks have one less. Prefer it with `withTaskExecutorPreference`.
public final class BlockingExecutor: TaskExecutor {
  public static let shared = BlockingExecutor()

  private let queue = DispatchQueue(label: "rookery.blocking", attributes: .concurrent)

  private init() {}

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
