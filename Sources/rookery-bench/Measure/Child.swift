internal import Foundation
internal import Glibc

/// A process that is measured.
enum Child {
  struct Outcome {
    var seconds: Double
    /// The most memory that it, or a child it waited for, ever had; from `wait4`.
    var peakBytes: Int64
    var output: String
  }

  /// Runs a program found on the path until it ends.
  ///
  /// - Parameter output: where its standard output goes; nil returns it.
  /// - Throws: ``BenchError`` when it can't be started or does not end with 0.
  static func run(_ arguments: [String], output: String? = nil) throws -> Outcome {
    let path = output ?? (NSTemporaryDirectory() + "/rookery-bench-\(getpid()).out")
    defer { if output == nil { unlink(path) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var process = pid_t()
    let watch = Stopwatch()
    let started = posix_spawnp(&process, arguments[0], &actions, nil, words, environ)
    guard started == 0 else {
      throw BenchError.process(arguments[0], String(cString: strerror(started)))
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
    let seconds = watch.seconds
    guard status == 0 else {
      throw BenchError.process(arguments.joined(separator: " "), "status \(status >> 8)")
    }
    let text = output == nil ? FileManager.default.contents(atPath: path) : nil
    return Outcome(
      seconds: seconds, peakBytes: Int64(usage.ru_maxrss) * 1024,
      output: String(decoding: text ?? Data(), as: UTF8.self))
  }
}
