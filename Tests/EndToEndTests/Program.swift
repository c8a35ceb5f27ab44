import Foundation
import Testing

/// The real `rookery`, in a folder of its own that is gone with the test.
struct Program: ~Copyable {
  struct Result {
    var status: Int32
    var out: String
    var err: String
    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(out.utf8))) as? [String: Any] ?? [:]
    }
  }

  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  static let binary =
    ProcessInfo.processInfo.environment["ROOKERY_BIN"] ?? checkout + "/.build/debug/rookery"

  let folder: String
  var store: String { folder + "/store.db" }

  init() throws {
    folder = NSTemporaryDirectory() + "rookery-e2e-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ name: String, _ content: String) throws -> String {
    try write(name, Data(content.utf8))
  }

  func write(_ name: String, _ content: Data) throws -> String {
    let path = folder + "/" + name
    try content.write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Runs `rookery ARGUMENTS` on this folder's store and waits for it.
  @discardableResult
  func run(_ arguments: [String], input: String? = nil, store: String? = nil) throws -> Result {
    try Self.run(
      Self.binary, arguments, input: input, folder: folder,
      environment: ["ROOKERY_STORE": store ?? self.store])
  }

  @discardableResult
  func shell(_ script: String) throws -> Result {
    try Self.run(
      "/bin/bash", ["-c", script], input: nil, folder: folder,
      environment: ["ROOKERY_STORE": store, "ROOKERY": Self.binary])
  }

  static func run(
    _ path: String, _ arguments: [String], input: String?, folder: String,
    environment: [String: String]
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder,
      "ROOKERY_TEMPLATES": checkout + "/reports/templates",
    ].merging(environment) { $1 }
    // Files, not pipes: nothing can block, whatever is printed.
    let (out, err) = (folder + "/.out", folder + "/.err")
    for file in [out, err] {
      try Data().write(to: URL(fileURLWithPath: file))
    }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: err))
    if let input {
      let file = folder + "/.in"
      try Data(input.utf8).write(to: URL(fileURLWithPath: file))
      process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    try process.run()
    process.waitUntilExit()
    let status =
      process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return Result(
      status: status, out: try String(contentsOfFile: out, encoding: .utf8),
      err: try String(contentsOfFile: err, encoding: .utf8))
  }
}
