import EventStore
import Foundation
import Ingest
import Streams
import Testing

@Suite struct `An access log` {
  private func only(
    _ line: String, _ user: AccessLogUser = .either, in stream: String
  ) async throws -> (data: String, metadata: String) {
    let scratch = try Scratch()
    let store = try scratch.store()
    let loaded = try await load(
      try scratch.file("access.log", line), into: store, importing: .accessLog(user))
    try #require(loaded.rejects.isEmpty)
    let event = try #require(try events(of: stream, in: store).first)
    return (data(event), metadata(event))
  }

  @Test func `in the common format becomes what users did`() async throws {
    let event = try await only(
      #"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326"#,
      in: "user-frank-activity")
    #expect(
      event.data
        == #"{"userId":"frank","timestamp":"2000-10-10T20:55:36Z","category":"apache_pb.gif","action":"GET"}"#
    )
    #expect(
      event.metadata
        == #"{"source":"access-log","line":1,"additional":{"path":"/apache_pb.gif","protocol":"HTTP/1.0","status":200,"bytes":2326}}"#
    )
  }

  @Test(arguments: [
    (
      #"::1 - - [10/Oct/2000:13:55:36 +0000] "POST /a/b?c=d HTTP/2.0" 404 - "https://x/\"q\"" "M \x22 z""#,
      "user-::1-activity", #""category":"a","action":"POST""#,
      #""status":404,"referrer":"https://x/\\\"q\\\"","agent":"M \\x22 z""#
    ),
    (
      #"shop.example 10.0.0.7 - Jane Doe [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 0 "-" "-""#,
      "user-Jane Doe-activity", #""category":"(root)","action":"GET""#,
      #""bytes":0,"host":"shop.example""#
    ),
    (
      #"10.0.0.7 - - [10/Oct/2000:13:55:36 +0000] "OPTIONS * HTTP/1.1" 200 0"#,
      "user-10.0.0.7-activity", #""category":"(other)""#, #""path":"*""#
    ),
  ])
  func `in the combined format keeps the rest as it was logged`(
    line: String, stream: String, data: String, metadata: String
  ) async throws {
    let event = try await only(line, in: stream)
    #expect(event.data.contains(data))
    #expect(event.metadata.contains(metadata))
  }

  @Test func `takes the address for the user where told so`() async throws {
    let line = #"10.0.0.7 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1"#
    _ = try await only(line, .address, in: "user-10.0.0.7-activity")
  }

  @Test(arguments: [
    ("x", "timestamp"), (#"a - - 10/Oct/2000 "GET / HTTP/1.0" 200 1"#, "timestamp"),
    (#"a - - [10/Oct/2000:25:55:36 +0000] "GET / HTTP/1.0" 200 1"#, "timestamp"),
    (#"a [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 1"#, "user"),
    (#"a - - [10/Oct/2000:13:55:36 +0000] "-" 408 -"#, "action"),
    (#"a - - [10/Oct/2000:13:55:36 +0000] "\x16\x03\x01" 400 0"#, "action"),
    (#"a - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0 200 1"#, ""),
    (#"a - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" two 1"#, ""),
    (#"a/b - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 1"#, "user"),
    ("a\u{0} - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.0\" 200 1", ""),
  ])
  func `has lines refused that are no request`(line: String, field: String) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let good = #"b - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 1"#
    let path = try scratch.file("access.log", "\(good)\n\(line)\n\(good)\n")
    for appended in [2, 0] {
      let loaded = try await load(path, into: store, importing: .accessLog(.either))
      #expect(loaded.rejects.map(\.line) == [2])
      #expect(loaded.rejects.first?.rejection.field == field)
      #expect(loaded.summary.appended == appended)
    }
  }

  @Test func `of logged-in users only has the others refused`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file(
      "access.log",
      """
      a - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 1
      a - u [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 1
      """)
    let loaded = try await load(path, into: store, importing: .accessLog(.name))
    #expect(loaded.summary.appended == 1 && loaded.rejects.map(\.line) == [1])
  }
}
