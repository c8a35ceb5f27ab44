import EventStore
import Foundation
import Ingest
import Streams
import Testing

@Suite struct `A line` {
  private func only(
    _ line: String, _ format: LineFormat, in stream: String
  ) async throws -> RecordedEvent {
    let scratch = try Scratch()
    let store = try scratch.store()
    let loaded = try await load(try scratch.file("f", line), into: store, format)
    try #require(loaded.rejects.isEmpty, "\(loaded.rejects.first?.rejection.message ?? "")")
    let found = try events(of: stream, in: store)
    try #require(found.count == 1)
    return found[0]
  }

  @Test(arguments: [
    "{}", "[]", "null", "7", "-0.10e+05", "true", #""a \" \\ \/ \u0041 é🚀""#,
    #"{ "a" : [ 1.0 , 1e400 , 18446744073709551616, 0.1000000000000000055511151231257827 ] }"#,
    #"{"a":1,"a":2,"":{}}"#, "{\t\"b\" :\t1}",
  ])
  func `of an event keeps its data and metadata byte for byte`(json: String) async throws {
    let event = try await only(
      #"{"stream":"s","type":"T","metadata":\#(json == "null" ? "[null]" : json),"data":\#(json)}"#,
      .events, in: "s")
    #expect(data(event) == json)
    #expect(metadata(event) == (json == "null" ? "[null]" : json))
  }

  @Test func `of an event may name its fields in any order, with escapes in texts`() async throws {
    let event = try await only(
      #" { "recordedAt":"2026-01-02T00:00:00+02:00" ,"data":1, "position":9,"revision":7, "type":"\u0054\/é","timestamp":"2026-01-01T00:00:00.123456Z","metadata":null,"stream":"\u0073\u00e9","eventId":null } "#,
      .events, in: "sé")
    #expect(event.type == "T/é")
    #expect(event.timestamp.rfc3339 == "2026-01-01T00:00:00.123456Z")
    #expect(event.recordedAt.rfc3339 == "2026-01-01T22:00:00Z")
    #expect(metadata(event) == "" && event.revision == Revision(0))
  }

