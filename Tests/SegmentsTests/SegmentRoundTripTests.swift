import Foundation
import Streams
import Testing

@testable import Segments

@Suite struct `A segment` {
  static let odd: [RecordedEvent] = {
    let payloads: [[UInt8]] = [
      Array(#"{"plain":true}"#.utf8), [], [0xFF, 0xFE, 0x00, 0x80], Array("{\"a\":\r\n1}".utf8),
      Array(#"{"a":1,"a":2,"b":{"a":3}}"#.utf8),
      Array(#"{"n":123456789012345678901234567890,"f":1.10,"e":1e400}"#.utf8),
      Array(#"{"emoji":"🦉","escaped":"\ud83e\udd89"}"#.utf8), Array("not json".utf8),
      Array(" {\"spaced\" : 1}\t ".utf8), Array("null".utf8), Array("\"text\"".utf8), [0x0A],
      Array(#"{"n":[1,2],"meta":{},"data":"}"}"#.utf8), [0x22], Array("1".utf8),
      Array((String(repeating: "[", count: 400) + String(repeating: "]", count: 400)).utf8),
      Array("{\"big\":\"\(String(repeating: "Eule ", count: 3 << 18))\"}".utf8),
    ]
    let types = ["Plain", "With \"quotes\" and \\", "Ünïcode-日本", "tab\there", "é", "e\u{301}"]
    var events: [RecordedEvent] = []
    for (index, payload) in payloads.enumerated() {
      for other in [payloads[0], payload, []] {
        let revision = Int64(events.count) + 5
        events.append(
          Sample.event(
            revision, type: types[(index + events.count) % types.count], data: payload,
            metadata: other))
      }
    }
    return events
  }()

  @Test(arguments: [0, 2])
  func `gives back every payload byte for byte, in both directions`(threads: Int) throws {
    let folder = try TemporaryFolder()
    let segment = try Sample.write([("odd-payloads", Self.odd)], in: folder.path)
    let file = try SegmentFile(path: segment.path)
    #expect(file.damage.isEmpty)
    #expect(try file.events(threads: threads) == Self.odd)
    #expect(try file.events(backward: true, threads: threads) == Self.odd.reversed())
  }

  /// Around the second from which libarchive writes a tar time into an extended header.
  @Test(arguments: [
    "1970-01-01T00:00:00Z", "2038-01-19T03:14:06Z", "2038-01-19T03:14:07Z",
    "2199-12-31T23:59:59.999999Z",
  ])
  func `has its place for every time that a writer may give`(time: String) throws {
    let folder = try TemporaryFolder()
    let at = try Timestamp(rfc3339: time)
    let events = Sample.uptime(3).map { event in
      var event = event
      event.timestamp = at
      event.recordedAt = at
      return event
    }
    var identity = Sample.identity()
    identity.createdAt = at
    let segment = try Sample.write([("s", events)], in: folder.path, identity: identity)
    let file = try SegmentFile(path: segment.path)
    #expect(file.damage.isEmpty)
    #expect(try file.events() == events)
    #expect(try shell("tar --zstd -tf \(segment.path)").status == 0)
  }

  @Test func `keeps several streams apart and each in order`() throws {
    let folder = try TemporaryFolder()
    let one = Sample.uptime(900, from: 0, seed: 1)
    let two = Sample.uptime(1, from: 40, seed: 2)
    let three = Sample.uptime(700, from: 12, seed: 3)
    let segment = try Sample.write(
      [("a", one), ("b", two), ("c", three)], in: folder.path,
      options: SegmentWriterOptions(chunkTarget: 16 << 10))
    let file = try SegmentFile(path: segment.path)
    #expect(try file.events(stream: 0) == one)
    #expect(try file.events(stream: 1) == two)
    #expect(try file.events(stream: 2) == three)
    #expect(file.chunks == segment.chunks)
    #expect(file.chunks.count > 20)
    #expect(file.manifest == segment.manifest)
    #expect(file.manifestSHA256 == segment.manifestSHA256)
  }

  @Test(arguments: [(0, 10), (5, 5), (499, 600), (123, 456), (990, 5000), (999, 999)])
  func `serves any range, whole or by the catalog's index`(first: Int64, last: Int64) throws {
    let folder = try TemporaryFolder()
    let events = Sample.uptime(1000)
    let segment = try Sample.write(
      [("range", events)], in: folder.path, options: SegmentWriterOptions(chunkTarget: 8 << 10))
    let expected = Array(events[Int(first)...min(999, Int(last))])
    for file in [
      try SegmentFile(path: segment.path),
      try SegmentFile(path: segment.path, chunks: segment.chunks),
    ] {
      for threads in [0, 2] {
        #expect(try file.events(from: first, through: last, threads: threads) == expected)
        #expect(
          try file.events(from: first, through: last, backward: true, threads: threads)
            == expected.reversed())
      }
    }
  }

  @Test func `stops when it is told to`() throws {
    let folder = try TemporaryFolder()
    let segment = try Sample.write(
      [("stop", Sample.uptime(1000))], in: folder.path,
      options: SegmentWriterOptions(chunkTarget: 8 << 10))
    let file = try SegmentFile(path: segment.path)
    var seen = 0
    try file.forEachEvent(stream: 0) { _ in
      seen += 1
      return seen < 321
    }
    #expect(seen == 321)
  }
}
