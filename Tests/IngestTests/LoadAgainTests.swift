import EventStore
import Foundation
import Ingest
import Streams
import Testing

@Suite struct `A load that is run again` {
  static let withoutIDs = (0..<50).map { #"{"stream":"s-\#($0 % 3)","type":"Tick","data":{}}"# }

  @Test(arguments: [LineFormat.events, .facts, .activity], [true, false])
  func `adds nothing, with ids and without`(format: LineFormat, hasIDs: Bool) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let text = (0..<200).map { number in
      let id = hasIDs ? #","eventId":"event number \#(number)""# : ""
      return switch format {
      case .events: #"{"stream":"s","type":"T","data":\#(number)\#(id)}"#
      case .facts:
        #"{"service":"s","status":"up","timestamp":"2026-01-01T00:00:\#(10 + number % 50)Z"\#(id)}"#
      case .activity: #"{"user":"u","timestamp":"2026-01-01T00:00:\#(10 + number % 50)Z"\#(id)}"#
      }
    }
    let path = try scratch.file("f", text.joined(separator: "\n"))
    let first = try await load(path, into: store, format)
    #expect(first.summary.appended == 200 && first.summary.duplicates == 0)
    for _ in 0..<2 {
      let again = try await load(path, into: store, format)
      #expect(again.summary.appended == 0 && again.summary.duplicates == 200)
      #expect(again.rejects.isEmpty)
    }
  }

  @Test func `tells equal lines without ids apart by their places`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file("f", Self.withoutIDs.joined(separator: "\n"))
    #expect(try await load(path, into: store).summary.appended == 50)
    #expect(try await load(path, into: store).summary.duplicates == 50)
    #expect(try events(of: "s-0", in: store).count == 17)
  }

  @Test func `of a file that has grown adds what is new`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    for (count, added) in [(10, 10), (30, 20), (30, 0), (50, 20)] {
      let path = try scratch.file("f", Self.withoutIDs.prefix(count).joined(separator: "\n"))
      #expect(try await load(path, into: store).summary.appended == added)
    }
  }

  @Test func `after a line was corrected in its place adds that one only`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    for format in [LineFormat.events, .facts] {
      var text = (10..<60).map {
        format == .events
          ? #"{"stream":"s","type":"T","data":\#($0)}"#
          : #"{"service":"s","status":"up","timestamp":"2026-01-01T00:00:\#($0)Z"}"#
      }
      let good = text[20]
      text[20] = "{" + good
      let first = try await load(
        try scratch.file("f", text.joined(separator: "\n")), into: store, format)
      #expect((first.summary.appended, first.summary.rejected) == (49, 1))
      text[20] = good
      let second = try await load(
        try scratch.file("f", text.joined(separator: "\n")), into: store, format)
      #expect((second.summary.appended, second.summary.duplicates) == (1, 49))
    }
  }

  @Test func `of another file with an equal line at the same place loses neither`()
    async throws
  {
    let scratch = try Scratch()
    let store = try scratch.store()
    let (a, b) = (#"{"stream":"s","type":"T","data":1}"#, #"{"stream":"s","type":"T","data":2}"#)
    _ = try await load(try scratch.file("monday", a + "\n" + a), into: store)
    let tuesday = try scratch.file("tuesday", b + "\n" + a + "\n" + a)
    #expect(try await load(tuesday, into: store).summary.duplicates == 0)
    #expect(try await load(tuesday, into: store).summary.appended == 0)
  }

  @Test func `of an archive tells equal lines of its files apart`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let text = Self.withoutIDs.joined(separator: "\n")
    for name in ["a", "b", "c"] { _ = try scratch.file(name, text) }
    try run("tar", ["-czf", "all.tar.gz", "a", "b", "c"], in: scratch.folder)
    #expect(try await load(scratch.path("all.tar.gz"), into: store).summary.appended == 150)
    #expect(try await load(scratch.path("all.tar.gz"), into: store).summary.appended == 0)
  }

  @Test func `of another source adds the same lines again`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file("f", Self.withoutIDs.joined(separator: "\n"))
    #expect(try await load(path, into: store, source: "a").summary.appended == 50)
    #expect(try await load(path, into: store, source: "b").summary.appended == 50)
    #expect(try await load(path, into: store, source: "a").summary.appended == 0)
  }

  @Test func `is the same when it was compressed meanwhile`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file("f", Self.withoutIDs.joined(separator: "\n"))
    #expect(try await load(path, into: store).summary.appended == 50)
    try run("gzip", ["f"], in: scratch.folder)
    #expect(try await load(path + ".gz", into: store).summary.appended == 0)
  }

  @Test func `keeps a UUID as it is and hashes any other text`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let uuid = "01234567-89ab-cdef-0123-456789abcdef"
    let ids = [uuid, "order 7", "order 8", "é", "e\u{301}"]
    let text = ids.map { #"{"stream":"s","type":"T","eventId":"\#($0)","data":1}"# }
    #expect(
      try await load(try scratch.file("f", text.joined(separator: "\n")), into: store)
        .summary.appended == 5)
    let found = try events(of: "s", in: store).map(\.id)
    #expect(found[0].description == uuid)
    #expect(Set(found).count == 5)
    // SHA-256 of "order 7", cut to a UUID of version 8.
    #expect(found[1].description == "0fc89f8a-e193-84b4-8deb-d6353bb9ad33")
  }

  @Test func `with another body for an id refuses the line and keeps the first`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let first = try scratch.file("a", lines(0..<3))
    let other = try scratch.file(
      "b", [line(0), line(1, data: "[]"), line(3)].joined(separator: "\n"))
    _ = try await load(first, into: store)
    let loaded = try await load(other, into: store)
    #expect(loaded.codes == ["event-id-conflict"])
    #expect(loaded.rejects[0].line == 2 && loaded.rejects[0].rejection.field == "eventId")
    #expect(loaded.rejects[0].bytes == Array(line(1, data: "[]").utf8))
    #expect((loaded.summary.appended, loaded.summary.duplicates) == (1, 1))
    #expect(
      try events(of: "orders-1", in: store).map { data($0) }
        == [0, 1, 2, 3].map { #"{"n":\#($0)}"# })
  }

  @Test(arguments: [
    #"{"stream":"s","type":"U","eventId":"1","data":1}"#,
    #"{"stream":"s","type":"T","eventId":"1","data":1.0}"#,
    #"{"stream":"s","type":"T","eventId":"1","data":1,"metadata":{}}"#,
    #"{"stream":"s","type":"T","eventId":"1","data":1,"timestamp":"2026-01-01T00:00:00Z"}"#,
  ])
  func `holds any other word of the writer for another body`(changed: String) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let original = #"{"stream":"s","type":"T","eventId":"1","data":1}"#
    let loaded = try await load(try scratch.file("f", original + "\n" + changed), into: store)
    #expect(loaded.codes == ["event-id-conflict"] && loaded.summary.appended == 1)
  }

  @Test func `may use one id in two streams`() async throws {
    let scratch = try Scratch()
    let text = [line(0, stream: "a"), line(0, stream: "b")].joined(separator: "\n")
    #expect(
      try await load(try scratch.file("f", text), into: scratch.store()).summary.appended == 2)
  }
}

