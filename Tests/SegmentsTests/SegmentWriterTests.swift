import Foundation
import Streams
import Testing

@testable import Segments

@Suite struct `A segment writer` {
  private let folder: TemporaryFolder
  private let events = Sample.uptime(200)
  private var streams: [(name: String, events: [RecordedEvent])] { [("one", events)] }

  init() throws { folder = try TemporaryFolder() }

  private func filledWriter(job: String = "job-1") throws -> SegmentWriter {
    let writer = try SegmentWriter(
      directory: folder.path, name: Sample.name(streams, Sample.identity()), job: job,
      identity: Sample.identity(), options: SegmentWriterOptions(chunkTarget: 4 << 10))
    try writer.beginStream(Sample.info("one"))
    for event in events { try event.withView { try writer.append($0) } }
    try writer.endStream()
    return writer
  }

  @Test func `shows its final name only when published, whole and read-only`() throws {
    let writer = try filledWriter()
    #expect(folder.files.count == 1)
    #expect(folder.files.allSatisfy { $0.hasSuffix(".job-1.partial") })
    let sealed = try writer.finish()
    #expect(folder.files.allSatisfy { $0.hasSuffix(".job-1.partial") })
    try writer.publish()
    #expect(folder.files == [sealed.name.relativePath])
    try writer.syncDirectory()
    #expect(sealed.path == folder.path + "/" + sealed.name.relativePath)
    let attributes = try FileManager.default.attributesOfItem(atPath: sealed.path)
    #expect(attributes[.posixPermissions] as? Int == 0o444)
    #expect(attributes[.size] as? Int64 == sealed.bytes)
    let report = SegmentVerifier.verify(
      sealed.path, level: .full, expected: SegmentExpectation(sealed))
    #expect(report.isSound, "\(report.damage)")
    #expect(report.eventsChecked == 200)
    #expect(report.bytesChecked == sealed.rawBytes)
    #expect(try shell("sha256sum < \(sealed.path)").text.hasPrefix(sealed.sha256.description))
  }

  @Test func `leaves nothing when it is dropped before it published`() throws {
    var writer: SegmentWriter? = try filledWriter()
    #expect(folder.files.count == 1)
    writer = nil
    #expect(folder.files.isEmpty)
    writer = try filledWriter()
    _ = try writer?.finish()
    #expect(folder.files.count == 1)
    writer = nil
    #expect(folder.files.isEmpty)
  }

