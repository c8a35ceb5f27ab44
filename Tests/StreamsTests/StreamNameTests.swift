import Testing

@testable import Streams

@Suite struct `A stream name` {
  @Test(arguments: [
    "a", "orders-1", "service-uptime-api", "$audit", "$", "user-42-profile", "with space", " ",
    "trailing.", "a.b", "a..", "日本語", "🚀", "é", "e\u{301}",
    "C:\\windows", "a:b", "*", "%2F", "\u{200B}", "\u{FEFF}", "-", "~",
    String(repeating: "x", count: 255), String(repeating: "é", count: 127) + "x",
    String(repeating: "🚀", count: 63) + "xyz",
  ])
  func `is kept as it was given`(text: String) throws {
    let name = try StreamName(text)
    #expect(Array(name.rawValue.utf8) == Array(text.utf8))
    #expect(name.description == text)
  }

  @Test(arguments: [
    ("", StreamNameError.empty),
    (".", .leadingDot), ("..", .leadingDot), (".hidden", .leadingDot),
    ("../../etc/passwd", .leadingDot), ("a/b", .slash), ("/", .slash), ("a/", .slash),
    ("user-1/../2-profile", .slash), ("/etc/passwd", .slash), ("/\u{301}", .slash),
    ("a\u{0}b", .controlCharacter), ("\u{0}", .controlCharacter), ("a\nb", .controlCharacter),
    ("a\r\nb", .controlCharacter), ("\t", .controlCharacter), ("a\u{1F}", .controlCharacter),
    ("\u{7F}", .controlCharacter), ("\u{80}", .controlCharacter), ("\u{9F}", .controlCharacter),
    ("e\u{301}\u{7}", .controlCharacter),
    (String(repeating: "x", count: 256), .tooLong(bytes: 256)),
    (String(repeating: "x", count: 300), .tooLong(bytes: 300)),
    (String(repeating: "é", count: 128), .tooLong(bytes: 256)),
    (String(repeating: "🚀", count: 64), .tooLong(bytes: 256)),
  ])
  func `is refused with its reason`(text: String, error: StreamNameError) {
    #expect(throws: error) { try StreamName(text) }
    #expect(error.code == .invalidStreamName)
    #expect(!error.message.isEmpty && !error.remedy.isEmpty)
  }

  @Test func `is refused for every control character and for no other of the first 256`() {
    for value in UInt32(0x20)...0xFF where value != 0x2F {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let isControl = value == 0x7F || (0x80...0x9F).contains(value)
      #expect(((try? StreamName("a\(scalar)")) == nil) == isControl, "U+\(value)")
    }
    for value in UInt32(0)..<0x20 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      #expect(throws: StreamNameError.controlCharacter) { try StreamName("a\(scalar)") }
    }
  }

  @Test func `is told apart by its bytes, as the store does`() throws {
    let composed = try StreamName("caf\u{E9}")
    let decomposed = try StreamName("cafe\u{301}")
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed, composed]).count == 2)
    #expect(try composed == StreamName("caf\u{E9}"))
  }

  @Test func `is ordered by its bytes, as SQLite orders text`() throws {
    let texts = [
      "B", "Z", "a", "a-b", "aa", "cafe\u{301}", "caf\u{E9}", "z", "\u{FFFD}", "\u{10000}",
    ]
    let names = try texts.map { try StreamName($0) }
    #expect(
      names.shuffled().sorted().map(\.rawValue.utf8).map(Array.init) == texts.map { Array($0.utf8) }
    )
  }

  @Test(arguments: [("$audit", true), ("$", true), ("a$", false), ("＄audit", false)])
  func `belongs to the store when it starts with a dollar sign`(text: String, isReserved: Bool)
    throws
  {
    #expect(try StreamName(text).isReserved == isReserved)
  }
}
