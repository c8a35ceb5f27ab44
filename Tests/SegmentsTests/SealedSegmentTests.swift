import Foundation
import Sealing
import Streams
import Testing

@testable import Segments

@Suite struct `A segment with encrypted chunks` {
  static let subject = "key-1"
  let folder: TemporaryFolder
  let identity = AgeIdentity()
  let events = Sample.uptime(300)

  init() throws { folder = try TemporaryFolder() }

  private var keys: Keyring {
    let identity = identity
    return Keyring { $0 == Self.subject ? identity : nil }
  }

  /// A plain stream, a sealed one, and a plain one.
  private func segment() throws -> SealedSegment {
    let names = ["before", "sealed", "then"]
    let writer = try Sample.writer(
      names.map { ($0, events) }, in: folder.path,
      options: SegmentWriterOptions(chunkTarget: 16 << 10))
    for (index, name) in names.enumerated() {
      var info = try Sample.info(name)
      if index == 1 { info.subject = Self.subject }
      try writer.beginStream(info, sealedTo: index == 1 ? identity.recipient : nil)
      for event in events {
        var event = event
        event.position = Position(Int64(index) * 10_000 + event.revision.rawValue)
        try event.withView { try writer.append($0) }
      }
      try writer.endStream()
    }
    return try writer.seal()
  }

  private func expected(_ index: Int64) -> [RecordedEvent] {
    events.map { event in
      var event = event
      event.position = Position(index * 10_000 + event.revision.rawValue)
      return event
    }
  }

  @Test func `is read with the key as if it were plain, in both directions`() throws {
    let path = try segment().path
    let file = try SegmentFile(path: path, keys: keys)
    let indexed = try SegmentFile(path: path, chunks: file.chunks, keys: keys)
    for index in 0..<3 {
      #expect(try file.events(stream: index) == expected(Int64(index)))
      #expect(try indexed.events(stream: index, threads: 0) == expected(Int64(index)))
    }
    #expect(try indexed.events(stream: 1, from: 37, through: 37) == [expected(1)[37]])
    #expect(try indexed.events(stream: 1, backward: true) == expected(1).reversed())
  }

  @Test func `says without the key which events were there, and that they are erased`() throws {
    let path = try segment().path
    for threads in [0, 2] {
      let read = try SegmentFile(path: path).events(stream: 1, threads: threads)
      #expect(read.map(\.revision) == events.map(\.revision))
      #expect(read.allSatisfy { $0.isErased && $0.data.isEmpty && $0.metadata.isEmpty })
    }
    #expect(try SegmentFile(path: path).events(stream: 2) == expected(2))
  }

  @Test func `keeps what it says of its streams readable`() throws {
    let manifest = try segment().manifest
    #expect(manifest.streams[1].info.subject == Self.subject)
    #expect(manifest.streams[1].types == manifest.streams[0].types)
    #expect(manifest.streams[1].firstAt == events[0].timestamp)
    #expect(try Manifest(decoding: manifest.encoded) == manifest)
    let sealed = manifest.chunks.filter { $0.encryption == .ageV1 }
    #expect(sealed.count > 2 && sealed.allSatisfy { $0.stream == 1 })
    #expect(sealed.allSatisfy { $0.member.hasSuffix(".ndjson.zst.age") })
  }

  @Test func `is verified without the key and, more thoroughly, with it`() throws {
    let sealed = try segment()
    for keys in [Keyring.empty, keys] {
      let report = SegmentVerifier.verify(
        sealed.path, level: .full, expected: SegmentExpectation(sealed), keys: keys)
      #expect(report.damage == [])
      #expect(report.eventsChecked == 900)
    }
  }

  @Test func `is opened by tar, age, zstd and jq alone`() throws {
    let sealed = try segment()
    try identity.secretText.write(
      toFile: folder.path + "/key", atomically: true, encoding: .utf8)
    let result = try shell(
      """
      tar --zstd -xf \(sealed.path)
      for file in events/*/*.ndjson.zst.age; do age -d -i key "$file" | zstd -dq; done |
        jq -c .data
      """, in: folder.path)
    #expect(result.status == 0)
    #expect(result.lines == events.map { String(decoding: $0.data, as: UTF8.self) })
    #expect(try shell("zstd -t \(sealed.path)").status == 0)
  }

