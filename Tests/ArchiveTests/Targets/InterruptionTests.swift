import EventStore
import Foundation
import Glibc
import Streams
import Synchronization
import Testing

@testable import Archive

/// Ctrl-C and SIGTERM while the real program reads from a target: the target's proxy sends the signal
/// at a request of its choice, so that it always comes in the middle.
@Suite struct `A signal` {
  private let server: ObjectServer

  init() throws { server = try ObjectServer.shared.get() }

  struct Work: Sendable, CustomTestStringConvertible {
    var name: String
    var arguments: [String]
    /// Which request brings the signal: of all there are, this share.
    var share: Double
    var testDescription: String { name }
  }

  static let works = [
    Work(name: "verify --stat", arguments: ["segments", "verify", "--stat"], share: 0.4),
    Work(name: "verify --quick", arguments: ["segments", "verify", "--quick"], share: 0.4),
    Work(name: "verify", arguments: ["segments", "verify"], share: 0.4),
    Work(
      name: "verify --against-store", arguments: ["segments", "verify", "--against-store"],
      share: 0.4),
    Work(
      name: "the verification before a drill", arguments: ["segments", "verify", "--drill"],
      share: 0.15),
    Work(name: "verify --drill", arguments: ["segments", "verify", "--drill"], share: 0.8),
    Work(
      name: "the verification before a restore",
      arguments: ["restore", "--pattern", "user-*", "--into", "audit.db"], share: 0.2),
    Work(
      name: "restore", arguments: ["restore", "--pattern", "user-*", "--into", "audit.db"],
      share: 0.8),
    Work(
      name: "restore --bundle",
      arguments: ["restore", "--pattern", "user-*", "--bundle", "audit.tar.zst"], share: 0.8),
    Work(
      name: "restore --hot", arguments: ["restore", "--pattern", "user-*", "--hot"], share: 0.8),
  ]

  /// A store whose segments are at the target only.
  private func archived(_ address: String) throws -> Scratch {
    let scratch = try Scratch()
    for number in 1...6 {
      try scratch.store.fill("user-\(number)-activity", days: 6, bytes: 250_000)
    }
    let folder = ArchiveFolder(
      path: scratch.store.path + ".segments",
      targets: Targets(environment: server.environment, patience: .quick))
    try runArchive(scratch.store, folder, SegmentSettings(target: address))
    return scratch
  }

  @Test(arguments: works, [SIGINT, SIGTERM])
  func `stops the work within a chunk, says how far it came, and leaves nothing half-made`(
    work: Work, number: Int32
  ) throws {
    let other = try archived(server.newPlace())
    let clean = try Interrupted(other.root, work.arguments, port: server.port, signal: nil)
    #expect(clean.status == 0, "\(clean.err)")

    let scratch = try archived(server.newPlace())
    let place = Int(Double(clean.requests) * work.share)
    let run = try Interrupted(
      scratch.root, work.arguments, port: server.port, signal: (number, place))
    #expect(run.status == 128 + number, "\(run.out) \(run.err)")
    #expect(run.err.contains("interrupted: "), "\(run.err)")
    #expect(run.err.contains(" of "), "\(run.err)")
    // What was asked for already comes, on either core, and nothing more; a manifest's signature is
    // read in a few pieces.
    #expect(run.requests <= place + 8, "\(run.requests) requests, signal at \(place)")
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.root).filter {
      $0.contains(".drill") || $0.contains(".tar.zst") || $0.contains("report.json")
    }
    #expect(left == [])
    let again = try Interrupted(scratch.root, work.arguments, port: server.port, signal: nil)
    #expect(again.status == 0, "\(again.out) \(again.err)")
  }
}

/// A run of the real program whose target is behind a proxy that may send it a signal.
private struct Interrupted {
  let status: Int32
  let out: String
  let err: String
  /// How many requests reached the target.
  let requests: Int

  /// - Parameter signal: what to send, and at which request, counted from 0.
  init(
    _ root: String, _ arguments: [String], port: Int, signal: (number: Int32, at: Int)?
  ) throws {
    let state = Mutex((process: pid_t(0), asked: 0))
    let proxy = try FaultProxy(before: port) { _ in
      state.withLock { state in
        if let signal, state.asked == signal.at { kill(state.process, signal.number) }
        state.asked += 1
      }
      return nil
    }
    let process = Process()
    process.executableURL = URL(filePath: TracedProgram.binary)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: root)
    process.environment = ObjectServer.environment(port: proxy.port).merging([
      "ROOKERY_STORE": root + "/store.db", "HOME": root, "PATH": "/usr/bin:/bin",
      "ROOKERY_TEMPLATES": TracedProgram.checkout + "/reports/templates",
    ]) { $1 }
    let files = ["/.out", "/.err"].map { root + $0 }
    for file in files { try Data().write(to: URL(filePath: file)) }
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: files[0]))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: files[1]))
    process.standardInput = FileHandle.nullDevice
    // No request is answered before the process is known.
    try state.withLock { state in
      try process.run()
      state.process = process.processIdentifier
    }
    process.waitUntilExit()
    status =
      process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    out = try String(contentsOfFile: files[0], encoding: .utf8)
    err = try String(contentsOfFile: files[1], encoding: .utf8)
    requests = state.withLock { $0.asked }
  }
}
