import Archive
import EventStore
import Foundation
import Segments
import Streams
import Testing

/// What fails, and with what: every call once, and every few from then on.
struct FailingCalls: Sendable, CustomTestStringConvertible {
  var name: String
  var error: String
  /// Whether all calls of the name fail after the first that does.
  var fromThenOn = false
  /// Fails every `stride`-th of the calls in turn.
  var stride = 1

  var testDescription: String { "\(name) \(error)\(fromThenOn ? " from then on" : "")" }
}

@Suite struct `An archive run whose system call fails` {
  private let policies = [
    ArchivePolicy(streams: "user-*", coldAfter: days(30)),
    ArchivePolicy(streams: "service-uptime-*", keepHot: days(30)),
  ]

  static let failures =
    ["write", "pwrite64", "fsync", "fdatasync", "link", "openat", "mkdir", "ftruncate"].flatMap {
      [
        FailingCalls(name: $0, error: "ENOSPC", fromThenOn: true, stride: $0 == "pwrite64" ? 5 : 1),
        FailingCalls(name: $0, error: "EIO"),
      ]
    } + [
      FailingCalls(name: "fchmod", error: "EPERM"), FailingCalls(name: "unlink", error: "EIO"),
      FailingCalls(name: "unlink", error: "EROFS", fromThenOn: true),
      FailingCalls(name: "flock", error: "EIO"),
      FailingCalls(name: "pread64", error: "EIO", stride: 6),
      FailingCalls(name: "pread64", error: "EIO", fromThenOn: true, stride: 12),
    ]

  @Test(arguments: failures)
  func `loses nothing, says so, and is completed by the next run`(failure: FailingCalls) throws {
    let template = try Scratch.small()
    let before = try digests(template.store, template.folder)
    let clean = try Copy(of: template)
    let run = try TracedProgram.archive(clean.root, trace: failure.name)
    #expect(run.status == 0, "\(run.text)")
    let calls = TracedProgram.calls(in: run.trace, of: clean.root)
    #expect(calls.count > 0)
    var failed = 0
    for call in calls.enumerated().filter({ $0.offset % failure.stride == 0 }).map(\.element) {
      let copy = try Copy(of: template)
      let when = "\(call.number)\(failure.fromThenOn ? "+" : "")"
      let run = try TracedProgram.archive(
        copy.root, trace: failure.name,
        inject: "\(failure.name):error=\(failure.error):when=\(when)")
      let about = "\(failure.testDescription) \(when): \(call.line)"
      #expect(run.trace.contains { $0.hasSuffix("(INJECTED)") }, "\(about)")
      // Where nothing can be written, nothing can be said.
      try expectSane(run, isMute: failure.name == "write" && failure.fromThenOn, about)
      try expectSettling(copy.root, before, about)
      failed += 1
    }
    print("\(failure.testDescription): \(failed) of \(calls.count) calls failed")
  }

  /// A disk that says yes and does nothing.
  @Test func `only by what it claims is found by reading it back`() throws {
    let template = try Scratch.small()
    let before = try digests(template.store, template.folder)
    let clean = try Copy(of: template)
    let calls = TracedProgram.calls(
      in: try TracedProgram.archive(clean.root, trace: "write").trace, of: clean.root)
    for call in calls {
      let copy = try Copy(of: template)
      let run = try TracedProgram.archive(
        copy.root, trace: "write", inject: "write:retval=1:when=\(call.number)")
      #expect(run.trace.contains { $0.hasSuffix("(INJECTED)") }, "\(call.line)")
      #expect(run.status == 5 && run.text.contains("segment-corrupt"), "\(call.line): \(run.text)")
      try expectSettling(copy.root, before, call.line)
    }
    print("write that lies: \(calls.count) of \(calls.count) calls found out")
  }

  /// It ends by itself; unless all was done with a code and a sentence.
  private func expectSane(_ run: TracedProgram.Result, isMute: Bool, _ about: String) throws {
    switch run.status {
    case 0: break
    case 1, 5:
      #expect(
        isMute
          || run.text.contains(
            /^(rookery: .*[a-z]+-[a-z-]+|quarantined, )/.anchorsMatchLineEndings()),
        "\(about) says: \(run.text)")
    default: Issue.record("\(about) exits with \(run.status): \(run.text)")
    }
  }

  private func expectSettling(_ root: String, _ before: [String: String], _ about: String) throws {
    let comment = Comment(rawValue: about)
    let folder = ArchiveFolder(path: root + "/store.db.segments")
    let store = try EventStore(path: root + "/store.db")
    #expect(try digests(store, folder) == before, comment)
    try expectRowsCovered(store, comment)
    expectFilesWhole(folder, comment)
    // A segment that could not be read is quarantined until it can be.
    _ = try SegmentCheck(store: store, folder: folder).run(level: .full, now: .now())
    try Archiver(store, folder, now: .now()).run(policies)
    #expect(try digests(store, folder) == before, comment)
    try expectSettled(store, folder, comment)
    #expect(try store.entries().map(\.state) == [.pruned, .pruned], comment)
    let again = try Archiver(store, folder, now: .now()).run(policies)
    #expect(again == Archiver.Summary(), comment)
  }
}

extension Scratch {
  /// A stream large enough for a segment of its own, some that share a pack, one that no policy
  /// names.
  static func small() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: 20)
    try scratch.store.fill("user-1-activity", days: 5, bytes: 60_000)
    try scratch.store.fill("user-2-loans", days: 3)
    try scratch.store.fill("system-notes", days: 3)
    return scratch
  }
}

/// A copy of a store and its segments, as a backup would make it.
struct Copy: ~Copyable {
  let root: String

  init(of scratch: borrowing Scratch) throws {
    root = NSTemporaryDirectory() + "rookery-copy-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    try copyStore(scratch.store.path, to: root + "/store.db")
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }
}