  @Test(arguments: [
    (#","timestamp":"2026-02-02T00:00:00Z""#, "2026-02-02T00:00:00Z"),
    (#","timestamp":null"#, "2026-01-01T00:00:00Z"), ("", "2026-01-01T00:00:00Z"),
  ])
  func `of a status change takes its time from the data, unless it gives one`(
    field: String, time: String
  ) async throws {
    let event = try await only(
      #"{"stream":"s","type":"ServiceStatusChanged","data":{"serviceName":"a","status":"up","timestamp":"2026-01-01T00:00:00Z"}\#(field)}"#,
      .events, in: "s")
    #expect(event.timestamp.rfc3339 == time)
  }

  @Test func `without times is stamped with now`() async throws {
    let before = Timestamp.now()
    let event = try await only(#"{"stream":"s","type":"T","data":1}"#, .events, in: "s")
    #expect(event.timestamp == event.recordedAt)
    #expect(event.timestamp >= before && event.timestamp <= .now())
  }

  @Test(arguments: [
    (
      #"{"seq":7,"eventId":"x","type":"ServiceStatusChanged","serviceName":"Web Site","status":"up","timestamp":"2026-01-01T00:00:00.250+01:00","httpCode":200,"responseMs":1.50e2}"#,
      "service-uptime-web-site",
      #"{"serviceName":"Web Site","eventId":"x","status":"up","timestamp":"2026-01-01T00:00:00.250+01:00","responseMs":1.50e2}"#,
      #"{"seq":7,"httpCode":200}"#
    ),
    (
      #"{"service":"a","status":"up","timestamp":"2025-12-31T23:00:00.250Z"}"#,
      "service-uptime-a",
      #"{"serviceName":"a","status":"up","timestamp":"2025-12-31T23:00:00.250Z"}"#, ""
    ),
    (
      #"{"timestamp":"2025-12-31T23:00:00.250Z","metadata":{"a":1},"duration":5,"status":"up","region":{"x":[1]},"recordedAt":"2026-01-01T00:00:00Z","service":"a b"}"#,
      "service-uptime-a-b",
      #"{"serviceName":"a b","timestamp":"2025-12-31T23:00:00.250Z","metadata":{"a":1},"duration":5,"status":"up"}"#,
      #"{"region":{"x":[1]}}"#
    ),
    (
      #"{"serviceName":"a","service":"group","status":"up","timestamp":"2025-12-31T23:00:00.250Z","responseMs":null}"#,
      "service-uptime-a",
      #"{"serviceName":"a","status":"up","timestamp":"2025-12-31T23:00:00.250Z"}"#,
      #"{"service":"group"}"#
    ),
    (
      #"{"service":"b","serviceName":null,"status":"up","timestamp":"2025-12-31T23:00:00.250Z"}"#,
      "service-uptime-b",
      #"{"serviceName":"b","status":"up","timestamp":"2025-12-31T23:00:00.250Z"}"#, ""
    ),
  ])
  func `of a fact becomes a status change, every key in its place`(
    line: String, stream: String, data expected: String, rest: String
  ) async throws {
    let event = try await only(line, .facts, in: stream)
    #expect(event.type == "ServiceStatusChanged")
    #expect(data(event) == expected)
    #expect(metadata(event) == rest)
    #expect(event.timestamp.rfc3339 == "2025-12-31T23:00:00.250Z")
    try event.data.withUnsafeBytes { try EventSchema.validate(type: event.type, data: $0) }
  }

  @Test(arguments: [
    (
      #"{"seq":1,"eventId":"c0ffee","user":"u-1","timestamp":"2026-01-01T01:00:00+01:00","recordedAt":"2026-01-03T00:00:00Z","category":"docs","kind":"commit","files":3}"#,
      "user-u-1-activity",
      #"{"userId":"u-1","timestamp":"2026-01-01T01:00:00+01:00","category":"docs","kind":"commit"}"#,
      #"{"seq":1,"eventId":"c0ffee","files":3}"#
    ),
    (
      #"{"user":"é","timestamp":"2026-01-01T00:00:00Z","action":"GET","bytes":1.0E2,"bot":false}"#,
      "user-é-activity", #"{"userId":"é","timestamp":"2026-01-01T00:00:00Z","action":"GET"}"#,
      #"{"bytes":1.0E2,"bot":false}"#
    ),
    (
      #"{"user":"u","timestamp":"2026-01-01T00:00:00Z","category":null}"#, "user-u-activity",
      #"{"userId":"u","timestamp":"2026-01-01T00:00:00Z"}"#, ""
    ),
  ])
  func `of activity becomes a user's event, every key in its place`(
    line: String, stream: String, data expected: String, rest: String
  ) async throws {
    let event = try await only(line, .activity, in: stream)
    #expect(event.type == "UserDataUpdated")
    #expect(data(event) == expected)
    #expect(metadata(event) == rest)
    #expect(event.timestamp.rfc3339 == "2026-01-01T00:00:00Z")
    try event.data.withUnsafeBytes { try EventSchema.validate(type: event.type, data: $0) }
  }

  @Test func `of a stream whose name only looks alike goes to its own stream`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let text = [
      line(1, stream: "caf\u{E9}"), line(2, stream: "cafe\u{301}"), line(3, stream: "caf\u{E9}"),
    ]
    _ = try await load(try scratch.file("f", text.joined(separator: "\n")), into: store)
    #expect(try events(of: "caf\u{E9}", in: store).map { data($0) } == [#"{"n":1}"#, #"{"n":3}"#])
    #expect(try events(of: "cafe\u{301}", in: store).map { data($0) } == [#"{"n":2}"#])
  }
}

@Suite struct `A fact that can't be read` {
  @Test func `is remembered in the store, once, with the service it was about`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let text = """
      {"service":"API","status":"up","timestamp":"yesterday"}
      not json
      {"service":"a","status":"up","timestamp":"2026-01-01T00:00:00Z"}
      {"serviceName":"Bé","status":7,"timestamp":"2026-01-01T00:00:00Z"}
      """
    let path = try scratch.file("f", text)
    for round in 0..<2 {
      let loaded = try await load(path, into: store, .facts)
      #expect(loaded.codes == ["invalid-timestamp", "invalid-json", "invalid-event"])
      #expect(loaded.summary.appended == (round == 0 ? 1 : 0))
      let found = try events(of: "$rejects", in: store)
      #expect(found.map(\.type) == ["FactRejected", "FactRejected", "FactRejected"])
      let objects = try found.map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.data)) as? [String: Any])
      }
      #expect(objects.map { $0["line"] as? Int } == [1, 2, 4])
      #expect(objects.map { $0["code"] as? String } == loaded.codes)
      #expect(objects.map { $0["field"] as? String } == ["timestamp", "", "status"])
      #expect(objects.map { $0["service"] as? String } == ["API", nil, "Bé"])
      #expect(objects.allSatisfy { ($0["reason"] as? String)?.isEmpty == false })
      #expect(!found.contains { data($0).contains("yesterday") })
    }
    let copy = try scratch.file("another-name", text)
    _ = try await load(copy, into: store, .facts)
    #expect(try events(of: "$rejects", in: store).count == 3)
  }

  @Test func `of another format is not`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file("f", "not json")
    _ = try await load(path, into: store, .events)
    _ = try await load(path, into: store, .activity)
    #expect(try events(of: "$rejects", in: store).isEmpty)
  }
}
