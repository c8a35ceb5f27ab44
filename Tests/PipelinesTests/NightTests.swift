import Archive
import EventStore
import Foundation
import GRDB
import Pipelines
import Streams
import Testing

@Suite struct `A night` {
  private static let nightly = """
    name: nightly
    steps:
    - step: rollup
    - step: uptime-report
      needs: rollup
      days: 30
    - step: archive
      needs: rollup
      policies:
      - {streams: "user-*", coldAfter: 10d}
      - {streams: "service-uptime-*", keepHot: 5d, rollOffEvery: 1d}
      level: 1
    - step: verify
      needs: archive
    - step: retention
      needs: verify
      policies:
      - {streams: "user-*", retainFor: 20d}
    """

  /// Facts of all of January, and a user who was last seen on its first day.
  private func january() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 31)
    try scratch.store.append("user-7-activity", action("7", at: try time("2025-01-01T10:00:00Z")))
    return scratch
  }

  private func segments(_ store: EventStore) throws -> [CatalogEntry] {
    try store.read { try Catalog.entries($0.db) }
  }

  @Test func `rolls up, reports, archives, verifies and deletes what is due`() throws {
    let scratch = try january()
    let outcome = try scratch.run(
      Self.nightly, date: "2025-01-15", now: try time("2025-02-01T04:00:00Z"))
    #expect(!outcome.hasFailed)
    let run = try #require(outcome.runs.first)
    let head = try #require(try scratch.store.read { try Catalog.chainHead($0.db) })
    // Up to the end of the 10th: ten days of 24 facts; and the one action of the user.
    #expect(
      run.steps.map(\.detail) == [
        "745 events of 2 streams", "1 services: \(scratch.root)/reports/2025-01-15/uptime.html",
        "241 events into 1 segments, 241 rows released, chain head \(head)",
        "1 of 1 segments sound, chain head \(head)",
        "nothing is due",
      ])
    let user = try StreamName("user-7-activity")
    #expect(try scratch.store.read { try $0.readableStream(user) }.status == .archived)

    let later = try scratch.run(
      Self.nightly, date: "2025-01-25", now: try time("2025-02-01T04:00:00Z"))
    #expect(
      later.runs.first?.steps.last?.detail == "1 streams deleted, 0 segments removed, 1 rewritten")
    let record = try #require(try scratch.store.read { try $0.stream(user) })
    #expect(record.tombstone?.reason == "retention is over")
    #expect(record.tombstone?.deletedBy == .system)
  }

  @Test func `reports the same figures, before and after what it reports on was archived`() throws {
    let hot = try january()
    let cold = try january()
    for date in ["2025-01-20", "2025-01-28"] {
      try hot.run(
        Self.nightly, date: date, only: "uptime-report", now: try time("2025-02-01T04:00:00Z"))
      try cold.run(Self.nightly, date: date, now: try time("2025-02-01T04:00:00Z"))
    }
    #expect(try segments(hot.store).isEmpty)
    #expect(try segments(cold.store).filter { $0.retired == nil }.count == 2)
    for file in ["uptime.csv", "uptime-days.csv", "uptime-incidents.csv"] {
      #expect(
        try cold.report("2025-01-28", file) == hot.report("2025-01-28", file), "\(file)")
    }
  }

  @Test func `finds a damaged segment, fails for it, and deletes nothing after it`() throws {
    let scratch = try january()
    try scratch.run(Self.nightly, date: "2025-01-15", now: try time("2025-02-01T04:00:00Z"))
    let file = try #require(try segments(scratch.store).first).file
    try flip(scratch.folder.file(file))
    let outcome = try scratch.run(
      Self.nightly, date: "2025-01-25", now: try time("2025-02-01T05:00:00Z"))
    #expect(outcome.foundDamage)
    #expect(outcome.hasFailed)
    let steps = try #require(outcome.runs.first?.steps)
    #expect(steps.map(\.result) == [.done, .done, .done, .failed, .skipped])
    #expect(steps[3].detail.hasPrefix("segment-corrupt: Segment \(file) is damaged"))
    #expect(
      try scratch.store.read { try $0.streams(matching: "user-*") }.map(\.status) == [.archived])
  }

  @Test func `finds a segment damaged before its rows were released, and keeps the rows`() throws {
    let scratch = try january()
    let graceful = Self.nightly.replacing("level: 1", with: "level: 1\n  grace: 1d")
    try scratch.run(graceful, date: "2025-01-15", now: try time("2025-02-01T04:00:00Z"))
    let entry = try #require(try segments(scratch.store).first)
    #expect(entry.state == .archived)
    try flip(scratch.folder.file(entry.file))
    let outcome = try scratch.run(
      graceful, date: "2025-01-16", now: try time("2025-02-03T04:00:00Z"))
    #expect(outcome.foundDamage)
    let step = try #require(outcome.runs.first?.steps[2])
    #expect(step.result == .failed)
    #expect(step.detail.contains("Segment \(entry.file) failed its check and is quarantined."))
    #expect(try segments(scratch.store).first?.state == .quarantined)
    let report = try Doctor(store: scratch.store, folder: scratch.folder).examine(now: .now())
    #expect(report.first { $0.check == "segments" }?.grade == .damage)
    #expect(try scratch.report("2025-01-16", "uptime.csv").contains("api"))
  }

  @Test func `completes an erasure that waited for copies, and the doctor tells of it till then`()
    throws
  {
    let scratch = try january()
    let now = try time("2025-02-01T04:00:00Z")
    let doctor = Doctor(store: scratch.store, folder: scratch.folder)
    func grade() throws -> Doctor.Finding.Grade? {
      try doctor.examine(now: now).first { $0.check == "erasures" }?.grade
    }
    #expect(try grade() == nil)
    _ = try scratch.store.beginErasure(of: "7", by: .system, reason: "asked", now: now)
    #expect(try grade() == .problem)
    try scratch.store.keepErasureWaiting(of: "7", fields: [], by: .system, now: now)
    #expect(try grade() == .note)
    let outcome = try scratch.run(Self.nightly, date: "2025-01-31", now: now)
    let details = outcome.runs.flatMap(\.steps).map(\.detail)
    #expect(
      details.contains { $0.hasSuffix("1 erasures of users completed") }, "\(details)")
    #expect(try grade() == nil)
  }

  @Test func `removes the rows that a killed deletion has left, of which the doctor tells`() throws
  {
    let scratch = try january()
    let store = scratch.store
    func finding() throws -> Doctor.Finding? {
      try Doctor(store: store, folder: scratch.folder).examine(now: .now())
        .first { $0.check == "removals" }
    }
    #expect(try finding() == nil)
    let record = try #require(try store.read { try $0.streams(matching: "user-*") }.first)
    try store.write { db in
      try db.execute(
        sql: """
          UPDATE streams SET status = 'deleted', deleted_at = 0, deleted_by = 'system',
            deleted_reason = 'test' WHERE id = \(record.id);
          INSERT INTO removals VALUES (\(record.id));
          """)
    }
    #expect(try finding()?.grade == .note)
    #expect(try finding()?.says.contains(record.name.rawValue) == true)
    #expect(try store.read { try $0.hotCount(of: record.id) } > 0)
    try scratch.run(Self.nightly, date: "2025-01-15", now: try time("2025-02-01T04:00:00Z"))
    #expect(try store.read { try $0.hotCount(of: record.id) } == 0)
    #expect(try finding() == nil)
  }

  @Test func `archives and deletes nothing by a clock that is years ahead, unless it is right`()
    throws
  {
    let scratch = try january()
    try ClockCheck(scratch.store).pass(try time("2025-02-01T04:00:00Z"), evenSo: true)
    let ahead = try time("2036-02-01T04:00:00Z")
    for isClockRight in [false, true] {
      let runner = try PipelineRunner(
        root: scratch.root, store: scratch.store, Self.nightly, isClockRight: isClockRight)
      for only in ["archive", "retention"] {
        let run = try runner.run(
          date: CivilDate("2036-01-31"), only: only, now: ahead)
        let step = try #require(run.runs.first?.steps.first)
        #expect(step.result == (isClockRight ? .done : .failed))
        #expect(step.detail.hasPrefix("clock-jumped: ") != isClockRight)
      }
      #expect(try segments(scratch.store).isEmpty != isClockRight)
      let user = try scratch.store.read { try $0.stream(try StreamName("user-7-activity")) }
      #expect(user?.status == (isClockRight ? .deleted : .active))
    }
  }

  @Test func `finds a chain that does not close`() throws {
    let scratch = try january()
    for date in ["2025-01-15", "2025-01-18"] {
      try scratch.run(Self.nightly, date: date, now: try time("2025-02-01T04:00:00Z"))
    }
    try scratch.store.write { db in
      try db.execute(
        sql: "UPDATE segments SET manifest_sha256 = sha256 WHERE archive_seq = 1")
    }
    let outcome = try scratch.run(
      Self.nightly, only: "verify", now: try time("2025-02-01T04:00:00Z"))
    #expect(outcome.foundDamage)
    let detail = try #require(outcome.runs.last?.steps.first?.detail)
    #expect(detail.hasPrefix("segment-corrupt: The chain of segments does not close: "))
  }
}

/// Flips one bit in the middle of a file and leaves it read-only, as it was.
private func flip(_ path: String) throws {
  var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
  bytes[bytes.count / 2] ^= 0x10
  try FileManager.default.removeItem(atPath: path)
  try Data(bytes).write(to: URL(filePath: path))
  try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
}
