import EventStore
import Foundation
import Pipelines
import Streams
import Testing
import Transport

/// A server of `Tests/servers` on a port of its own, gone with the test.
final class TestServer {
  let port: Int
  /// For its certificate.
  let folder: String
  private let log: String
  private let process = Process()
  private let isGone = Pipe()

  /// - Parameter kind: `smtp` or `webhook`.
  init(_ kind: String, _ answers: String, _ options: [String] = []) throws {
    let folder = NSTemporaryDirectory() + "rookery-server-" + UUID().uuidString
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    log = folder + "/log"
    try Data().write(to: URL(filePath: log))
    let checkout = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../..").standardizedFileURL.path
    let python = checkout + "/.build/test-venv/bin/python"
    try #require(FileManager.default.isExecutableFile(atPath: python), "run Tests/venv")
    let output = Pipe()
    process.executableURL = URL(filePath: python)
    process.arguments =
      ["-B", "\(checkout)/Tests/servers/\(kind).py", log, answers]
      + options.map { $0 == "FOLDER" ? folder : $0 }
    process.standardInput = isGone
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = try #require(try output.fileHandleForReading.read(upToCount: 6), "\(kind).py")
    port = try #require(
      Int(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  deinit {
    try? isGone.fileHandleForWriting.close()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// What a client must trust.
  var authority: String { folder + "/ca.pem" }

  /// What it got, in order.
  func entries() throws -> [[String: Any]] {
    try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  /// The messages that an SMTP server got, or the requests of a web server.
  func received() throws -> [[String: Any]] {
    try entries().filter { $0["event"] as? String ?? "message" == "message" }
  }
}

extension Patience {
  /// Tries as often as always, but quickly.
  static var quick: Patience {
    var patience = Patience()
    patience.firstPause = 1
    patience.longestPause = 2_000
    patience.timeout = 10_000
    return patience
  }
}

/// A pipeline that makes the uptime report and delivers it.
func delivering(_ to: String, options: String = "") -> String {
  """
  name: nightly
  steps:
  - step: uptime-report
    days: 3
  - step: deliver
    needs: uptime-report
    \(options)
    to:
    \(to.split(separator: "\n").joined(separator: "\n  "))
  """
}

extension Scratch {
  /// With facts of three days.
  static func withFacts() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 3)
    return scratch
  }

  /// Runs `yaml` for the third of January, and gives its last step.
  @discardableResult
  func deliver(
    _ yaml: String, environment: [String: String] = [:], redeliver: Bool = false
  ) throws -> RunRecord.Step {
    let now = try time("2025-01-06T04:00:00Z")
    let outcome = try runner(yaml, environment: environment).run(
      date: CivilDate("2025-01-03"), redeliver: redeliver, now: now)
    return try #require(outcome.runs.last?.steps.last)
  }

  /// What the ledger says of all that was to be delivered.
  func deliveries() throws -> [Delivery] {
    let ledger = DeliveryLedger(store)
    return try RunLedger(store).runs(limit: 1000).reversed().flatMap {
      try ledger.deliveries(of: $0.id)
    }
  }
}
