import Testing

@testable import Streams

@Suite struct `The JSON validator` {
  let validator = JSONValidator()

  private func accepts(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { validator.problem(in: $0) } == nil
  }

  private func accepts(_ text: String) -> Bool { accepts(Array(text.utf8)) }

  @Test(arguments: [
    "{}", "[]", "null", "true", "false", "0", "-0", "1.5", "1e5", "1E-5", #""""#, #""a""#,
    #"{"a":[1,{"b":null}]}"#, " \t\r\n{} \t\r\n", #""\ud83d\ude80 \u0000 \"\\\/""#,
    #"{"a":1,"a":2}"#,
    #"{"é":"日本🚀"}"#, "\"\u{7F}\u{2028}\"",
  ])
  func `accepts RFC 8259`(json: String) { #expect(accepts(json)) }

  @Test(arguments: [
    "18446744073709551615", "18446744073709551616", "-9223372036854775809",
    "123456789012345678901234567890123456789", "1e400", "-1E+999", "0.1e99999",
    #"{"id":340282366920938463463374607431768211456,"b":[1e999,"1e999 \" 01"]}"#,
  ])
  func `accepts numbers of any size`(json: String) { #expect(accepts(json)) }

  @Test(arguments: [
    "", " ", "{", "}", "[", "]", "{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]",
    "{,}", "{a:1}", "{'a':1}", "{\"a\":1 \"b\":2}", "[1 2]", "\"", "\"a", "\"\\x\"", "\"\\u12\"",
    "\"\\ud800\"", "\"\n\"", "\"\t\"", "nul", "nulll", "True", "NaN", "Infinity", "-", "+1", "01",
    "-01", "1.", ".5", "1e", "1e+", "0x10", "1_000", "// c\n{}", "{}{}", "{}x", "{} {}", "[]]",
    "1 2", "\u{FEFF}{}", "{\"a\":1}\u{0}", "undefined",
  ])
  func `refuses everything else`(json: String) { #expect(!accepts(json)) }

  @Test(arguments: [
    "[1e999,01]", "[1e999,1.]", "[1e999,-]", "[1e999 1]", "[1e9991e999]", "{\"a\":1e999,}",
    "[1e999", "[1e999]x", "[001e999]", "[1e999e5]", "[1e999.5]", "[18446744073709551616true]",
    "[18446744073709551616-1]", "[1e999,\"\\x\"]", "18446744073709551616 1", "[1e999,.5]",
  ])
  func `is as strict beside a number that fits no machine word`(json: String) {
    #expect(!accepts(json))
  }

  @Test(
    arguments: [
      [0x80], [0xC3], [0xC3, 0x28], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x9A], [0xFF], [0xFE, 0xFF],
    ] as [[UInt8]])
  func `refuses bytes that are no UTF-8`(bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(!accepts([quote] + bytes + [quote]))
    #expect(!accepts(Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8)))
    #expect(!accepts(Array("{}".utf8) + bytes))
  }

  @Test func `refuses an object that breaks off, wherever it does`() {
    let json = Array(#"{"a":"x\"\\","b":[1,{"c":-1.5e+3}],"d":"é🚀"}"#.utf8)
    for count in 0..<json.count { #expect(!accepts(Array(json.prefix(count)))) }
    #expect(accepts(json))
  }

  @Test(arguments: [(1024, true), (1025, false), (100_000, false)])
  func `takes nesting up to a bound`(depth: Int, isTaken: Bool) {
    let json = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(accepts(json) == isTaken)
  }

  @Test func `says why, and serves again after a refusal`() {
    let problem = Array("{".utf8).withUnsafeBytes { validator.problem(in: $0) }
    #expect(problem?.isEmpty == false)
    #expect(accepts("{}"))
    #expect(accepts("[" + String(repeating: "1,", count: 1_000_000) + "1]"))
    #expect(accepts("{}"))
  }
}

@Suite struct `JSON escapes` {
  @Test(arguments: [
    ("", #""""#), ("a", #""a""#), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
    ("\u{0}\u{8}\u{C}\u{1F}", #""\u0000\u0008\u000c\u001f""#), ("é🚀\u{7F}", "\"é🚀\u{7F}\""),
  ])
  func `are written only where they must be`(text: String, json: String) {
    #expect(JSONEscapes.quote(text) == json)
  }

  @Test func `come back as they were, for every kind of character`() {
    let validator = JSONValidator()
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        let value = [
          UInt32.random(in: 0...0x7F), UInt32.random(in: 0...0xFFFF),
          UInt32.random(in: 0x10000...0x10FFFF),
        ].randomElement(using: &random)
        if let scalar = value.flatMap(Unicode.Scalar.init) { text.unicodeScalars.append(scalar) }
      }
      let quoted = Array(JSONEscapes.quote(text).utf8)
      quoted.withUnsafeBytes { bytes in
        #expect(validator.problem(in: bytes) == nil)
        let inside = UnsafeRawBufferPointer(rebasing: bytes[1..<(bytes.count - 1)])
        #expect(JSONEscapes.resolve(inside).unicodeScalars.elementsEqual(text.unicodeScalars))
      }
    }
  }
}
