import Analytics
import Demo
import EventStore
import Glibc
import Ingest
import Streams
import Testing

@Suite struct `A demo history in a store` {
  static let lastDay = CivilDate(utcDay: 20_400)

  @Test func `is appended once, however often it is loaded`() throws {
    let scratch = try ScratchStore()
    let history = try DemoHistory(days: 20, users: 30, endingAt: Self.lastDay)
    let first = try history.load(into: scratch.store)
    #expect(first.appended > 3000)
    #expect(first.duplicates == 0)
    #expect(try scratch.events == Int64(first.appended))
    let second = try history.load(into: scratch.store)
    #expect(second.appended == 0)
    #expect(second.duplicates == first.appended)
    #expect(try scratch.events == Int64(first.appended))
  }

  @Test func `goes on where a load was stopped`() throws {
    let scratch = try ScratchStore()
    let history = try DemoHistory(days: 12, users: 10, endingAt: Self.lastDay)
    let first = try history.load(into: scratch.store) { $0 < 5 }
    let second = try history.load(into: scratch.store)
    #expect(second.duplicates == first.appended)
    #expect(try scratch.events == Int64(first.appended + second.appended))
  }

  @Test func `is refused when the store holds the one of another day`() throws {
    let scratch = try ScratchStore()
    _ = try DemoHistory(days: 3, users: 5, endingAt: Self.lastDay).load(into: scratch.store)
    let other = try DemoHistory(days: 3, users: 5, endingAt: Self.lastDay.adding(days: 1))
    #expect(throws: DemoError.otherHistory(store: scratch.store.path)) {
      try other.load(into: scratch.store)
    }
  }

  @Test func `is what its own lines are when they are ingested`() async throws {
    let scratch = try ScratchStore()
    let history = try DemoHistory(days: 15, users: 20, endingAt: Self.lastDay)
    let loaded = try history.load(into: scratch.store)
    var lines: [UInt8] = []
    try history.forEachDayOfLines { lines += Array($0) }
    let path = scratch.folder + "/lines.ndjson"
    let file = try #require(fopen(path, "w"))
    fwrite(lines, 1, lines.count, file)
    fclose(file)
    let summary = try await Ingest(into: scratch.store, format: .events).load(
      path, reject: { #expect($0.isEmpty) }, progress: { _ in true })
    #expect(summary.duplicates == loaded.appended)
    #expect(summary.appended == 0)
  }

  @Test(arguments: ["http", "websocket", "database"])
  func `has exactly the incidents of its table`(service: String) throws {
    let scratch = try ScratchStore()
    let history = try DemoHistory(users: 0, endingAt: Self.lastDay)
    _ = try history.load(into: scratch.store)
    let figures = try figures(of: service, history, scratch.store)
    let expected = history.incidents.filter { $0.service == service }
    func milliseconds(_ status: String) -> Int64 {
      expected.filter { $0.status == status }.reduce(0) { $0 + $1.seconds * 1000 }
    }
    #expect(figures.durations.down == milliseconds("down"))
    #expect(figures.durations.degraded == milliseconds("degraded"))
    #expect(figures.durations.maintenance == milliseconds("maintenance"))
    #expect(figures.durations.unknown == milliseconds("unknown"))
    #expect(figures.durations.elapsed == 120 * 86_400_000)
    #expect(figures.warnings == UptimeWarnings())
    let outages = expected.filter { $0.status == "down" }
    #expect(figures.incidents.map(\.start) == outages.map(\.start))
    #expect(figures.incidents.map(\.end) == outages.map(\.end))
    #expect(figures.incidents.map(\.cause) == outages.map(\.cause))
  }

  private func figures(
    of service: String, _ history: DemoHistory, _ store: EventStore
  ) throws -> UptimeFigures {
    var status = StatusHistory()
    try store.read { snapshot in
      let stream = try snapshot.readableStream(try .serviceUptime(service))
      try snapshot.forEachHotEvent(of: stream.id, in: 0...stream.events) {
        status.receive($0)
        return true
      }
    }
    // Heartbeats come every half hour and up to 40 s late: an hour without one would be a gap.
    var options = UptimeOptions(start: history.start, end: history.end)
    options.staleAfterSeconds = 3600
    return status.figures(of: service, options)
  }
}
