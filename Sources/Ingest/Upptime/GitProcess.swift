internal import Foundation
internal import Glibc
internal import Streams

/// A `git` that is running on a repository, its output read as it comes.
///
/// It asks nobody anything, fetches nothing and runs nothing the repository's configuration names.
final class GitProcess {
  private let process = Process()
  private let output = Pipe()
  private let errors = Pipe()
  /// Its standard input: a socket, because writing to a pipe whose reader died is a signal.
  private let input: Int32
  private let repository: String
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var filled = 0..<0

  init(_ arguments: [String], in repository: String) throws(IngestError) {
    self.repository = repository
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else { throw .unreadable(file: repository, detail: String(cString: strerror(errno))) }
    input = ends[0]
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["git", "--no-pager", "-c", "core.fsmonitor=false", "-C", repository] + arguments
    process.environment = Self.environment
    process.standardInput = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    process.standardOutput = output
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw .unreadable(file: repository, detail: "git can't be started")
    }
    try? output.fileHandleForWriting.close()
    try? errors.fileHandleForWriting.close()
  }

  deinit {
    close(input)
    if process.isRunning { process.terminate() }
  }

  private static var environment: [String: String] {
    let ours = ProcessInfo.processInfo.environment
    var environment = [
      "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1",
      "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C",
    ]
    for name in ["PATH", "HOME", "XDG_CONFIG_HOME"] { environment[name] = ours[name] }
    return environment
  }

  /// The output up to `mark`, which is passed over; nil at the end.
  ///
  /// - Parameter limit: more bytes than this are no output of git's.
  func upTo(_ mark: UInt8, limit: Int = 1 << 20) throws(IngestError) -> [UInt8]? {
    var found: [UInt8] = []
    while true {
      if let end = buffer[filled].firstIndex(of: mark) {
        found += buffer[filled.lowerBound..<end]
        filled = (end + 1)..<filled.upperBound
        return found
      }
      found += buffer[filled]
      guard found.count <= limit else { throw failure("git's output is not understood") }
      guard try fill() else { return found.isEmpty ? nil : found }
    }
  }

  /// The next `count` bytes of output; of these at most `kept` are returned.
  func bytes(_ count: Int, kept: Int) throws(IngestError) -> [UInt8] {
    var (found, rest): ([UInt8], Int) = ([], count)
    while rest > 0 {
      if filled.isEmpty, try !fill() { throw failure("git ended too early") }
      let piece = buffer[filled].prefix(rest)
      found += piece.prefix(kept - found.count)
      rest -= piece.count
      filled = (filled.lowerBound + piece.count)..<filled.upperBound
    }
    return found
  }

  func write(_ text: String) throws(IngestError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("git ended too early") }
      rest = rest.dropFirst(count)
    }
  }

  /// Waits for its end, after all output was read.
  ///
  /// - Throws: ``IngestError`` `.unreadable`, with what git said.
  func finish() throws(IngestError) {
    process.waitUntilExit()
    guard process.terminationReason != .exit || process.terminationStatus != 0 else { return }
    throw failure("git failed")
  }

  private func fill() throws(IngestError) -> Bool {
    while true {
      let count = buffer.withUnsafeMutableBytes {
        Glibc.read(output.fileHandleForReading.fileDescriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      filled = 0..<max(0, count)
      return count > 0
    }
  }

  private func failure(_ what: String) -> IngestError {
    process.terminate()
    process.waitUntilExit()
    let said = (try? errors.fileHandleForReading.readToEnd()).flatMap(\.self)
      .map { String(decoding: $0.prefix(500), as: UTF8.self) }?
      .split(separator: "\n").first.map(String.init)
    return .unreadable(file: repository, detail: said ?? what)
  }
}
