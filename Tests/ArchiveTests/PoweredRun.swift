import Archive
import EventStore
import Foundation
import Glibc
import Streams
import Synchronization
import Testing

/// Calls of one name that make something durable, of those between two steps.
struct Syncs: Sendable, Codable, CustomStringConvertible {
  var name: String
  /// From 1, counted by name.
  var numbers: ClosedRange<Int>
  /// What they were made for.
  var paths: [String]

  var description: String { "\(name) of \(paths.joined(separator: ", "))" }
}

/// Store and archive, each on a disk of its own, as they are where archives are kept.
///
/// The run itself is another process's. It ends at a moment of the protocol, and may have had one
/// of its syncs left out by strace, which the process attaches to itself.
struct PoweredRun {
  /// The moment after everything was done and the store was closed.
  static let end = "end"
  /// Syncs, and steps: see ``runTraced(_:)``.
  static let syncTrace = ["-e", "trace=fsync,fdatasync,access"]

  let root: String
  var storePath: String { root + "/hot/store.db" }
  var folder: ArchiveFolder { ArchiveFolder(path: root + "/cold/segments") }
  var tracePath: String { root + "/trace" }

  /// Runs until `moment`, and ends this process there.
  func run(
    until moment: Moment, leavingOut syncs: Syncs? = nil, tracing options: [String] = syncTrace
  ) throws {
    let tampering = syncs.map { syncs in
      let numbers = "\(syncs.numbers.lowerBound)..\(syncs.numbers.upperBound)"
      return ["-e", "inject=\(syncs.name):retval=0:when=\(numbers)"]
    }
    try attachTracer(options + (tampering ?? []))
    let turns = Mutex(0)
    try run { step in
      guard step == moment.step else { return }
      let turn = turns.withLock { count in
        count += 1
        return count
      }
      if turn == moment.turn { kill(getpid(), SIGKILL) }
    }
    kill(getpid(), SIGKILL)
  }

  /// Runs to the end, and leaves each step in the trace, among what strace's `options` say.
  ///
  /// - Parameter damaging: changes the first segment before it is read back.
  func runTraced(_ options: [String] = syncTrace, damaging: Bool = false) throws {
    try attachTracer(options)
    let isDamaged = Mutex(!damaging)
    _ = try? run { step in
      access("step " + step, F_OK)
      guard step == ArchiveStep.durable.rawValue, let file = folder.files().first else { return }
      isDamaged.withLock { isDamaged in
        if !isDamaged { overwriteByte(in: folder.file(file)) }
        isDamaged = true
      }
    }
    kill(getpid(), SIGKILL)
  }

  private func overwriteByte(in path: String) {
    let file = open(path, O_WRONLY)
    pwrite(file, [0x55], 1, 100)
    close(file)
  }

  @discardableResult
  func run(onStep: @escaping @Sendable (String) -> Void = { _ in }) throws -> Archiver.Summary {
    let summary = try Archiver(
      try EventStore(path: storePath), folder, now: day(200), onStep: { onStep($0.rawValue) }
    ).run([
      ArchivePolicy(streams: "service-uptime-*", keepHot: days(100)),
      ArchivePolicy(streams: "user-*", coldAfter: days(30)),
    ])
    onStep(Self.end)
    return summary
  }

  /// Returns when strace has taken hold of this process.
  private func attachTracer(_ options: [String]) throws {
    let tracer = Process()
    tracer.executableURL = URL(filePath: "/usr/bin/strace")
    tracer.arguments = ["-f", "-y", "-o", tracePath] + options + ["-p", String(getpid())]
    let output = Pipe()
    tracer.standardError = output
    try tracer.run()
    let attached = Data("/usr/bin/strace: Process \(getpid()) attached".utf8)
    let word = try output.fileHandleForReading.read(upToCount: attached.count)
    guard word == attached else { exit(1) }
  }
}
