internal import Glibc
internal import Streams

/// A program in a process group of its own, so that all it starts can be ended with it.
struct BrowserProcess {
  enum End { case ended(Int32), tooSlow, interrupted }

  private let process: pid_t

  /// How often its end, the deadline and a request to stop are looked for; ms.
  private static let look: Int32 = 20

  /// - Parameter folder: its home, and where its standard error goes.
  init(_ path: String, _ arguments: [String], _ folder: PrintFolder) throws(PrintError) {
    let environment = [
      "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=\(folder.path)",
      "TMPDIR=\(folder.path)",
    ]
    let result = Self.spawn([path] + arguments, environment, errors: folder.errorsPath)
    process = result.process
    guard result.error == 0 else {
      throw .io(path, detail: String(cString: strerror(result.error)))
    }
  }

  private static func spawn(
    _ arguments: [String], _ environment: [String], errors: String
  ) -> (process: pid_t, error: Int32) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(
      &actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for word in words + settings { free(word) } }
    var process = pid_t()
    let error = posix_spawn(&process, arguments[0], &actions, &attributes, &words, &settings)
    return (process, error)
  }

  /// Waits for its end, or ends it; nothing of its group is left afterwards.
  func wait(seconds: Int, stop: StopRequest) -> End {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var end: End?
    while end == nil {
      poll(nil, 0, Self.look)
      if hasExited {
        end = .ended(0)
      } else if stop.isMade {
        end = .interrupted
      } else if ContinuousClock.now >= deadline {
        end = .tooSlow
      }
    }
    // Before it is waited for: until then its number is no other group's.
    kill(-process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    if case .ended = end {
      return .ended(status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f))
    }
    return end ?? .interrupted
  }

  private var hasExited: Bool {
    var info = siginfo_t()
    let found = waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT)
    // A code other than 0 tells that there is news.
    return found == 0 && info.si_code != 0
  }
}
