internal import ArgumentParser
internal import Foundation
internal import Glibc

/// A process that is measured.
enum Child {
  struct Outcome {
    var seconds: Double
    /// User and system, all threads.
    var cpuSeconds: Double
    var output: String
  }

  /// Runs a program found on the path until it ends.
  ///
  /// - Parameter output: where its standard output goes; nil returns it.
  /// - Throws: ``BenchError`` when it can't be started or does not end with 0.
  static func run(_ arguments: [String], output: String? = nil) throws -> Outcome {
    let path = output ?? (NSTemporaryDirectory() + "/rookery-bench-\(getpid()).out")
    defer { if output == nil { unlink(path) } }
    let watch = Stopwatch()
    let usage = try wait(try spawn(arguments, output: path), arguments)
    let seconds = watch.seconds
    let text = output == nil ? FileManager.default.contents(atPath: path) : nil
    return Outcome(
      seconds: seconds, cpuSeconds: usage.cpuSeconds,
      output: String(decoding: text ?? Data(), as: UTF8.self))
  }

  /// The most memory that a program has while it runs, in bytes.
  ///
  /// Linux hands the peak of the parent down to a child, so that a small process must be the
  /// parent: this program, started once more.
  static func peakBytes(_ arguments: [String]) throws -> Int64 {
    let outcome = try run([CommandLine.arguments[0], "peak"] + arguments)
    guard let bytes = Int64(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw BenchError.answer("rookery-bench peak", outcome.output)
    }
    return bytes
  }

  fileprivate static func spawn(_ arguments: [String], output: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var process = pid_t()
    let result = posix_spawnp(&process, arguments[0], &actions, nil, words, environ)
    guard result == 0 else {
      throw BenchError.process(arguments[0], String(cString: strerror(result)))
    }
    return process
  }

  fileprivate static func wait(_ process: pid_t, _ arguments: [String]) throws -> rusage {
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
    guard status == 0 else {
      throw BenchError.process(arguments.joined(separator: " "), "status \(status >> 8)")
    }
    return usage
  }
}

/// Runs a program and prints its peak memory in bytes; see ``Child/peakBytes(_:)``.
struct PeakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "peak", shouldDisplay: false)
  @Argument(parsing: .captureForPassthrough) var program: [String]

  func run() throws {
    let usage = try Child.wait(try Child.spawn(program, output: "/dev/null"), program)
    print(Int64(usage.ru_maxrss) * 1024)
  }
}
