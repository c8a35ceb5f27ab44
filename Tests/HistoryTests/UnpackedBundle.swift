import Foundation
import History
import Reports
import Segments
import Streams
import Testing

/// A bundle as somebody has it who has nothing but common tools: packed, checked by its own
/// instructions, unpacked, changed and packed again.
struct UnpackedBundle: ~Copyable {
  let folder: String
  private let name: String
  /// `VERIFY.txt` as it was delivered: whoever checks has it from elsewhere.
  private let instructions: String

  init(of path: String) throws {
    folder = NSTemporaryDirectory() + "rookery-bundle-" + UUID().uuidString
    name = URL(filePath: path).lastPathComponent
    try FileManager.default.createDirectory(
      atPath: folder + "/tools", withIntermediateDirectories: true)
    for tool in ["cat", "awk", "tar", "zstd", "sha256sum", "jq", "openssl"] {
      let place = ["/usr/bin/", "/bin/"].first {
        FileManager.default.isExecutableFile(atPath: $0 + tool)
      }
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/tools/" + tool, withDestinationPath: try #require(place) + tool)
    }
    try FileManager.default.createDirectory(
      atPath: folder + "/files", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: path, toPath: folder + "/" + name)
    _ = try Self.shell(
      "tar --zstd -xf - -C files < \"$1\" && chmod -R u+w files", [name], in: folder)
    instructions = try String(contentsOfFile: folder + "/files/VERIFY.txt", encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Every member but the list and its signature, by name.
  var members: [String] {
    get throws {
      try Self.shell("tar --zstd -tf - < \"$1\"", [name], in: folder).split(separator: "\n")
        .map(String.init).filter { !$0.hasPrefix("SHA256SUMS") }
    }
  }

  func text(_ member: String) throws -> String {
    try String(contentsOfFile: folder + "/files/" + member, encoding: .utf8)
  }

  func change(_ member: String, _ change: (inout String) -> Void) throws {
    var text = try text(member)
    change(&text)
    try Data(text.utf8).write(to: URL(filePath: folder + "/files/" + member))
  }

  func remove(_ member: String) throws {
    try FileManager.default.removeItem(atPath: folder + "/files/" + member)
  }

  func copy(_ member: String, to other: String) throws {
    try FileManager.default.copyItem(
      atPath: folder + "/files/" + member, toPath: folder + "/files/" + other)
  }

  /// Packs the files as they are now.
  ///
  /// - Parameter isListed: also makes `SHA256SUMS` anew, as a forger would.
  func pack(isListed: Bool) throws {
    let list =
      "find . -type f ! -name 'SHA256SUMS*' | sed 's|^[.]/||' | sort | xargs sha256sum > SHA256SUMS"
    _ = try Self.shell(
      """
      cd files; \(isListed ? list : ":")
      find . -type f | sed 's|^[.]/||' | sort | tar --zstd -cf - -T - > "../$1"
      """, [name], in: folder)
  }

  func changeFile(_ change: (inout [UInt8]) -> Void) throws {
    try overwrite(folder + "/" + name, change)
  }

  /// Does what `VERIFY.txt` says, with the tools it names and no others, in an empty folder.
  ///
  /// - Returns: what it prints: problems, and at the end `SOUND` or `NOT SOUND`.
  func verify(_ environment: [String: String] = [:]) throws -> [String] {
    let commands = instructions.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }.joined(separator: "\n")
    let room = folder + "/room-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: room, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: room + "/" + name)
    return try Self.shell(
      commands, [], in: room, environment: ["PATH": folder + "/tools"].merging(environment) { $1 }
    ).split(separator: "\n").map(String.init)
  }

  private static func shell(
    _ script: String, _ arguments: [String], in folder: String,
    environment: [String: String] = ["PATH": "/usr/bin:/bin"]
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", script, "sh"] + arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}

extension History {
  /// Writes a bundle whose report is the real one and whose page is a word.
  @discardableResult
  func bundle(
    _ selection: RestoreSelection, to path: String, hasContext: Bool = true,
    signer: SegmentSigner? = nil, progress: (Int64, Int64) -> Void = { _, _ in }
  ) throws -> (report: RestoreReport, file: BundleFile.Sealed) {
    try AuditBundle(history: self, hasContext: hasContext, signer: signer).write(
      selection, to: path, on: .test,
      documents: { report in
        let json = report.json([("bundle", .string("test"))]).document
        return [
          AuditBundle.Document(name: "report.json", text: json),
          AuditBundle.Document(name: "index.html", text: "<!doctype html>"),
        ]
      }, progress: progress)
  }
}
