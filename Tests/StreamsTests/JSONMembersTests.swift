import Testing

@testable import Streams

@Suite struct `JSON members` {
  /// The members of `json` as `key=value` texts, and whether the walk came to its end.
  private static func walk(_ json: String) -> (members: [String], isComplete: Bool) {
    var members: [String] = []
    let isComplete = Array(json.utf8).withUnsafeBytes { bytes in
      JSONMembers.forEach(in: bytes) { key, value in
        members.append(
          String(decoding: key, as: UTF8.self) + "="
            + String(decoding: value.bytes, as: UTF8.self))
      }
    }
    return (members, isComplete)
  }

  private static func elements(_ json: String) -> [String]? {
    var found: [String] = []
    let isComplete = Array(json.utf8).withUnsafeBytes { bytes in
      JSONMembers.forEachElement(in: bytes) {
        found.append(String(decoding: $0.bytes, as: UTF8.self))
      }
    }
    return isComplete ? found : nil
  }

  @Test(arguments: [
    ("{}", []), (" \t\r\n{ \n} ", []),
    (#"{"a":1}"#, ["a=1"]), (#" { "a" : 1 , "b" : 2 } "#, ["a=1", "b=2"]),
    (#"{"":""}"#, [#"="""#]), (#"{"a":null,"a":true}"#, ["a=null", "a=true"]),
    (#"{"a":-1.5e+10,"b":0.10}"#, ["a=-1.5e+10", "b=0.10"]),
    (
      #"{"a":{"b":{"c":[1,{"d":2}]}},"e":[[],[[]]]}"#,
      [#"a={"b":{"c":[1,{"d":2}]}}"#, "e=[[],[[]]]"]
    ),
    (#"{"a":"}","b":"]{[,:"}"#, [#"a="}""#, #"b="]{[,:""#]),
    (#"{"a":{"x":"}\""},"b":["]\\"]}"#, [#"a={"x":"}\""}"#, #"b=["]\\"]"#]),
    (#"{"a\"b":"c\\","d":"\\\""}"#, [#"a\"b="c\\""#, #"d="\\\"""#]),
    (#"{"\u0061":"\ud83d\ude80"}"#, [#"\u0061="\ud83d\ude80""#]),
    (#"{"é":"日本🚀"}"#, [#"é="日本🚀""#]),
    ("{\"a\"\n:\t[1 ,\r2]\n}", ["a=[1 ,\r2]"]),
  ])
  func `are walked in order, verbatim`(json: String, members: [String]) {
    let walk = Self.walk(json)
    #expect(walk.members == members)
    #expect(walk.isComplete)
  }

  /// A quote or backslash at every place of an eight-byte word, and past the last whole word.
  @Test(arguments: 0..<40)
  func `are not misled by where a quote lies`(length: Int) {
    for special in [#"\""#, #"\\"#, #"\u0022"#, ""] {
      let text = String(repeating: "x", count: length) + special
      let json = "{\"\(text)\":\"\(text)y\",\"z\":[\"\(text)\",{\"\(text)\":\"}\"}]}"
      let walk = Self.walk(json)
      #expect(walk.members == ["\(text)=\"\(text)y\"", "z=[\"\(text)\",{\"\(text)\":\"}\"}]"])
      #expect(walk.isComplete)
    }
  }

  @Test func `are found beside every byte above ASCII`() {
    for scalar in UInt32(0x80)...0x7FF {
      guard let scalar = Unicode.Scalar(scalar) else { continue }
      let text = String(repeating: Character(scalar), count: 5)
      #expect(Self.walk("{\"\(text)\":\"\(text)\"}").members == ["\(text)=\"\(text)\""])
    }
  }

  @Test(arguments: [
    "", " ", "[]", "7", "null", #""a""#, "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1",
    "{\"a\":1,", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":\"\\\"", "{\"a\":{", "{\"a\":[1,2", "{a:1}",
    "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":\"xxxxxxxx\\", "{\"a\":\"xxxxxxxxxxxxxxxx",
  ])
  func `of anything but a whole object are not complete`(json: String) {
    #expect(!Self.walk(json).isComplete)
  }

  /// Each byte sits at the end of its own allocation, so that a sanitiser would see a step too far.
  @Test func `never read past the end, wherever an object breaks off`() {
    let json = #"{"a":"x\"\\y","b":[1,{"c":"]"}],"long text":"0123456789 0123456789","d":-1e5}"#
    for count in 0..<json.utf8.count {
      let walk = Self.walk(String(decoding: json.utf8.prefix(count), as: UTF8.self))
      #expect(!walk.isComplete)
      #expect(walk.members.count <= 4)
    }
    #expect(Self.walk(json).members.count == 4)
  }

  @Test func `pass over ten thousand levels without recursion`() {
    let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
    #expect(Self.walk("{\"a\":\(deep),\"b\":1}").members.last == "b=1")
  }

  @Test(arguments: [
    ("[]", []), (" [ ] ", []), ("[1]", ["1"]),
    (#"[1, "a" ,{"b":[]},null]"#, ["1", #""a""#, #"{"b":[]}"#, "null"]),
  ])
  func `have arrays beside them that are walked alike`(json: String, elements: [String]) {
    #expect(Self.elements(json) == elements)
  }

  @Test(arguments: ["", "{}", "[", "[1", "[1,", "[1 2]", "7"])
  func `have arrays that may break off too`(json: String) { #expect(Self.elements(json) == nil) }

  @Test(arguments: [
    ("{}", JSONKind.object), (" [1]", .array), ("\n\"a\"", .string), ("true", .bool),
    ("false", .bool), ("null", .null), ("-1", .number), ("0", .number),
  ])
  func `are of a kind that the first byte tells`(json: String, kind: JSONKind) {
    #expect(Array(json.utf8).withUnsafeBytes { JSONMembers.kind(of: $0) } == kind)
  }

  @Test func `of nothing have no kind`() {
    #expect(Array(" \n".utf8).withUnsafeBytes { JSONMembers.kind(of: $0) } == nil)
    #expect(JSONMembers.kind(of: UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
  }
}

@Suite struct `A JSON slice` {
  private static func read<R>(_ json: String, _ body: (JSONSlice) -> R) -> R? {
    var result: R?
    Array("[\(json)]".utf8).withUnsafeBytes { bytes in
      _ = JSONMembers.forEachElement(in: bytes) { result = body($0) }
    }
    return result
  }

  @Test(arguments: [
    (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
    (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\ud83d\ude80""#, "🚀"), (#""🚀""#, "🚀"),
    (#""\ud800""#, "\u{FFFD}"), (#""\ude80\ud83d""#, "\u{FFFD}\u{FFFD}"), (#""\u0000""#, "\u{0}"),
    (#""a\\u0041""#, "a\\u0041"),
  ])
  func `of a string has its escapes resolved`(json: String, text: String) {
    #expect(Self.read(json, \.string) == text)
  }

  @Test(arguments: [
    ("0", 0.0), ("-0", 0.0), ("1", 1), ("-1.5", -1.5), ("1e3", 1000), ("2.5E-1", 0.25),
    ("18446744073709551616", 18_446_744_073_709_551_616),
  ])
  func `of a number is read as it is written`(json: String, value: Double) {
    #expect(Self.read(json, \.double) == value)
  }

  @Test(arguments: ["{}", "[]", "true", "null"])
  func `of another kind is neither`(json: String) {
    #expect(Self.read(json) { $0.string ?? $0.double.map { "\($0)" } } == .some(nil))
  }

  @Test(arguments: ["", "a", "ab", "abc"])
  func `is compared byte by byte`(text: String) {
    Array(text.utf8).withUnsafeBytes { bytes in
      #expect(bytes.equals("ab") == (text == "ab"))
      #expect(bytes.equals("") == text.isEmpty)
    }
  }
}
