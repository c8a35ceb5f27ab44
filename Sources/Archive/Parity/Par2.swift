internal import Foundation

/// The tool `par2` (par2cmdline), run as a process of its own with absolute paths.
struct Par2 {
  private let tool: String

  /// - Throws: ``ParityError/toolMissing``.
  init() throws(ParityError) {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    let places = path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/par2" }
    let tool = places.first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let tool else { throw .toolMissing }
    self.tool = tool
  }

  /// Runs it to its end; what it prints is dropped.
  ///
  /// - Returns: its exit status; 0 is success.
  func run(_ arguments: [String]) throws(ParityError) -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: tool)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw .io(path: tool, "it can't be started")
    }
    process.waitUntilExit()
    // A signal is no status: it must not look like success.
    return process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
  }
}