@Suite struct `A load into streams that take no events` {
  @Test(arguments: [false, true])
  func `refuses what is new, line by line`(isDeleted: Bool) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    _ = try await load(
      try scratch.file("a", [line(0), line(1), line(9, stream: "other")].joined(separator: "\n")),
      into: store)
    let name = try StreamName("orders-1")
    try store.archive(name, by: .system, reason: "cold")
    if isDeleted { try store.delete(name, by: .system, reason: "over") }
    let mixed = [line(0), line(5, stream: "other"), line(2), line(1), line(9, stream: "other")]
    let loaded = try await load(try scratch.file("b", mixed.joined(separator: "\n")), into: store)
    // What the stream had is known while it is archived, and forgotten when it is deleted.
    #expect(loaded.rejects.map(\.line) == (isDeleted ? [1, 3, 4] : [3]))
    #expect(Set(loaded.codes) == [isDeleted ? "stream-deleted" : "stream-archived"])
    #expect(loaded.rejects.allSatisfy { $0.rejection.field == "stream" })
    #expect(loaded.summary.appended == 1)
    #expect(loaded.summary.duplicates == (isDeleted ? 1 : 3))
    #expect(
      loaded.rejects.map { String(decoding: $0.bytes, as: UTF8.self) }
        == loaded.rejects.map { mixed[$0.line - 1] })
  }
}

@Suite struct `Facts delivered twice in one file` {
  @Test func `are kept as two events, so that a report can count them`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    func fact(_ id: String, _ status: String) -> String {
      #"{"service":"a","status":"\#(status)","timestamp":"2026-01-01T00:00:00Z","eventId":"\#(id)"}"#
    }
    let text = [
      fact("1", "up"), fact("2", "up"), fact("1", "up"), fact("1", "down"), fact("1", "up"),
    ]
    let path = try scratch.file("f", text.joined(separator: "\n"))
    let first = try await load(path, into: store, .facts)
    #expect(first.summary.appended == 5 && first.rejects.isEmpty)
    let found = try events(of: "service-uptime-a", in: store)
    #expect(Set(found.map(\.id)).count == 5)
    #expect(found.allSatisfy { data($0).contains(#""eventId":"#) })
    #expect(try await load(path, into: store, .facts).summary.duplicates == 5)
    let grown = try scratch.file("g", (text + [fact("1", "up")]).joined(separator: "\n"))
    #expect(try await load(grown, into: store, .facts).summary.appended == 1)
  }
}
