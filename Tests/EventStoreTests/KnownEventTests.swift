import EventStore
import Streams
import Testing

/// What the store knows of an event must hold when only the event itself is left, in a segment.
@Suite struct `An event whose time is that of its recording` {
  @Test(arguments: [true, false], [true, false])
  func `is known, whether its writer said when it happened or not`(
    saysTimestamp: Bool, saysRecording: Bool
  ) throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let name = try StreamName("orders-1")
    let now = Timestamp(microseconds: 1_735_689_600_000_000)
    var new = event(1)
    new.timestamp = saysTimestamp ? now : nil
    new.recordedAt = saysRecording ? now : nil
    let request = AppendRequest(name, events: [new])
    try store.append(request, now: now)
    let record = try store.read { try $0.readableStream(name) }
    var kept: RecordedEvent?
    _ = try store.read { snapshot in
      try snapshot.forEachHotEvent(of: record.id, in: 0...0) { event in
        kept = event.copy()
        return true
      }
    }
    let recorded = try #require(kept)
    #expect(recorded.timestamp == now && recorded.recordedAt == now)
    func finding(_ event: RecordedEvent) throws -> KnownEvents.Finding {
      try store.read { snapshot in
        var known = try KnownEvents(snapshot)
        return try event.withView { try known.compare($0, of: record) }
      }
    }
    #expect(try finding(recorded) == .same)
    let verdict = try store.write { db in
      var events = try ArchivedEvents(db, of: name, in: store, createdAt: now)
      return try recorded.withView { try events.add($0) }
    }
    #expect(verdict == .known)
    var changed = recorded
    changed.timestamp = now.adding(seconds: 1)
    #expect(try finding(changed) == .different)
    changed = recorded
    changed.data = Array("{ }".utf8)
    #expect(try finding(changed) == .different)
    // The writer repeats what it said.
    #expect(try store.append(request, now: now.adding(seconds: 9)).isRepeated)
  }
}
