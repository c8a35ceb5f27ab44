import EventStore
import Foundation
import Ingest
import Streams
import Testing

@Suite struct `A CSV file` {
  static let header = "time,host,state,ms,region"

  static func map(
    _ options: [String] = ["service=host,status=state,timestamp=time,responseMs=ms"],
    _ times: TimeReading = TimeReading(), words: [String] = []
  ) throws -> ImportFormat {
    .csv(CSVLayout(), try FieldMap(options, times: times, words: words))
  }

  private func load(_ text: String, _ format: ImportFormat? = nil) async throws -> (
    Loaded, [RecordedEvent]
  ) {
    let scratch = try Scratch()
    let store = try scratch.store()
    let format = try format ?? Self.map()
    let loaded = try await IngestTests.load(
      try scratch.file("checks.csv", text), into: store, importing: format)
    return (loaded, try events(of: "service-uptime-a", in: store))
  }

  @Test func `becomes facts, what is not mapped in the metadata`() async throws {
    let (loaded, events) = try await load(
      "\(Self.header)\n2026-01-01T00:00:00+01:00,a,up,1.50,eu\n2026-01-01T00:00:00Z,a,down,,\n")
    #expect(loaded.summary.appended == 2 && loaded.rejects.isEmpty)
    #expect(
      events.map { $0.timestamp.rfc3339 } == ["2025-12-31T23:00:00Z", "2026-01-01T00:00:00Z"])
    #expect(
      data(events[0])
        == #"{"serviceName":"a","status":"up","responseMs":1.50,"timestamp":"2025-12-31T23:00:00Z"}"#
    )
    #expect(metadata(events[0]) == #"{"source":"csv","line":2,"additional":{"region":"eu"}}"#)
    #expect(metadata(events[1]) == #"{"source":"csv","line":3}"#)
  }

  @Test func `becomes actions where a user is mapped`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file("f.csv", "at;who;what\n1767225600;u-1;login\n")
    let format = ImportFormat.csv(
      CSVLayout(delimiter: UInt8(ascii: ";")),
      try FieldMap(["user=who", "timestamp=at,action=what"], times: TimeReading()))
    #expect(
      try await IngestTests.load(path, into: store, importing: format, source: "eu")
        .summary.appended == 1)
    let event = try #require(try events(of: "user-u-1-activity", in: store).first)
    #expect(
      data(event) == #"{"userId":"u-1","timestamp":"2026-01-01T00:00:00Z","action":"login"}"#)
    #expect(metadata(event) == #"{"source":"csv","instance":"eu","line":2}"#)
  }

  @Test(arguments: [
    ("\u{FEFF}\(header)\r\nT,a,up,,eu\r\n", "eu"),
    ("\u{FEFF}\"time\",host,state,ms,region\r\nT,a,up,,eu", "eu"),
    ("\(header)\n\nT,a,up,,\"eu\"\n\n", "eu"),
    ("\(header)\nT,a,up,,\"e\"\"u, \"\"\n", #"e\"u, \""#),
    ("\(header)\nT,\"a\",up,,\"e\nu\r\nx\"\n", #"e\u000au\u000d\u000ax"#),
    ("\(header)\nT,a,up,, é😀 \n", " é😀 "),
  ])
  func `is read as RFC 4180 says`(text: String, region: String) async throws {
    let (loaded, events) = try await load(
      text.replacingOccurrences(of: "T,", with: "2026-01-01T00:00:00Z,"))
    #expect(loaded.rejects.isEmpty && loaded.summary.appended == 1)
    #expect(metadata(try #require(events.first)).contains(#""additional":{"region":"\#(region)"}"#))
  }

  @Test(arguments: [
    ("T,a,up,", "invalid-event", "", 2), ("T,a,up,,,", "invalid-event", "", 2),
    ("T,\"a\"b,up,,", "invalid-event", "", 2), ("T,a\"b,up,,", "invalid-event", "", 2),
    ("T,a,up,-1,", "invalid-event", "responseMs", 2),
    ("T,a,up,NaN,", "invalid-event", "responseMs", 2),
    ("T,a,up,1e5,", "invalid-event", "responseMs", 2),
    (",a,up,,", "invalid-timestamp", "timestamp", 2),
    ("soon,a,up,,", "invalid-timestamp", "timestamp", 2),
    ("T,,up,,", "invalid-event", "serviceName", 2), ("T,a,,,", "invalid-event", "status", 2),
    ("T,\"a\n\nb\0\",up,,", "invalid-event", "service", 2),
    ("\"\n\n\",a,up,,", "invalid-timestamp", "timestamp", 2),
  ])
  func `has bad records refused, with line and field, and the others taken`(
    record: String, code: String, field: String, line: Int
  ) async throws {
    let good = "2026-01-01T00:00:00Z,a,up,,\n"
    let text = record.replacingOccurrences(of: "T,", with: "2026-01-01T00:00:00Z,")
    let (loaded, events) = try await load("\(Self.header)\n\(text)\n\(good)")
    #expect(loaded.codes == [code])
    let reject = try #require(loaded.rejects.first)
    #expect(reject.rejection.field == field && reject.line == line)
    #expect(String(decoding: reject.bytes, as: UTF8.self) == text)
    #expect(events.count == 1)
  }

  @Test func `with bytes that are no UTF-8 has that record refused`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    var bytes = Data("\(Self.header)\n2026-01-01T00:00:00Z,a,up,,\n2026-01-01T00:00:00Z,".utf8)
    bytes += Data([0xC3, 0x28, 0xFF]) + Data(",up,,\n2026-01-01T00:00:00Z,b,up,,\n".utf8)
    let loaded = try await IngestTests.load(
      try scratch.file("f.csv", bytes: bytes), into: store, importing: try Self.map())
    #expect(loaded.codes == ["invalid-event"] && loaded.summary.appended == 2)
    #expect(loaded.rejects.first?.rejection.reason == "is not valid UTF-8")
  }

  @Test func `whose quote is never closed says so, and where it opened`() async throws {
    let rest = String(repeating: "2026-01-01T00:00:00Z,a,up,,\n", count: 5000)
    let (loaded, events) = try await load(
      "\(Self.header)\n2026-01-01T00:00:00Z,a,up,,\n2026-01-01T00:00:00Z,\"a,up,,\n\(rest)")
    #expect(events.count == 1)
    #expect(loaded.rejects.map(\.line) == [3])
    #expect(loaded.rejects.first?.rejection.reason.contains("never closed") == true)
  }

  @Test func `with a record longer than an event may be has that one refused`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store(maxEventBytes: 1000)
    let huge = String(repeating: "x", count: 5_000_000)
    let good = "2026-01-01T00:00:00Z,a,up,,\n"
    let path = try scratch.file("f.csv", "\(Self.header)\n2026,\(huge),up,,\n\(good)")
    let loaded = try await IngestTests.load(path, into: store, importing: try Self.map())
    #expect(loaded.codes == ["event-too-large"] && loaded.summary.appended == 1)
  }

  @Test func `that is mapped wrongly stores nothing and names the columns`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let row = "2026-01-01 00:00:00,a,up,,eu\n"
    let path = try scratch.file("f.csv", Self.header + "\n" + row + row)
    func message(_ format: ImportFormat) async -> String {
      do {
        _ = try await IngestTests.load(path, into: store, importing: format)
        return ""
      } catch { return "\(error)" }
    }
    let noColumn = await message(try Self.map(["service=hostname,status=state,timestamp=time"]))
    #expect(noColumn.contains(#"has no column 'hostname', which --map gives for 'service'"#))
    #expect(noColumn.contains(#""time", "host", "state", "ms", "region""#))
    let noZone = await message(try Self.map())
    #expect(noZone.contains("Not one of the first 2 records") && noZone.contains("give --tz"))
    #expect(try store.read { try $0.stream(try StreamName("$rejects")) } == nil)
  }

  @Test(arguments: [
    (["service"], "'service' is not FIELD=COLUMN"), (["host=service"], "no field 'host'"),
    (["service=a,service=b"], "'service' twice"), (["timestamp=a"], "either 'service' or 'user'"),
    (["service=a,user=b,timestamp=c"], "either 'service' or 'user'"),
    (["service=a,timestamp=c"], "does not give 'status'"),
    (["user=a"], "does not give 'timestamp'"),
    (["user=a,timestamp=b,status=c"], "'status' is no field of activity"), ([], "either"),
    ([""], "is not FIELD=COLUMN"),
  ])
  func `can't be mapped like this`(options: [String], message: String) throws {
    let error = #expect(throws: MappingError.self) { try Self.map(options) }
    #expect(try #require(error).description.contains(message))
  }

  @Test func `may have commas in the names of columns, or none at all`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let named = try scratch.file(
      "a.csv", "\"host, or name\",b=c,t\na,up,2026-01-01T00:00:00Z\n")
    let map = try Self.map(["service=host, or name,status=b=c,timestamp=t"])
    #expect(try await IngestTests.load(named, into: store, importing: map).summary.appended == 1)
    let numbered = try scratch.file("b.csv", "b,1,2026-01-01T00:00:00Z\nb,0,2026-01-01T00:00:01Z\n")
    let format = ImportFormat.csv(
      CSVLayout(hasHeader: false),
      try FieldMap(
        ["service=1,status=2,timestamp=3"], times: TimeReading(), words: ["1=up,0=down"]))
    #expect(
      try await IngestTests.load(numbered, into: store, importing: format).summary.appended == 2)
    #expect(
      try events(of: "service-uptime-b", in: store).last.map { data($0) }?.contains("down") == true)
  }

  @Test func `that has grown, was compressed or copied adds only what is new`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let rows = (10..<60).map { "2026-01-01T00:00:\($0)Z,a,up,\($0),eu\n" }
    let part = try scratch.file("part.csv", Self.header + "\n" + rows.prefix(20).joined())
    let all = try scratch.file("all.csv", Self.header + "\n" + rows.joined())
    let map = try Self.map()
    #expect(try await IngestTests.load(part, into: store, importing: map).summary.appended == 20)
    #expect(try await IngestTests.load(all, into: store, importing: map).summary.appended == 30)
    try run("gzip", ["all.csv"], in: scratch.folder)
    let again = try await IngestTests.load(all + ".gz", into: store, importing: map)
    #expect(again.summary.appended == 0 && again.summary.duplicates == 50 && again.rejects.isEmpty)
    #expect(again.summary.earliest?.rfc3339 == "2026-01-01T00:00:10Z")
    #expect(again.summary.latest?.rfc3339 == "2026-01-01T00:00:59Z")
  }

  @Test func `remembers in the store what it refused, with the service`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file(
      "f.csv", Self.header + "\n2026-01-01T00:00:00Z,a,up,,\nnever,\"B, é\",down,,\n")
    for _ in 0..<2 {
      _ = try await IngestTests.load(path, into: store, importing: try Self.map())
      let found = try events(of: "$rejects", in: store)
      #expect(found.count == 1)
      #expect(
        data(found[0]).contains(#""line":3"#) && data(found[0]).contains(#""service":"B, é""#))
    }
  }
}

