import Archive
import EventStore
import Foundation
import GRDB
import Segments
import Streams
import Synchronization
import Testing

@Suite struct `A check against the store` {
  private let rolling = ArchivePolicy(
    streams: "service-uptime-*", keepHot: days(10), rollOffEvery: days(1),
    settings: SegmentSettings(level: 1))

  /// Revisions 0…19 and 20…39 in a segment each; the rows of the first are gone.
  private func archived() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: 41)
    try Archiver(scratch.store, scratch.folder, now: day(30)).run([rolling])
    try Archiver(scratch.store, scratch.folder, now: day(50)).run([rolling], grace: days(1))
    try #require(try scratch.store.record("service-uptime-api").prunedTo == 19)
    return scratch
  }

  private func check(_ scratch: borrowing Scratch, _ sql: String? = nil) throws
    -> SegmentCheck.Report
  {
    if let sql { try scratch.store.write { try $0.execute(sql: sql) } }
    var check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    check.isAgainstStore = true
    return try check.run(level: .full, now: day(100))
  }

  private func says(_ report: SegmentCheck.Report) -> [String] {
    report.damaged.flatMap(\.differences).map(\.description) + report.missing.map(\.description)
  }

  @Test func `finds hot rows, released ones and the catalog to agree`() throws {
    let scratch = try archived()
    let report = try check(scratch)
    #expect(report.isSound)
    #expect(report.checked.count == 2)
    #expect(try scratch.store.entries().allSatisfy { $0.verifiedAt == day(100) })
  }

  /// Nothing of the segments is damaged: the store is what does not fit.
  @Test(arguments: [
    (
      "UPDATE events SET data = CAST('{}' AS BLOB) WHERE position = 30",
      ["service-uptime-api revision 30 differs from its row"]
    ),
    (
      "DELETE FROM events WHERE position = 30",
      ["service-uptime-api revision 30 differs from its row"]
    ),
    (
      "UPDATE event_ids SET fingerprint = fingerprint + 1 WHERE revision = 7",
      ["service-uptime-api revision 7 is not what was appended"]
    ),
    (
      "DELETE FROM event_ids WHERE revision = 7 AND stream = 1",
      [
        "service-uptime-api revision 7 has an id that was never appended",
        "service-uptime-api has 41 events, of which 40 are known by their ids",
      ]
    ),
    (
      "UPDATE event_ids SET revision = 8 WHERE revision = 7 AND stream = 1",
      ["service-uptime-api revision 7 was appended as revision 8"]
    ),
    (
      "UPDATE segment_chunks SET offset = offset + 1 WHERE archive_seq = 1",
      ["the catalog has other chunks"]
    ),
    (
      "DELETE FROM segment_ranges WHERE archive_seq = 1",
      [
        "the catalog has other streams or ranges",
        "service-uptime-api revisions 0 to 19 are in no segment",
      ]
    ),
    (
      "UPDATE streams SET events = 42 WHERE id = 1",
      ["service-uptime-api has 42 events, of which 41 are known by their ids"]
    ),
  ])
  func `says what they do not agree on`(sql: String, expected: [String]) throws {
    let scratch = try archived()
    let report = try check(scratch, sql)
    #expect(says(report) == expected)
    #expect(!report.isSound)
    #expect(report.damaged.allSatisfy { $0.damage.isEmpty })
  }

  @Test func `still says it of the sound chunks of a damaged segment`() throws {
    let scratch = try archived()
    let file = try scratch.store.entries()[0].file
    try flip(scratch.folder.file(file)) { _ in 60 }
    let report = try check(
      scratch, "UPDATE event_ids SET fingerprint = fingerprint + 1 WHERE revision = 7")
    let damaged = try #require(report.damaged.first)
    #expect(!damaged.damage.isEmpty)
    #expect(damaged.differences.map(\.says) == ["is not what was appended"])
  }

  @Test func `leaves a deleted stream's events to the manifest`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 5)
    let policy = ArchivePolicy(
      streams: "user-*", coldAfter: 0, settings: SegmentSettings(level: 1))
    try Archiver(scratch.store, scratch.folder, now: day(50)).run([policy])
    try scratch.store.delete(name, by: .system, reason: "test")
    #expect(try check(scratch).isSound)
  }
}

@Suite struct `A sample of the segments` {
  private func archived() throws -> Scratch {
    let scratch = try Scratch()
    for number in 0..<10 {
      try scratch.store.fill("s-\(number)", days: 3)
      try Archiver(scratch.store, scratch.folder, now: day(50)).run([
        ArchivePolicy(streams: "s-\(number)", coldAfter: 0, settings: SegmentSettings(level: 1))
      ])
    }
    return scratch
  }

  private func check(_ scratch: borrowing Scratch, _ percent: Int, seed: UInt64) throws -> [Int64] {
    var check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    check.sample = SegmentSample(percent: percent, seed: seed)
    let report = try check.run(level: .index, now: day(100))
    #expect(report.total == 10)
    return report.checked.map(\.archiveSeq)
  }

  @Test func `is the share asked for, the same for the same seed, and another for another`() throws
  {
    let scratch = try archived()
    for (percent, count) in [(1, 1), (10, 1), (25, 3), (30, 3), (100, 10)] {
      #expect(try check(scratch, percent, seed: 7).count == count)
    }
    #expect(try check(scratch, 30, seed: 7) == check(scratch, 30, seed: 7))
    let chosen = Set(try (0..<40).flatMap { try check(scratch, 30, seed: $0) })
    #expect(chosen == Set(1...10))
  }

  @Test func `or a check that was interrupted goes on with what was not verified since`() throws {
    let scratch = try archived()
    var check = SegmentCheck(store: scratch.store, folder: scratch.folder)
    check.notVerifiedSince = day(90)
    let done = Mutex(0)
    let stop = StopRequest { done.withLock { $0 >= 3 } }
    let first = try check.run(level: .full, now: day(100), stop: stop) { _, _ in
      done.withLock { $0 += 1 }
    }
    #expect((3..<10).contains(first.checked.count))
    #expect(first.notReached == 10 - first.checked.count)
    let rest = try check.run(level: .full, now: day(101))
    let all = (first.checked + rest.checked).map(\.archiveSeq)
    #expect(all.sorted() == Array(1...10))
    #expect(try check.run(level: .full, now: day(102)).checked.isEmpty)
  }
}
