import Demo
import EventStore
import Ingest
import Streams
import Testing

@Suite struct `Generated volumes` {
  static let start = Timestamp(microseconds: 1_750_000_000_000_000)

  @Test func `of status changes are events of the size asked for`() throws {
    let events = try UptimeEvents(count: 6000, streams: 3, start: Self.start)
    for index in stride(from: 0, to: 6000, by: 7) {
      let event = events.event(index).event
      #expect(abs(event.data.count + event.metadata.count - 1024) < 120)
      #expect(event.data.withUnsafeBytes { JSONValidator().problem(in: $0) } == nil)
    }
  }

  @Test func `of user documents are events of 5 to 50 kilobytes`() throws {
    let events = try UserEvents(count: 200, start: Self.start)
    for index in 0..<200 {
      let event = events.event(index).event
      #expect((4_900...51_000).contains(event.data.count))
      #expect(event.data.withUnsafeBytes { JSONValidator().problem(in: $0) } == nil)
    }
  }

  @Test func `do not depend on the order in which they are asked for`() throws {
    let events = try UptimeEvents(count: 100, start: Self.start)
    let forward = (0..<100).map { events.event($0).event.data }
    let backward = (0..<100).reversed().map { events.event($0).event.data }
    #expect(forward == backward.reversed())
  }

  @Test func `are ingested without a rejected line`() async throws {
    let scratch = try ScratchStore()
    let path = scratch.folder + "/lines.ndjson"
    for (number, events) in [
      try UptimeEvents(count: 3000, streams: 2, start: Self.start) as any GeneratedEvents,
      try UserEvents(count: 150, start: Self.start),
    ].enumerated() {
      let size = try events.writeLines(to: path)
      let summary = try await Ingest(into: scratch.store, format: .events).load(
        path, reject: { #expect($0.isEmpty) }, progress: { _ in true })
      #expect(summary.appended == [3000, 150][number])
      #expect(summary.totalBytes == size)
    }
  }

  @Test func `can't be written where there is no folder`() throws {
    let events = try UptimeEvents(count: 1, start: Self.start)
    #expect(throws: DemoError.self) { try events.writeLines(to: "/nonexistent/lines") }
  }
}