  @Test func `is damaged when a ciphertext is altered, whether or not there is a key`() throws {
    let sealed = try segment()
    let chunk = try #require(sealed.chunks.firstIndex { $0.subject != nil })
    var bytes = Array(try Data(contentsOf: URL(filePath: sealed.path)))
    bytes[Int(sealed.chunks[chunk].offset) + sealed.chunks[chunk].compressedBytes / 2] ^= 1
    let path = folder.path + "/altered"
    try Data(bytes).write(to: URL(filePath: path))
    for keys in [Keyring.empty, keys] {
      let file = try SegmentFile(path: path, keys: keys)
      #expect(throws: SegmentError.damaged(segment: path, .frameCorrupt(file.range(of: chunk)))) {
        try file.events(stream: 1)
      }
      #expect(try file.events(stream: 2) == expected(2))
    }
  }

  @Test func `is not served as erased when the keys can't be asked, or the key is another`() throws
  {
    let path = try segment().path
    let broken = Keyring { _ in throw CocoaError(.fileReadNoPermission) }
    for keys in [broken, Keyring { _ in AgeIdentity() }] {
      #expect {
        try SegmentFile(path: path, keys: keys).events(stream: 1)
      } throws: { ($0 as? SegmentError)?.code == .keyUnavailable }
    }
  }

  /// A forged chunk: `content` sealed for the key, under a manifest that claims `count` events.
  private func forge(_ content: [UInt8], count: Int64 = 1, compressed: Bool = true) throws -> String
  {
    var frame: [UInt8] = content
    if compressed {
      let compressor = try FrameCompressor(level: 1)
      let bytes = try content.withUnsafeBytes { try compressor.compress($0, into: &frame) }
      frame.removeLast(frame.count - bytes)
    }
    var file: [UInt8] = []
    let sealer = try AgeSealer(to: identity.recipient)
    try frame.withUnsafeBytes { try sealer.seal($0, into: &file) }
    var forgery = try Forgery([Array(events.prefix(1))], lines: [file])
    forgery.manifest.streams[0].info.subject = Self.subject
    forgery.manifest.streams[0].last = Revision(count - 1)
    forgery.manifest.streams[0].count = count
    forgery.manifest.streams[0].types[0].count = count
    forgery.manifest.streams[0].lastPosition = Position(count + 100)
    forgery.manifest.chunks[0].encryption = .ageV1
    forgery.manifest.chunks[0].count = count
    forgery.manifest.chunks[0].last = Revision(count - 1)
    forgery.manifest.chunks[0].member = SegmentName.member(
      streamID: SegmentName.streamID(store: Sample.store, stream: try StreamName("forged")),
      first: Revision(0), last: Revision(count - 1), encryption: .ageV1)
    let path = folder.path + "/forged"
    try forgery.write(to: path)
    return path
  }

  @Test func `that hides a bomb is refused before it is unpacked`() throws {
    let bomb: [UInt8] =
      [0x28, 0xB5, 0x2F, 0xFD, 0xE4] + [UInt8](repeating: 0x11, count: 8)
      + [UInt8](repeating: 0, count: 64)
    let path = try forge(bomb, compressed: false)
    #expect {
      try SegmentFile(path: path, keys: keys).events()
    } throws: { error in
      if case SegmentError.damaged(_, .frameRefused) = error { true } else { false }
    }
  }

  @Test func `that claims more events than a chunk can hold is refused`() throws {
    let path = try forge([0x2E], count: SegmentLimits.sealedEvents + 1)
    #expect(throws: SegmentError.self) { try SegmentFile(path: path) }
    let most = try forge([0x2E], count: SegmentLimits.sealedEvents)
    #expect(try SegmentFile(path: most).events().count == Int(SegmentLimits.sealedEvents))
  }

  @Test func `that holds other lines than it says is damaged`() throws {
    let lines = try Forgery.lines(Array(events.prefix(2)))
    for content in [[], lines, Array(lines.dropLast()), [0x0A]] {
      let path = try forge(content)
      #expect {
        try SegmentFile(path: path, keys: keys).events()
      } throws: { error in
        if case SegmentError.damaged(_, .frameCorrupt) = error { true } else { false }
      }
      let report = SegmentVerifier.verify(path, level: .full, keys: keys)
      #expect(!report.isSound)
    }
  }

  // MARK: - Rewriting

  private func rewrite(_ old: SealedSegment, erasing index: Int) throws -> SealedSegment {
    let source = try SegmentFile(path: old.path)
    let identity = Sample.identity(archiveSeq: 2, generation: 2)
    let writer = try SegmentWriter(
      directory: folder.path, name: SegmentName(pack: 2, generation: 2), job: "job-2",
      identity: identity)
    for stream in 0..<3 {
      if stream == index {
        try writer.eraseStream(stream, of: source, tombstone: Sample.tombstone)
      } else {
        try writer.copyStream(stream, of: source)
      }
    }
    return try writer.seal()
  }

  @Test(arguments: 0..<3)
  func `is rewritten without one stream, the others byte for byte`(index: Int) throws {
    let old = try segment()
    let new = try rewrite(old, erasing: index)
    let report = SegmentVerifier.verify(new.path, level: .full, keys: keys)
    #expect(report.damage == [])
    let file = try SegmentFile(path: new.path, keys: keys)
    for stream in 0..<3 {
      let members = new.manifest.chunks.filter { $0.stream == stream }
      let before = old.manifest.chunks.filter { $0.stream == stream }
      guard stream == index else {
        #expect(members == before)
        #expect(new.manifest.streams[stream] == old.manifest.streams[stream])
        #expect(try file.events(stream: stream) == expected(Int64(stream)))
        continue
      }
      #expect(members.allSatisfy { $0.encryption == .none })
      #expect(new.manifest.streams[stream].types == old.manifest.streams[stream].types)
      #expect(try file.events(stream: stream).allSatisfy(\.isErased))
      #expect(try file.events(stream: stream, backward: true).count == events.count)
      #expect(try file.events(stream: stream, from: 7, through: 7)[0].revision == Revision(7))
    }
    let lines = try shell("tar --zstd -xOf \(new.path) --wildcards '*.ndjson' | jq -c .rev | wc -l")
    #expect(lines.lines == [index == 1 ? "900" : "600"])
  }

  @Test func `takes no erased event as if it had been appended`() throws {
    let writer = try Sample.writer([("a", events), ("b", events)], in: folder.path)
    try writer.beginStream(try Sample.info("a"))
    #expect(throws: SegmentError.self) { try writer.append(.erased(Revision(0))) }
  }
}
