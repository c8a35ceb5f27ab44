import Foundation
import Glibc
import Testing

/// A file system of a few kibibytes, in memory. Only root may mount one.
struct SmallDisk: ~Copyable {
  private let path: String

  init(at path: String, kibibytes: Int) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try run("mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path)
  }

  func grow(kibibytes: Int) throws {
    try run("mount", "-o", "remount,size=\(kibibytes)k", path)
  }

  func makeReadOnly() throws { try run("mount", "-o", "remount,ro", path) }

  deinit { try? run("umount", path) }
}

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

/// Runs a program that must succeed.
func run(_ arguments: String...) throws {
  try #require(try status(of: arguments) == 0, "\(arguments)")
}

/// How a program ended.
func status(of arguments: [String]) throws -> Int32 {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = arguments
  process.standardInput = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  return process.terminationStatus
}
