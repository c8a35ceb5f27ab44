import Archive
import EventStore
import Segments
import Streams
import Testing

@Suite struct `An archive run under a clock that jumps` {
  private let cold = ArchivePolicy(streams: "user-*", coldAfter: days(30))

  private func run(
    _ scratch: borrowing Scratch, at now: Timestamp, grace: Int64 = 0
  ) throws -> Archiver.Summary {
    try Archiver(scratch.store, scratch.folder, now: now).run([cold], grace: grace)
  }

  @Test func `back between two runs releases nothing early, and breaks no chain`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 5)
    try scratch.store.fill("user-2-loans", days: 50)
    let before = try digests(scratch.store, scratch.folder)
    #expect(try run(scratch, at: day(60), grace: days(3)).events == 5)
    // The grace period began on a day that has not come yet.
    #expect(try run(scratch, at: day(20), grace: days(3)) == Archiver.Summary())
    #expect(try scratch.store.record("user-1-loans").prunedTo == -1)
    // It goes on from there, and the next segment is older than the one before it.
    #expect(try run(scratch, at: day(62), grace: days(3)) == Archiver.Summary())
    try scratch.store.fill("user-3-loans", days: 5)
    #expect(try run(scratch, at: day(45), grace: days(3)).events == 5)
    #expect(try run(scratch, at: day(63), grace: days(3)).released == 10)
    var now = try digests(scratch.store, scratch.folder)
    now["user-3-loans"] = nil
    #expect(now == before)
    try expectSettled(scratch.store, scratch.folder)
  }

  @Test func `far ahead and back keeps every event, and goes on`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 5)
    let before = try digests(scratch.store, scratch.folder)
    #expect(try run(scratch, at: day(60_000), grace: days(1)).events == 5)
    #expect(try run(scratch, at: day(60), grace: days(1)) == Archiver.Summary())
    #expect(try digests(scratch.store, scratch.folder) == before)
    try expectSettled(scratch.store, scratch.folder)
    // Verified now, whatever the clock said then.
    #expect(try scratch.store.entries().map(\.verifiedAt) == [day(200)])
  }
}
