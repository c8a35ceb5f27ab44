import Foundation
import Streams
import Testing

@testable import Segments

/// Files made to deceive or to exhaust: self-consistent hashes protect from none of this.
@Suite struct `A hostile segment` {
  private let folder: TemporaryFolder
  private let path: String
  private let chunks: [[RecordedEvent]] = [0, 20, 40].map { Sample.uptime(20, from: $0) }

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/forged.tar.zst"
  }

  private func verify(_ expected: SegmentExpectation = SegmentExpectation()) -> VerifyReport {
    SegmentVerifier.verify(path, level: .full, expected: expected, threads: 0)
  }

  private func zstd(_ options: String, _ content: [UInt8]) throws -> [UInt8] {
    let input = folder.path + "/content"
    try Data(content).write(to: URL(filePath: input))
    return try shell("zstd -q \(options.replacingOccurrences(of: "INPUT", with: input))").output
  }

  @Test func `that is honest is sound`() throws {
    try Forgery(chunks).write(to: path)
    #expect(verify().damage.isEmpty)
    #expect(try SegmentFile(path: path).events() == chunks.flatMap { $0 })
  }

  @Test func `with a bomb is refused before memory is taken for it`() throws {
    // 1 GiB of zeros in about 33 KB.
    var forgery = try Forgery(chunks)
    forgery.replacedFrames[1] = try shell(
      "head -c 1073741824 /dev/zero | zstd -q --stream-size=1073741824 --check -c"
    ).output
    try expectRefused(forgery, for: "more than 64 MiB")
  }

  @Test func `with a frame that hides its size, its sum, or wants a dictionary is refused`() throws
  {
    let lines = try Forgery.lines(chunks[1])
    try Data((0..<3000).flatMap { Array("word\($0 % 91) ".utf8) })
      .write(to: URL(filePath: folder.path + "/dictionary"))
    #expect(
      try shell(
        "cd \(folder.path); mkdir d; split -b 100 dictionary d/; "
          + "zstd -q --train d/* -o trained --maxdict=2000"
      ).status == 0)
    let refusals = [
      ("-c --check < INPUT", "content size"), ("-c --no-check INPUT", "checksum"),
      ("-c --check -D \(folder.path)/trained INPUT", "dictionary"),
    ]
    for (options, reason) in refusals {
      var forgery = try Forgery(chunks)
      forgery.replacedFrames[1] = try zstd(options, lines)
      try expectRefused(forgery, for: reason)
    }
  }

  @Test func `with a window over eight MiB is refused`() throws {
    var forgery = try Forgery(chunks)
    let content = [UInt8](repeating: 0x20, count: 20 << 20)
    forgery.replacedFrames[1] = try zstd("-c --check --zstd=wlog=24 INPUT", content)
    try expectRefused(forgery, for: "window")
  }

  private func expectRefused(_ forgery: Forgery, for reason: String) throws {
    try forgery.write(to: path)
    let damage = verify().damage
    let isNamed = damage.contains { damage in
      if case .frameRefused(let range, let why) = damage {
        range.chunk == 1 && why.contains(reason)
      } else {
        false
      }
    }
    #expect(isNamed && damage.count == 1, "\(damage)")
    let file = try SegmentFile(path: path)
    #expect(try file.events(through: 19) == chunks[0])
    #expect(throws: SegmentError.self) { try file.events(from: 25, through: 25) }
  }

  @Test func `with lies in its manifest is found by counting`() throws {
    let lies: [(inout Manifest.Stream) -> Void] = [
      { $0.firstAt = Timestamp.earliest }, { $0.lastAt = $0.lastAt.adding(seconds: 1) },
      { $0.firstPosition = Position(1) }, { $0.lastPosition = Position(10_000) },
      { $0.types = [Manifest.TypeCount(type: "Other", count: $0.count)] },
    ]
    for lie in lies {
      var forgery = try Forgery(chunks)
      lie(&forgery.manifest.streams[0])
      try forgery.write(to: path)
      let isNamed = verify().damage.contains {
        if case .contentMismatch(0, _) = $0 { true } else { false }
      }
      #expect(isNamed)
    }
  }

  @Test func `with lines that are not its events is found, and they are not served`() throws {
    var swapped = chunks[1]
    swapped.swapAt(4, 5)
    let good = try chunks.map(Forgery.lines)
    let lines = [
      try Forgery.lines(swapped), Array(good[1].dropLast()), good[1] + Array("{}\n".utf8),
      Array(good[1].dropFirst()), good[0], try Forgery.lines(Array(chunks[1].dropLast())),
      good[1] + [0x0A], [0x0A], Array(repeating: 0x0A, count: 20),
    ]
    for bad in lines {
      try Forgery(chunks, lines: [good[0], bad, good[2]]).write(to: path)
      let report = verify()
      let range = ChunkRange(chunk: 1, stream: 0, first: Revision(20), last: Revision(39))
      #expect(report.damage == [.frameCorrupt(range)])
      for backward in [false, true] {
        #expect(throws: SegmentError.self) {
          try SegmentFile(path: path).events(backward: backward)
        }
      }
    }
  }

  @Test func `with positions that go back is found`() throws {
    var events = chunks
    events[1][7].position = Position(1)
    let good = try chunks.map(Forgery.lines)
    try Forgery(chunks, lines: [good[0], try Forgery.lines(events[1]), good[2]]).write(to: path)
    let isNamed = verify().damage.contains {
      if case .contentMismatch(0, _) = $0 { true } else { false }
    }
    #expect(isNamed)
  }

  @Test func `with another member in a chunk's place is out of order`() throws {
    var forgery = try Forgery(chunks)
    forgery.replacedNames[1] = "events/elsewhere/1-2.ndjson"
    try forgery.write(to: path)
    let range = ChunkRange(chunk: 1, stream: 0, first: Revision(20), last: Revision(39))
    #expect(verify().damage == [.orderViolation(range)])
  }

  @Test func `of a later version is refused, also when a catalog's manifest could stand in`() throws
  {
    let forgery = try Forgery(chunks)
    let text = String(decoding: forgery.manifest.encoded, as: UTF8.self)
      .replacingOccurrences(of: "\"version\":1", with: "\"version\":2")
    try forgery.write(to: path, manifestBytes: Array(text.utf8))
    let standIn = forgery.manifest.encoded
    let report = verify(
      SegmentExpectation(manifestSHA256: SHA256Sum(of: standIn), manifestBytes: standIn))
    let isNamed = report.damage.contains { if case .unsupported = $0 { true } else { false } }
    #expect(isNamed && report.readable.isEmpty, "\(report.damage)")
  }

  @Test func `forged to be consistent is found by the hash the catalog keeps`() throws {
    let honest = try Forgery(chunks)
    var altered = chunks
    altered[1][3].data = Array("{}".utf8)
    try Forgery(altered).write(to: path)
    #expect(verify().isSound)
    let hash = SHA256Sum(of: honest.manifest.encoded)
    #expect(
      verify(SegmentExpectation(manifestSHA256: hash)).damage
        == [.identityMismatch("its manifest is not the one recorded")])
  }

  @Test func `that is a folder, a pipe's worth of zeros or another format is refused`() throws {
    for bytes in [
      [UInt8](repeating: 0, count: 4096), Array("PK\u{3}\u{4}".utf8), try zstd("-c INPUT", [1, 2]),
      SeekTable().encoded,
    ] {
      try? FileManager.default.removeItem(atPath: path)
      try Data(bytes).write(to: URL(filePath: path))
      chmod(path, 0o444)
      #expect(throws: SegmentError.self) { try SegmentFile(path: path) }
      #expect(!verify().isSound)
    }
    #expect(!SegmentVerifier.verify(folder.path, level: .full).isSound)
    #expect(throws: SegmentError.self) { try SegmentFile(path: folder.path) }
  }
}
