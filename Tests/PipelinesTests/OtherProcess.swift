import Foundation
import Glibc
import Testing

/// A process that holds a lock until it is killed.
struct OtherProcess: ~Copyable {
  private let process = Process()

  init(holding lock: String) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "flock", "--no-fork", "-n", lock, "sh", "-c", "echo locked; exec sleep 60",
    ]
    process.standardOutput = output
    try process.run()
    let word = try #require(try output.fileHandleForReading.read(upToCount: 6))
    #expect(String(decoding: word, as: UTF8.self) == "locked")
  }

  /// With the signal that can't be blocked: a child has its parent's mask.
  func end() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  deinit { if process.isRunning { end() } }
}
