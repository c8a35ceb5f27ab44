import Archive
import EventStore
import Segments
import Streams
import Testing

@Suite struct `The retention of a stream` {
  private func due(
    _ store: EventStore, _ policies: [ArchivePolicy], at now: Timestamp
  ) throws -> [String] {
    let retention = Retention(policies: policies, now: now)
    return try store.read { try retention.due($0) }.map(\.rawValue)
  }

  @Test func `is over for an archived stream, to the microsecond after its last event`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 10)
    try scratch.store.archive(name, by: .system, reason: "test")
    let policy = ArchivePolicy(streams: "user-*", retainFor: days(100))
    let end = day(9 + 100)
    let justBefore = Timestamp(microseconds: end.microseconds - 1)
    #expect(try due(scratch.store, [policy], at: justBefore) == [])
    #expect(try due(scratch.store, [policy], at: end) == ["user-1-loans"])
  }

  @Test func `is never over for a stream that is active, on hold, or without a policy`() throws {
    let scratch = try Scratch()
    for name in ["user-1-loans", "user-2-loans", "user-3-loans", "user-4-loans"] {
      try scratch.store.fill(name, days: 1)
    }
    for number in 2...4 {
      let name = try StreamName("user-\(number)-loans")
      try scratch.store.archive(name, by: .system, reason: "test")
    }
    try scratch.store.placeHold(on: try StreamName("user-2-loans"), reason: "case 7", by: .system)
    let policies = [
      ArchivePolicy(streams: "user-3-*"), ArchivePolicy(streams: "*", retainFor: days(1)),
    ]
    #expect(try due(scratch.store, policies, at: day(1000)) == ["user-4-loans"])
  }

  @Test func `that is over leaves a tombstone, and its segment in its place`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 10)
    let archiver = Archiver(scratch.store, scratch.folder, now: day(60))
    try archiver.run([ArchivePolicy(streams: "user-*", coldAfter: days(30))])
    try scratch.store.delete(name, by: .system, reason: "retention is over", now: day(500))
    #expect(throws: StoreError.self) { try scratch.store.record("user-1-loans") }
    #expect(
      try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(500)).isSound)
    let policy = ArchivePolicy(streams: "*", retainFor: days(1))
    #expect(try due(scratch.store, [policy], at: day(1000)) == [])
  }
}
