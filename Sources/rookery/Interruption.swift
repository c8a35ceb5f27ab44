internal import Glibc
internal import Streams
internal import Synchronization

/// SIGINT and SIGTERM as a flag: long work looks at it between two transactions.
enum Interruption {
  private static let received = Atomic<Int32>(0)

  /// From now on the first signal asks for a clean stop; a second one ends the process at once.
  static func watch() {
    // Whoever started us may have blocked them, and a child has its parent's mask.
    var watched = sigset_t()
    sigemptyset(&watched)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&watched, number)
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { Interruption.receive($0) }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(number, &action, nil)
    }
    pthread_sigmask(SIG_UNBLOCK, &watched, nil)
  }

  /// In a signal handler nothing but atomics and `write` is safe.
  private static func receive(_ number: Int32) {
    received.store(number, ordering: .relaxed)
    let message: StaticString =
      "\nrookery: Stopping after what is under way; once more ends it at once.\n"
    _ = Glibc.write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
  }

  static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// The flag, for work that looks at it between two chunks.
  static let stop = StopRequest { isRequested }

  /// 130 for SIGINT, 143 for SIGTERM, as a shell reports them.
  static var exitCode: Int32 { 128 + received.load(ordering: .relaxed) }
}