  @Test func `never writes over a segment`() throws {
    let early = try filledWriter(job: "early")
    let late = try filledWriter(job: "late")
    let sealed = try early.seal()
    _ = try late.finish()
    let error = #expect(throws: SegmentError.self) { try late.publish() }
    #expect(error?.code == .archiveConflict)
    #expect(folder.files == [sealed.name.relativePath])
    #expect(SegmentVerifier.verify(sealed.path, level: .full).isSound)
    #expect(throws: SegmentError.alreadyExists(segment: sealed.name.relativePath)) {
      try filledWriter()
    }
  }

  @Test func `deletes what a crash left of its own job and of no other`() throws {
    let writers = [try filledWriter(job: "mine"), try filledWriter(job: "theirs")]
    let names = folder.files
    let removed = try SegmentWriter.removePartials(of: "mine", in: folder.path)
    let mine = names.filter { $0.hasSuffix(".mine.partial") }
    #expect(removed == mine.map { folder.path + "/" + $0 })
    #expect(folder.files == names.filter { $0.hasSuffix(".theirs.partial") })
    withExtendedLifetime(writers) {}
  }

  @Test(arguments: ["", "a/b", "a.b", "ü", String(repeating: "x", count: 65)])
  func `takes no job id that could be a path`(job: String) {
    #expect(throws: SegmentError.invalidName(job)) { try filledWriter(job: job) }
    #expect(throws: SegmentError.invalidName(job)) {
      try SegmentWriter.removePartials(of: job, in: folder.path)
    }
  }

  @Test(arguments: [
    [(1, 1), (3, 2)], [(1, 1), (1, 2)], [(1, 1), (2, 1)], [(5, 9), (4, 10)],
  ])
  func `refuses events out of order, and leaves nothing`(numbers: [(Int64, Int64)]) throws {
    let writer = try Sample.writer([("pack", [])], in: folder.path)
    try writer.beginStream(Sample.info("one"))
    let error = #expect(throws: SegmentError.self) {
      for (revision, position) in numbers {
        try Sample.event(revision, position: position, data: []).withView {
          try writer.append($0)
        }
      }
    }
    #expect(error?.code == .invalidOption)
    #expect(folder.files.isEmpty)
    #expect(throws: SegmentError.self) { try writer.endStream() }
    #expect(throws: SegmentError.self) { try writer.finish() }
  }

  @Test func `refuses streams that are empty, open, twice, or not those of its name`() throws {
    let misuses: [(SegmentWriter) throws -> Void] = [
      {
        try $0.beginStream(Sample.info("a")); try $0.endStream()
      },
      {
        try $0.beginStream(Sample.info("a")); try $0.beginStream(Sample.info("b"))
      },
      { writer in try Sample.event(0, data: []).withView { try writer.append($0) } },
      {
        try $0.beginStream(Sample.info("a")); _ = try $0.finish()
      },
      { _ = try $0.finish() },
      { try $0.publish() },
      { writer in
        for _ in 0..<2 {
          try writer.beginStream(Sample.info("a"))
          try Sample.event(0, data: []).withView { try writer.append($0) }
          try writer.endStream()
        }
        _ = try writer.finish()
      },
    ]
    for misuse in misuses {
      var writer: SegmentWriter? = try Sample.writer([("pack", [])], in: folder.path)
      #expect(throws: SegmentError.self) { if let writer { try misuse(writer) } }
      writer = nil
      #expect(folder.files.isEmpty)
    }
    let misnamed = try Sample.writer([("two", events)], in: folder.path)
    try misnamed.beginStream(Sample.info("one"))
    for event in events { try event.withView { try misnamed.append($0) } }
    try misnamed.endStream()
    #expect(throws: SegmentError.self) { try misnamed.finish() }
    #expect(folder.files.isEmpty)
  }

  @Test func `gives a large event a chunk of its own, and refuses one no frame holds`() throws {
    let large = Array(repeating: UInt8(0x20), count: 5 << 20) + [0x31]
    let events = [[], large, large, [], [], large, []].enumerated().map { revision, data in
      Sample.event(Int64(revision), data: data)
    }
    let sealed = try Sample.write([("large", events)], in: folder.path)
    #expect(sealed.chunks.map(\.count) == [1, 1, 1, 2, 1, 1])
    #expect(try SegmentFile(path: sealed.path).events() == events)
    #expect(try SegmentFile(path: sealed.path).events(backward: true) == events.reversed())
    #expect(SegmentVerifier.verify(sealed.path, level: .full).isSound)

    let writer = try Sample.writer([("pack", [])], in: folder.path)
    try writer.beginStream(Sample.info("huge"))
    let huge = Sample.event(0, data: Array(repeating: 0xFF, count: 50 << 20))
    let error = #expect(throws: SegmentError.self) {
      try huge.withView { try writer.append($0) }
    }
    #expect(error?.code == .eventTooLarge)
    #expect(folder.files == [sealed.name.relativePath])
  }

  @Test func `leaves no file when the disk refuses a write`() async {
    await #expect(processExitsWith: .success) {
      // A file larger than the limit fails with EFBIG, as a full disk does with ENOSPC.
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 20_000, rlim_max: 20_000)
      setrlimit(__rlimit_resource_t(1), &limit)
      let folder = try TemporaryFolder()
      let events = Sample.uptime(20_000)
      let error = #expect(throws: SegmentError.self) {
        try Sample.write([("full", events)], in: folder.path)
      }
      #expect(error?.code == .ioError)
      #expect(error?.message.contains("write failed") == true)
      #expect(folder.files.isEmpty)
    }
  }

  @Test func `killed in the middle leaves only its own unfinished file`() async throws {
    let left = NSTemporaryDirectory() + "segments-" + UUID().uuidString
    await #expect(processExitsWith: .signal(SIGKILL)) { [left = left as String] in
      let writer = try Sample.writer([("pack", [])], in: left)
      try writer.beginStream(Sample.info("one"))
      for event in Sample.uptime(5000) { try event.withView { try writer.append($0) } }
      kill(getpid(), SIGKILL)
    }
    defer { try? FileManager.default.removeItem(atPath: left) }
    #expect(try SegmentWriter.removePartials(of: "job-1", in: left).count == 1)
    #expect(try SegmentWriter.removePartials(of: "job-1", in: left).isEmpty)
  }

  @Test func `makes the same file from the same events, whatever the threads`() throws {
    let contents = try [1, 2, 3].map { threads in
      let folder = try TemporaryFolder()
      let sealed = try Sample.write(
        streams, in: folder.path,
        options: SegmentWriterOptions(chunkTarget: 2 << 10, threads: threads))
      return FileManager.default.contents(atPath: sealed.path)
    }
    #expect(contents[0] != nil)
    #expect(Set(contents).count == 1)
  }

  @Test func `names files without the stream's name`() throws {
    let stream = try StreamName("user-jane-profile")
    let id = SegmentName.streamID(store: "s", stream: stream)
    #expect(try shell("printf 's\\nuser-jane-profile' | sha256sum").text.hasPrefix(id))
    let single = SegmentName(
      streamID: id, first: Revision(7), last: Revision(1_234_567_890_123), generation: 2)
    #expect(
      single.relativePath == "\(id.prefix(2))/\(id)-000000000007-1234567890123-g2.tar.zst")
    #expect(SegmentName(pack: 258, generation: 1).relativePath == "02/pack-258-g1.tar.zst")
  }
}
