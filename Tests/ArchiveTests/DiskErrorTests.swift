import EventStore
import Foundation
import Streams
import Testing

@testable import Archive

/// A disk that gives EIO for one file, under the real program: strace makes the calls fail.
@Suite struct `A disk error while a segment is read` {
  /// A segment in the archive folder and at `mirror`; nothing is in rows.
  private func archived() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-activity", days: 8, bytes: 250_000)
    let folder = ArchiveFolder(path: scratch.store.path + ".segments")
    let mirror = scratch.root + "/mirror"
    try FileManager.default.createDirectory(atPath: mirror, withIntermediateDirectories: true)
    try runArchive(scratch.store, folder, SegmentSettings(mirror: mirror))
    return scratch
  }

  private func segment(_ scratch: borrowing Scratch) throws -> String {
    let entry = try #require(try scratch.store.entries().first)
    return scratch.store.path + ".segments/" + entry.file
  }

  private let read = ["read", "user-1-activity", "--json"]

  /// Every read of the file fails, or only some.
  @Test(arguments: ["1+", "2"])
  func `is made up for by the second copy, and says nothing of the next read`(when: String) throws {
    let scratch = try archived()
    let clean = try TracedProgram.run(scratch.root, read)
    #expect(clean.status == 0 && clean.text.split(separator: "\n").count == 8)
    let path = try segment(scratch)
    let failing = try TracedProgram.run(
      scratch.root, read, failing: path, with: "pread64:error=EIO:when=\(when)")
    #expect(failing.trace.contains { $0.hasSuffix("(INJECTED)") })
    #expect(failing.status == 0 && failing.text == clean.text, "\(failing.text)")
    #expect(try TracedProgram.run(scratch.root, read).text == clean.text)
  }

  @Test func `of the only copy is told as such, and is not taken for a missing segment`() throws {
    let scratch = try archived()
    let mirror = scratch.root + "/mirror"
    let clean = try TracedProgram.run(scratch.root, read)
    try FileManager.default.moveItem(atPath: mirror, toPath: mirror + ".away")
    let path = try segment(scratch)
    let failing = try TracedProgram.run(
      scratch.root, read, failing: path, with: "pread64:error=EIO")
    #expect(failing.trace.contains { $0.hasSuffix("(INJECTED)") })
    #expect(failing.status == 1, "\(failing.text)")
    #expect(failing.text.contains("io-error") && failing.text.contains("user-1-activity"))
    #expect(!failing.text.contains("missing"))
    #expect(try TracedProgram.run(scratch.root, read).text == clean.text)
    #expect(try scratch.store.entries().map(\.state) == [.pruned])
  }
}
