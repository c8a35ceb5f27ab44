import Foundation
import Streams
import Testing

@testable import Segments

@Suite struct `An event line` {
  private func line(_ event: RecordedEvent) throws -> String {
    var bytes: [UInt8] = []
    try event.withView { try EventLineEncoder().append($0, to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func event(data: String, metadata: String = "{}") -> RecordedEvent {
    RecordedEvent(
      revision: Revision(12), position: Position(90311),
      id: EventID(high: 0x0123_4567_89ab_4def, low: 0x8123_4567_89ab_cdef), type: "Changed",
      timestamp: Timestamp(microseconds: 1_717_000_030_099_000),
      recordedAt: Timestamp(microseconds: 1_717_000_030_101_204),
      metadata: Array(metadata.utf8), data: Array(data.utf8))
  }

  private static let head =
    #"{"rev":12,"seq":90311,"id":"01234567-89ab-4def-8123-456789abcdef","type":"Changed","#
    + #""at":"2024-05-29T16:27:10.099Z","rec":"2024-05-29T16:27:10.101204Z","#

  @Test(arguments: [
    (#"{"b":1, "a":1.0}"#, #"{}"#, #""n":[2,16],"meta":{},"data":{"b":1, "a":1.0}}"#),
    ("", "", #""n":[2,2],"meta_b64":"","data_b64":""}"#),
    ("a\nb", "1", #""n":[1,6],"meta":1,"data_b64":"YQpi"}"#),
    (#"{"a":1}x"#, "[\r]", #""n":[6,14],"meta_b64":"Ww1d","data_b64":"eyJhIjoxfXg="}"#),
  ])
  func `has its keys in one order and its payloads verbatim`(
    data: String, metadata: String, tail: String
  ) throws {
    let text = try line(event(data: data, metadata: metadata))
    #expect(text == Self.head + tail + "\n")
  }

  @Test(arguments: [
    #"{"a":1,"a":2}"#, "123456789012345678901234567890", "[[[[]]]]", #""\u0000""#, "\u{FEFF}{}",
    "{", "nul", "🦉", " 1 ", "1 2",
  ])
  func `comes back as it went`(payload: String) throws {
    for event in [event(data: payload), event(data: "1", metadata: payload)] {
      var bytes: [UInt8] = []
      try event.withView { try EventLineEncoder().append($0, to: &bytes) }
      var decoder = EventLineDecoder()
      let copy = try bytes.dropLast().withUnsafeBytes { try decoder.decode($0).copy() }
      #expect(copy == event)
      #expect(copy.type.utf8.elementsEqual(event.type.utf8))
    }
  }

  @Test(arguments: [
    ("[", "]", 200, true), ("[", "]", 201, false), ("{\"a\":", "}", 200, true),
    ("{\"a\":", "}", 201, false),
  ])
  func `holds no payload nested deeper than jq follows`(
    open: String, close: String, depth: Int, isPlain: Bool
  ) throws {
    let payload =
      String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
    let text = try line(event(data: payload))
    #expect(text.contains("\"data\":") == isPlain)
    let broad = "[" + String(repeating: "[\"]\\\"\"],", count: 900) + "1]"
    #expect(try line(event(data: broad)).contains("\"data\":"))
  }

  @Test func `keeps canonically equal types apart`() throws {
    var decoder = EventLineDecoder()
    for type in ["\u{e9}", "e\u{301}", "\u{e9}", "a\"b", "tab\t", "back\\slash", ""] {
      var event = event(data: "1")
      event.type = type
      var bytes: [UInt8] = []
      try event.withView { try EventLineEncoder().append($0, to: &bytes) }
      let found = try bytes.dropLast().withUnsafeBytes { try decoder.decode($0).type }
      #expect(found.utf8.elementsEqual(type.utf8))
    }
  }

  @Test(arguments: [
    (-1, 0, Timestamp.earliest, "rev"), (0, -1, .earliest, "seq"), (0, 0, .latest, "at"),
    (0, 0, Timestamp(microseconds: -1), "at"),
  ])
  func `is refused for what it can't express`(
    revision: Int64, position: Int64, time: Timestamp, field: String
  ) {
    var event = event(data: "1")
    event.revision = Revision(revision)
    event.position = Position(position)
    event.timestamp = time
    var bytes: [UInt8] = [7]
    #expect(throws: EventLineError.unrepresentable(field: field)) {
      try event.withView { try EventLineEncoder().append($0, to: &bytes) }
    }
    #expect(bytes == [7])
  }

  @Test(arguments: [
    ("\"rev\":12", "\"rev\":012"), ("\"rev\":12", "\"rev\":-12"), ("\"rev\":12", "\"rev\": 12"),
    ("\"rev\":12", "\"rev\":99999999999999999999"), ("\"rev\":12", "\"rev\":9223372036854775808"),
    ("90311", ""), ("4def", "4DEF"), ("4def", "4deg"), ("-8123", "08123"),
    ("Changed", "Chan\\u0067ed"), ("Changed", "a\tb"), ("Changed", "a\\"), ("Changed", "\\ud800"),
    (".099Z", ".090"), (".099Z", ".000Z"), (".101204Z", ".101000Z"), ("T16:27", "T24:27"),
    ("T16:27", "t16:27"), ("05-29", "02-30"), ("10.099Z", "60.099Z"), ("2024", "2200"),
    ("[2,7]", "[2,8]"), ("[2,7]", "[2,6]"), ("[2,7]", "[3,6]"), ("[2,7]", "[2,07]"),
    ("[2,7]", "[2,9223372036854775807]"), ("[2,7]", "[9223372036854775807,7]"),
    ("\"meta\":{}", "\"meta_b64\":{}"), ("\"data\":{\"a\":1}", "\"data_b64\":\"YQ=\""),
    ("[2,7],\"meta\":{},\"data\":{\"a\":1}", "[2,6],\"meta\":{},\"data_b64\":\"YR==\""),
    ("[2,7],\"meta\":{},\"data\":{\"a\":1}", "[2,6],\"meta\":{},\"data_b64\":\"Y===\""),
    ("{\"a\":1}}", "{\"a\":1}]"), ("{\"a\":1}}", "{\"a\":1}} "), ("\"meta\"", "\"mete\""),
  ])
  func `that is not canonical is refused`(part: String, replacement: String) throws {
    let good = try line(event(data: #"{"a":1}"#)).dropLast()
    #expect(good.contains(part))
    var decoder = EventLineDecoder()
    #expect(throws: EventLineError.self) {
      try Array(String(good).replacingOccurrences(of: part, with: replacement).utf8)
        .withUnsafeBytes { _ = try decoder.decode($0) }
    }
    #expect(throws: Never.self) {
      try Array(good.utf8).withUnsafeBytes { _ = try decoder.decode($0) }
    }
  }

  @Test func `cut or changed anywhere is refused or another event, and never read past`() throws {
    let good = Array(try line(event(data: #"{"a":"b"}"#, metadata: "x")).utf8.dropLast())
    var decoder = EventLineDecoder()
    for count in good.indices {
      #expect(throws: EventLineError.self) {
        try Array(good[..<count]).withUnsafeBytes { _ = try decoder.decode($0) }
      }
    }
    var random = SeededGenerator(seed: 5)
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8(random.next() & 0xFF)
      }
      let event = bytes.withUnsafeBytes { try? decoder.decode($0).copy() }
      guard let event else { continue }
      var again: [UInt8] = []
      try event.withView { try EventLineEncoder().append($0, to: &again) }
      // Only payload bytes that no longer make JSON would be spelt otherwise.
      let isOurs = again.dropLast().elementsEqual(bytes)
      #expect(isOurs || again.count != bytes.count + 1)
    }
  }

  @Test(arguments: [0, 1, 2, 3, 4, 57, 1000])
  func `spells bytes in base64 as base64 does`(count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    let bytes = (0..<count).map { _ in UInt8(random.next() & 0xFF) }
    var text: [UInt8] = []
    bytes.withUnsafeBytes { Base64.append($0, to: &text) }
    #expect(String(decoding: text, as: UTF8.self) == Data(bytes).base64EncodedString())
    let decoded = withUnsafeTemporaryAllocation(byteCount: count + 3, alignment: 1) { out in
      text.withUnsafeBytes { Base64.decode($0, into: out) }.map { Array(out[..<$0]) }
    }
    #expect(decoded == bytes)
  }
}
