import Archive
import EventStore
import GRDB
import Streams
import Testing

@Suite struct `A clock that jumps` {
  private static let hour = 3600 * Timestamp.microsecondsPerSecond

  /// A store that was made at the start of 2025.
  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.write { db in
      try db.execute(
        sql: "UPDATE store SET value = ? WHERE key = 'created_at'", arguments: [day(0).rfc3339])
    }
    return scratch
  }

  private func later(_ time: Timestamp, by microseconds: Int64) -> Timestamp {
    Timestamp(microseconds: time.microseconds + microseconds)
  }

  @Test func `is not believed further ahead than the gap, at first since the store was made`()
    throws
  {
    let scratch = try scratch()
    let check = ClockCheck(scratch.store)
    let tooLate = later(day(400), by: 1)
    #expect(throws: ClockError.ahead(now: tooLate, known: day(0))) { try check.pass(tooLate) }
    try check.pass(day(400))
    let again = later(day(800), by: 1)
    #expect(throws: ClockError.ahead(now: again, known: day(400))) { try check.pass(again) }
    try check.pass(day(800))
  }

  @Test func `is not believed because events were recorded by it meanwhile`() throws {
    let scratch = try scratch()
    let check = ClockCheck(scratch.store)
    try check.pass(day(1))
    try scratch.store.fill("user-1-loans", days: 1, from: 4000)
    for _ in 1...2 {
      #expect(throws: ClockError.ahead(now: day(4001), known: day(1))) {
        try check.pass(day(4001))
      }
    }
  }

  @Test func `may go back an hour behind what was seen, and no further`() throws {
    let scratch = try scratch()
    let check = ClockCheck(scratch.store)
    try check.pass(day(100))
    let justBefore = later(day(100), by: -Self.hour)
    try check.check(justBefore)
    let tooEarly = later(justBefore, by: -1)
    #expect(throws: ClockError.behind(now: tooEarly, known: day(100))) { try check.pass(tooEarly) }
  }

  @Test func `is seen by the newest event`() throws {
    let scratch = try scratch()
    try scratch.store.fill("user-1-loans", days: 1, from: 200)
    #expect {
      try ClockCheck(scratch.store).pass(day(100))
    } throws: { error in
      if case .behind(day(100), _)? = error as? ClockError { true } else { false }
    }
  }

  @Test func `is believed once somebody has looked, and from then on`() throws {
    let scratch = try scratch()
    let check = ClockCheck(scratch.store, maxGap: days(10))
    try check.pass(day(1))
    #expect(throws: ClockError.self) { try check.pass(day(500)) }
    try check.pass(day(500), evenSo: true)
    try check.pass(day(501))
    #expect(throws: ClockError.self) { try check.pass(day(2)) }
    try check.pass(day(2), evenSo: true)
    try check.pass(day(3))
  }
}