@Suite struct `NDJSON in other keys` {
  @Test func `is mapped by keys and by paths of keys`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let map = try FieldMap(
      ["service=check.name,status=ok,timestamp=ts,responseMs=t.ms"], times: TimeReading(),
      words: ["true=up,false=down"])
    let text = """
      {"check":{"name":"a\\u00e9"},"ok":true,"ts":1767225600123,"t":{"ms":12},"x":[1,{"y":2}]}
      {"check":{"name":"aé"},"ok":false,"ts":"2026-01-01T00:00:01+00:00","t":null}
      {"check":{},"ok":false,"ts":"2026-01-01T00:00:01Z"}
      {"check":{"name":["b"]},"ok":false,"ts":"2026-01-01T00:00:01Z"}
      not json
      """
    let path = try scratch.file("f", text)
    let loaded = try await load(path, into: store, importing: .mappedLines(map))
    #expect(loaded.codes == ["invalid-event", "invalid-event", "invalid-json"])
    let found = try events(of: "service-uptime-aé", in: store)
    #expect(
      found.map { data($0) } == [
        #"{"serviceName":"aé","status":"up","responseMs":12,"timestamp":"2026-01-01T00:00:00.123Z"}"#,
        #"{"serviceName":"aé","status":"down","timestamp":"2026-01-01T00:00:01Z"}"#,
      ])
    #expect(metadata(found[0]).hasPrefix(#"{"source":"ndjson","line":1,"additional":{"check":{"#))
    #expect(metadata(found[0]).contains(#""x":[1,{"y":2}]"#))
    let again = try await load(path, into: store, importing: .mappedLines(map))
    #expect(again.summary.appended == 0 && again.summary.duplicates == 2)
  }

  @Test func `without a mapped key stops at once and lists the keys`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let map = try FieldMap(["user=who,timestamp=tiem"], times: TimeReading())
    let path = try scratch.file("f", #"{"who":"u","time":"2026-01-01T00:00:00Z"}"#)
    let error = await #expect(throws: IngestError.self) {
      try await load(path, into: store, importing: .mappedLines(map))
    }
    #expect(error?.description.contains(#"'tiem', which --map gives for 'timestamp'"#) == true)
    #expect(error?.description.contains(#""who", "time""#) == true)
  }
}
