import Foundation
import Streams
import Testing

@testable import Segments

/// A segment of version 1, written once and kept: later versions must read it for ever. Compare
/// what comes out of it, never its compressed bytes: another libzstd makes others.
@Suite struct `The golden segment of version 1` {
  private static let folder =
    URL(filePath: #filePath).deletingLastPathComponent().path + "/Golden"
  private static let path = folder + "/version-1.tar.zst"

  private static func contents(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: folder + "/" + name)))
  }

  @Test func `gives the events and the manifest it was made of`() throws {
    let file = try SegmentFile(path: Self.path)
    #expect(file.damage.isEmpty)
    let encoder = EventLineEncoder()
    var lines: [UInt8] = []
    for stream in 0...1 {
      try file.forEachEvent(stream: stream) { event in
        try encoder.append(event, to: &lines)
        return true
      }
    }
    #expect(lines == (try Self.contents("version-1.events.ndjson")))
    #expect(file.manifest?.encoded == (try Self.contents("version-1.manifest.json")))
    #expect(
      file.manifestSHA256?.description
        == "d3f7e791dedc89e11930d74177c6347221fb6f4736504597ed0f9cbe1fb8f62f")
  }

  @Test func `has the payloads of its writers`() throws {
    let events = try SegmentFile(path: Self.path).events(stream: 1)
    #expect(
      events.map(\.data) == [
        Array(#"{"userId":"u-1","category":"profile","name":"Zoë 🦉"}"#.utf8),
        [0xFF, 0xFE, 0x00, 0x80], [], Array("{\"a\":\r\n1}".utf8),
        Array(#"{"a":1,"a":2,"n":[1.10,9007199254740993]}"#.utf8),
      ])
    #expect(events.map(\.metadata) == [[], Array(#"{"v":1}"#.utf8), [], [], Array(" null ".utf8)])
    #expect(events[3].type == "With \"quotes\"")
    #expect(events[4].timestamp == (try Timestamp(rfc3339: "2025-02-19T21:24:00.001Z")))
    #expect(events[4].id.description == "00000000-0040-4000-8000-000000000004")
  }

  @Test func `is sound, but for the mode of a checked-out file`() {
    let report = SegmentVerifier.verify(Self.path, level: .full)
    let others = report.damage.filter { if case .writable = $0 { false } else { true } }
    #expect(others.isEmpty)
    #expect(report.eventsChecked == 17)
  }

  @Test(arguments: ["tar --zstd -xf", "bsdtar -xf"])
  func `is unpacked by other programs`(command: String) throws {
    let target = try TemporaryFolder()
    #expect(try shell("\(command) '\(Self.path)'", in: target.path).status == 0)
    let events = try shell("cat $(ls -v events/*/*.ndjson)", in: target.path)
    #expect(events.output == (try Self.contents("version-1.events.ndjson")))
    let manifest = try shell("cat manifest.json", in: target.path)
    #expect(manifest.output == (try Self.contents("version-1.manifest.json")))
    let names = try shell("cat events/*/*.ndjson | jq -r .data.name?", in: target.path)
    #expect(names.status == 0)
    #expect(names.lines.contains("Zoë 🦉"))
  }

  @Test func `is whole by zstd's own test`() throws {
    #expect(try shell("zstd -t '\(Self.path)'").status == 0)
  }
}
