import Foundation
import Testing

/// The real `rookery archive` on a store of its own, under strace, which makes calls fail.
enum TracedProgram {
  struct Result {
    var status: Int32
    /// What it printed, on both outputs.
    var text: String
    /// What strace saw, one call a line.
    var trace: [Substring]
  }

  /// A call of the clean run: the `number`-th of its name, from 1.
  struct Call: Sendable {
    var name: String
    var number: Int
    var line: String

    /// What strace says its descriptor is open for.
    var path: String { line.firstMatch(of: /<(.+?)>/).map { String($0.1) } ?? "" }
  }

  static let checkout = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
  static let binary = checkout + "/.build/debug/rookery"

  /// Runs `rookery archive` on the store in `root`, while `inject` names calls to tamper with.
  static func archive(_ root: String, trace calls: String, inject: String? = nil) throws -> Result {
    let trace = root + "/trace"
    let tampering = inject.map { ["-e", "inject=" + $0] } ?? []
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/strace")
    process.arguments =
      ["-f", "--seccomp-bpf", "-qq", "-y", "-o", trace, "-e", "trace=" + calls] + tampering + [
        binary, "archive", "--policy", "user-*:coldAfter=30d", "--policy",
        "service-uptime-*:keepHot=30d",
      ]
    return try result(of: process, root, trace: trace)
  }

  private static func result(
    of process: Process, _ root: String, trace: String
  ) throws -> Result {
    process.environment = ["ROOKERY_STORE": root + "/store.db", "HOME": root, "PATH": "/usr/bin"]
    let text = root + "/output"
    try Data().write(to: URL(filePath: text))
    let output = try FileHandle(forWritingTo: URL(filePath: text))
    process.standardError = output
    process.standardOutput = output
    try process.run()
    process.waitUntilExit()
    let status = process.terminationStatus
    return Result(
      status: process.terminationReason == .exit ? status : -status,
      text: try String(contentsOfFile: text, encoding: .utf8),
      trace: try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n"))
  }

  /// Runs `rookery ARGUMENTS` on the store in `root`, while calls on one file fail.
  static func run(
    _ root: String, _ arguments: [String], failing path: String? = nil, with inject: String = ""
  ) throws -> Result {
    let trace = root + "/trace"
    try Data().write(to: URL(filePath: trace))
    let process = Process()
    process.executableURL = URL(filePath: path == nil ? binary : "/usr/bin/strace")
    let tracing = path.map { path in
      // By path alone: with a filter of seccomp's, descriptors are not looked at.
      ["-f", "-qq", "-o", trace, "-P", path, "-e", "trace=pread64", "-e", "inject=" + inject]
        + [binary]
    }
    process.arguments = (tracing ?? []) + arguments
    return try result(of: process, root, trace: trace)
  }

  /// Those that touch the store in `root` and its segments.
  static func calls(in trace: [Substring], of root: String) -> [Call] {
    calls(in: trace).filter { $0.line.contains(root + "/store.db") }
  }

  /// The calls of the first thread, numbered as strace does: by thread and name.
  static func calls(in trace: [Substring]) -> [Call] {
    let thread = trace.first?.prefix { $0 != " " } ?? ""
    var counts: [String: Int] = [:]
    return trace.compactMap { line in
      guard line.hasPrefix(thread) else { return nil }
      let text = line.dropFirst(thread.count).drop { $0 == " " }
      guard let end = text.firstIndex(of: "("), !text.hasPrefix("<"), !text.hasPrefix("+") else {
        return nil
      }
      let name = String(text[..<end])
      counts[name, default: 0] += 1
      guard let number = counts[name] else { return nil }
      return Call(name: name, number: number, line: String(text))
    }
  }
}
