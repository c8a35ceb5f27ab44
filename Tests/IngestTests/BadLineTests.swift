import EventStore
import Foundation
import Ingest
import Streams
import Testing

@Suite struct `A bad line` {
  /// A line, and the code and field it is refused with.
  typealias Case = (line: [UInt8], code: String, field: String)

  private static func text(_ line: String, _ code: String, _ field: String = "") -> Case {
    (Array(line.utf8), code, field)
  }

  private static func event(
    stream: String = #""s""#, type: String = #""T""#, data: String = "{}", rest: String = ""
  ) -> String { #"{"stream":\#(stream),"type":\#(type),"data":\#(data)\#(rest)}"# }

  static let eventCases: [Case] = [
    text("not json", "invalid-json"), text(#"{"stream":"s","type":"T","da"#, "invalid-json"),
    text("{} {}", "invalid-json"),
    (Array(#"{"stream":""#.utf8) + [0xC3, 0xFF], "invalid-json", ""),
    (Array(event().utf8).map { $0 == UInt8(ascii: "s") ? 0xFE : $0 }, "invalid-json", ""),
    text(event(data: #""\ud800""#), "invalid-json"), text("\u{FEFF}" + event(), "invalid-json"),
    text("[]", "invalid-event"), text("7", "invalid-event"), text("null", "invalid-event"),
    text(#""text""#, "invalid-event"), text("{}", "invalid-event", "stream"),
    text(#"{"type":"T","data":{}}"#, "invalid-event", "stream"),
    text(event(stream: "null"), "invalid-event", "stream"),
    text(event(stream: "7"), "invalid-event", "stream"),
    text(event(stream: #""""#), "invalid-event", "stream"),
    text(event(stream: #""../../etc/passwd""#), "invalid-stream-name", "stream"),
    text(event(stream: #""a\/b""#), "invalid-stream-name", "stream"),
    text(event(stream: #""a\u0000b""#), "invalid-stream-name", "stream"),
    text(
      event(stream: "\"\(String(repeating: "x", count: 300))\""), "invalid-stream-name", "stream"),
    text(
      event(stream: "\"\(String(repeating: "é", count: 128))\""), "invalid-stream-name", "stream"),
    text(event(stream: #""$audit""#), "permission-denied", "stream"),
    text(event(stream: #""\u0024audit""#), "permission-denied", "stream"),
    text(#"{"stream":"s","data":{}}"#, "invalid-event", "type"),
    text(event(type: #""""#), "invalid-event", "type"),
    text(event(type: "\"\(String(repeating: "x", count: 256))\""), "invalid-event", "type"),
    text(event(type: #""a\u0000b""#), "invalid-event", "type"),
    text(event(type: "{}"), "invalid-event", "type"),
    text(#"{"stream":"s","type":"T"}"#, "invalid-event", "data"),
    text(event(rest: #","extra":1"#), "invalid-event", "extra"),
    text(event(rest: #","eventId":7"#), "invalid-event", "eventId"),
    text(event(rest: #","eventId":"""#), "invalid-event", "eventId"),
    text(event(rest: #","timestamp":1736488800"#), "invalid-timestamp", "timestamp"),
    text(event(rest: #","timestamp":"2026-01-31T08:30:00""#), "invalid-timestamp", "timestamp"),
    text(event(rest: #","timestamp":"9999-12-31T23:59:59Z""#), "invalid-timestamp", "timestamp"),
    text(event(rest: #","timestamp":"1969-12-31T23:59:59Z""#), "invalid-timestamp", "timestamp"),
    text(event(rest: #","timestamp":"yesterday""#), "invalid-timestamp", "timestamp"),
    text(event(rest: #","recordedAt":"soon""#), "invalid-timestamp", "recordedAt"),
    text(event(rest: #","recordedAt":"2199-01-01T00:00:00Z""#), "invalid-timestamp", "recordedAt"),
    text(event(rest: #","data_b64":"AP8""#), "invalid-event", "data_b64"),
    text(event(rest: #","data_b64":null"#), "invalid-event", "data_b64"),
    text(event(rest: #","metadata_b64":7"#), "invalid-event", "metadata_b64"),
    text(
      event(type: #""ServiceStatusChanged""#, rest: #","data_b64":"AP8=""#), "invalid-json", "data"),
    text(event(type: #""ServiceStatusChanged""#), "invalid-event", "data.serviceName"),
    text(event(type: #""ServiceStatusChanged""#, data: "[]"), "invalid-event", "data"),
    text(
      event(
        type: #""ServiceStatusChanged""#,
        data: #"{"serviceName":"a","status":"up","timestamp":"2026-01-31"}"#),
      "invalid-timestamp", "data.timestamp"),
  ]

  static let factCases: [Case] = [
    text("not json", "invalid-json"), text("[]", "invalid-event"),
    text(#"{"status":"up","timestamp":"2026-01-01T00:00:00Z"}"#, "invalid-event", "serviceName"),
    text(
      #"{"service":"","status":"up","timestamp":"2026-01-01T00:00:00Z"}"#, "invalid-event",
      "serviceName"),
    text(
      #"{"service":7,"status":"up","timestamp":"2026-01-01T00:00:00Z"}"#, "invalid-event",
      "serviceName"),
    text(#"{"service":"a","timestamp":"2026-01-01T00:00:00Z"}"#, "invalid-event", "status"),
    text(
      #"{"service":"a","status":7,"timestamp":"2026-01-01T00:00:00Z"}"#, "invalid-event", "status"),
    text(#"{"service":"a","status":"up"}"#, "invalid-timestamp", "timestamp"),
    text(
      #"{"service":"a","status":"up","timestamp":"2026-01-01"}"#, "invalid-timestamp", "timestamp"),
    text(
      #"{"service":"a","status":"up","timestamp":"2026-01-01T00:00:00Z","recordedAt":"2198-01-01T00:00:00Z"}"#,
      "invalid-timestamp", "recordedAt"),
    text(
      #"{"service":"a","status":"up","timestamp":"2026-01-01T00:00:00Z","responseMs":-1}"#,
      "invalid-event", "responseMs"),
    text(
      #"{"service":"a","status":"up","timestamp":"2026-01-01T00:00:00Z","type":"Other"}"#,
      "invalid-event", "type"),
    text(
      #"{"service":"\#(String(repeating: "x", count: 300))","status":"up","timestamp":"2026-01-01T00:00:00Z"}"#,
      "invalid-stream-name", "serviceName"),
  ]

  static let activityCases: [Case] = [
    text("not json", "invalid-json"), text("[]", "invalid-event"),
    text(#"{"timestamp":"2026-01-01T00:00:00Z"}"#, "invalid-event", "user"),
    text(#"{"user":"a"}"#, "invalid-timestamp", "timestamp"),
    text(#"{"user":"a","timestamp":"1960-01-01T00:00:00Z"}"#, "invalid-timestamp", "timestamp"),
    text(#"{"user":"a/b","timestamp":"2026-01-01T00:00:00Z"}"#, "invalid-stream-name", "user"),
    text(
      #"{"user":"a","timestamp":"2026-01-01T00:00:00Z","recordedAt":"2198-01-01T00:00:00Z"}"#,
      "invalid-timestamp", "recordedAt"),
    text(#"{"user":"../..","timestamp":"2026-01-01T00:00:00Z"}"#, "invalid-stream-name", "user"),
    text(
      #"{"user":"a","timestamp":"2026-01-01T00:00:00Z","category":7}"#, "invalid-event", "category"),
  ]

  @Test func `of events is refused by code and field, and does no harm to the others`() async throws
  {
    try await check(Self.eventCases, .events, good: "good") { line($0, stream: "good") }
  }

  @Test func `of facts is refused by code and field, and does no harm to the others`() async throws
  {
    try await check(Self.factCases, .facts, good: "service-uptime-good") {
      #"{"service":"good","status":"up","timestamp":"2026-01-01T00:00:00Z","eventId":"\#($0)"}"#
    }
  }

  @Test func `of activity is refused by code and field, and does no harm to the others`()
    async throws
  {
    try await check(Self.activityCases, .activity, good: "user-good-activity") {
      #"{"user":"good","timestamp":"2026-01-01T00:00:00Z","eventId":"\#($0)"}"#
    }
  }

  /// Loads the bad lines, a good one before, between and after them.
  private func check(
    _ cases: [Case], _ format: LineFormat, good: String, _ goodLine: (Int) -> String
  ) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    var bytes = Data()
    for (index, bad) in cases.enumerated() {
      bytes += Data((goodLine(index) + "\n").utf8) + Data(bad.line) + Data("\n".utf8)
    }
    bytes += Data(goodLine(cases.count).utf8)
    let path = try scratch.file("f.ndjson", bytes: bytes)
    let loaded = try await load(path, into: store, format)
    #expect(loaded.summary.lines == 2 * cases.count + 1)
    #expect(loaded.summary.appended == cases.count + 1)
    #expect(loaded.summary.rejected == cases.count)
    #expect(loaded.rejects.map(\.line) == (1...cases.count).map { 2 * $0 })
    for (reject, bad) in zip(loaded.rejects, cases) {
      #expect(
        reject.rejection.code.rawValue == bad.code, "\(String(decoding: bad.line, as: UTF8.self))")
      #expect(reject.rejection.field == bad.field, "\(String(decoding: bad.line, as: UTF8.self))")
      #expect(reject.bytes == bad.line)
      #expect(reject.file == path && !reject.rejection.reason.isEmpty)
    }
    #expect(try events(of: good, in: store).count == cases.count + 1)
    #expect(try store.read { try $0.streams(matching: "s") }.isEmpty)
  }

  @Test func `that is too long, or whose event is, is refused and passed over`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store(maxEventBytes: 1000)
    func sized(_ number: Int, _ bytes: Int) -> String {
      line(number, data: "\"\(String(repeating: "x", count: bytes - 2))\"")
    }
    let text = [sized(0, 1000), sized(1, 1001), sized(2, 500_000), sized(3, 10)].joined(
      separator: "\n")
    let loaded = try await load(try scratch.file("f", text), into: store)
    #expect(loaded.codes == ["event-too-large", "event-too-large"])
    #expect(loaded.rejects.map(\.line) == [2, 3])
    #expect(loaded.rejects.allSatisfy { $0.bytes.count <= 65_536 })
    #expect(try events(of: "orders-1", in: store).map(\.data.count) == [1000, 10])
  }

  @Test func `of 64 MiB is refused by default`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let large = line(1, data: "\"\(String(repeating: "x", count: 64 * 1024 * 1024))\"")
    let loaded = try await load(
      try scratch.file("f", [line(0), large, line(2)].joined(separator: "\n")), into: store)
    #expect(loaded.codes == ["event-too-large"])
    #expect(loaded.summary.appended == 2)
  }

  @Test func `counts metadata in an event's size`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store(maxEventBytes: 100)
    let half = "\"" + String(repeating: "x", count: 48) + "\""
    let text = """
      {"stream":"s","type":"T","data":\(half),"metadata":\(half)}
      {"stream":"s","type":"T","data":\(half),"metadata":[\(half)]}
      """
    let loaded = try await load(try scratch.file("f", text), into: store)
    #expect(loaded.codes == ["event-too-large"] && loaded.summary.appended == 1)
  }

  @Test func `is written to the rejects file as it was, for a program to read`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let conflict = line(1, data: #"{"other":true}"#)
    let bad = ["not \"json\"\t\\", conflict, #"{"stream":"é🚀/","type":"T","data":1}"#]
    let path = try scratch.file("f", ([line(1)] + bad).joined(separator: "\n"))
    let rejects = try RejectsFile(path: scratch.path("rejects.ndjson"))
    _ = try await Ingest(into: store, format: .events)
      .load(path, reject: { try rejects.write($0) }, progress: { _ in true })
    let written = try String(contentsOfFile: rejects.path, encoding: .utf8)
    let objects = try written.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0["raw"] as? String } == bad)
    #expect(objects.map { $0["line"] as? Int } == [2, 3, 4])
    #expect(objects.map { $0["file"] as? String } == [path, path, path])
    #expect(
      objects.map { $0["code"] as? String }
        == ["invalid-json", "event-id-conflict", "invalid-stream-name"])
    #expect(objects.map { $0["field"] as? String } == ["", "eventId", "stream"])
    #expect(objects.allSatisfy { ($0["reason"] as? String)?.isEmpty == false })
    #expect(objects.allSatisfy { $0.count == 6 })
  }

  @Test func `that is not UTF-8 is written with replacements`() async throws {
    let scratch = try Scratch()
    let rejects = try RejectsFile(path: scratch.path("rejects.ndjson"))
    let path = try scratch.file("f", bytes: Data([0x22, 0xFF, 0x01, 0x22]))
    _ = try await Ingest(into: scratch.store(), format: .events)
      .load(path, reject: { try rejects.write($0) }, progress: { _ in true })
    let object = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: rejects.path)))
    #expect((object as? [String: Any])?["raw"] as? String == "\"\u{FFFD}\u{1}\"")
  }

  @Test func `that can't be written down stops the load, by name`() async throws {
    let scratch = try Scratch()
    let path = scratch.path("no/such/folder")
    #expect {
      _ = try RejectsFile(path: path)
    } throws: {
      ($0 as? IngestError)?.message.contains(path) == true
    }
    let full = try RejectsFile(path: "/dev/full")
    let file = try scratch.file("f", "bad\n" + line(1))
    await #expect {
      _ = try await Ingest(into: scratch.store(), format: .events)
        .load(file, reject: { try full.write($0) }, progress: { _ in true })
    } throws: {
      if case .rejectsUnwritable = $0 as? IngestError { true } else { false }
    }
  }
}
