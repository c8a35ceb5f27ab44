internal import Glibc
internal import Streams

/// A program in a process group of its own, with bounded time and output.
enum ChildProcess {
  enum End: Equatable {
    case exited(Int32)
    case signalled(Int32)
    /// At its limit, with everything it had started.
    case killed
    /// Likewise, because the run was asked to stop.
    case stopped
  }

  /// Why it did not start.
  struct NotStarted: Error {
    let reason: String

    init(_ error: Int32) { reason = String(cString: strerror(error)) }
  }

  struct Result {
    var end: End
    /// The first of what it wrote to either output.
    var output: String
  }

  /// Bytes of output that are kept; it may write as much as it likes.
  private static let maxOutput = 4096
  /// How often the time and the stop are looked at, in milliseconds.
  private static let step: Int32 = 20

  /// - Parameters:
  ///   - limit: in milliseconds.
  ///   - endsGroup: whether what it has started and left is killed also after a good end.
  static func run(
    _ arguments: [String], environment: [String: String], limit: Int, endsGroup: Bool = false,
    stop: StopRequest
  ) throws(NotStarted) -> Result {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw NotStarted(errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // The child's end blocks, as programs expect of their output.
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    let child: pid_t
    do throws(NotStarted) {
      defer { close(ends[1]) }
      child = try start(arguments, environment, output: ends[1])
    } catch {
      close(ends[0])
      throw error
    }
    defer { close(ends[0]) }
    var output = Output(descriptor: ends[0])
    let end = wait(for: child, limit: limit, endsGroup: endsGroup, stop: stop, &output)
    output.drain()
    return Result(end: end, output: String(decoding: output.kept, as: UTF8.self))
  }

  private static func start(
    _ arguments: [String], _ environment: [String: String], output: Int32
  ) throws(NotStarted) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let words = arguments.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var child: pid_t = 0
    let error = posix_spawn(&child, arguments[0], &actions, &attributes, words, variables)
    guard error == 0 else { throw NotStarted(error) }
    return child
  }

  /// Until `child` ends by itself or is made to, then with its group.
  private static func wait(
    for child: pid_t, limit: Int, endsGroup: Bool, stop: StopRequest, _ output: inout Output
  ) -> End {
    let deadline = milliseconds() + limit
    while true {
      output.wait(step)
      // The group is its own as long as the leader was not waited for.
      if hasExited(child) {
        if endsGroup { kill(-child, SIGKILL) }
        return end(reap(child))
      }
      let isStopped = stop.isMade
      guard isStopped || milliseconds() >= deadline else { continue }
      kill(-child, SIGKILL)
      _ = reap(child)
      return isStopped ? .stopped : .killed
    }
  }

  private static func hasExited(_ child: pid_t) -> Bool {
    var info = siginfo_t()
    let found = waitid(P_PID, id_t(child), &info, WEXITED | WNOHANG | WNOWAIT)
    // A code other than 0 tells that there is news.
    return found == 0 && info.si_code != 0
  }

  private static func reap(_ child: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
  }

  private static func end(_ status: Int32) -> End {
    let signal = status & 0x7F
    return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
  }

  private static func milliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  private struct Output {
    let descriptor: Int32
    var kept: [UInt8] = []
    private var isOpen = true

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Reads what comes within so many milliseconds, or waits for so long.
    mutating func wait(_ milliseconds: Int32) {
      var descriptors = [
        pollfd(fd: isOpen ? descriptor : -1, events: Int16(POLLIN), revents: 0)
      ]
      if poll(&descriptors, 1, milliseconds) > 0 { drain() }
    }

    /// Reads what is there.
    mutating func drain() {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while isOpen {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        if count == 0 { isOpen = false }
        guard count > 0 else { return }
        kept += buffer[..<min(count, maxOutput - kept.count)]
      }
    }
  }
}
