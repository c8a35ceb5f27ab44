import EventStore
import Foundation
import GRDB
import Segments
import Streams
import Testing

@testable import Archive

/// What a forecast says and what the catalog says afterwards, in the same words.
private struct Move: Hashable, CustomStringConvertible {
  var archiveSeq: Int64
  var file: String
  var stream: String
  var revisions: ClosedRange<Int64>

  var description: String { "\(archiveSeq) \(file) \(stream) \(revisions)" }
}

@Suite struct `A forecast of an archive run` {
  static let policies = [
    ArchivePolicy(streams: "service-uptime-*", keepHot: days(100), rollOffEvery: days(1)),
    ArchivePolicy(
      streams: "user-1-*", coldAfter: days(30),
      settings: SegmentSettings(segmentBytes: 2 << 20, level: 1)),
    ArchivePolicy(streams: "user-*", coldAfter: days(30)),
    ArchivePolicy(streams: "quiet"),
  ]

  @Test(arguments: [Int64(0), days(1)])
  func `names the segments, streams and revisions that the run then makes, and no others`(
    grace: Int64
  ) throws {
    let scratch = try Scratch.withHistory()
    try scratch.store.archive(try StreamName("user-5-loans"), by: .system, reason: "test")
    let forecast = try scratch.forecast(Self.policies, grace: grace, now: day(200))
    #expect(forecast.segments.count > 3)
    let summary = try scratch.run(Self.policies, grace: grace, now: day(200))
    #expect(moves(forecast) == (try scratch.catalogMoves()))
    #expect(forecast.events == summary.events)
    #expect(forecast.segments.allSatisfy { ($0.heldBack == nil) == (grace == 0) })
    #expect(summary.released == (grace == 0 ? forecast.events : 0))
  }

  @Test func `counts what a killed run began, once, and goes on behind it`() throws {
    let scratch = try Scratch.withHistory()
    let stream = try scratch.store.record("service-uptime-api").id
    try scratch.store.write { db in
      let ranges = [JobRange(stream: stream, first: 0, last: 59, isWhole: false)]
      let name = try ArchiveJob.name(db, of: ranges, archiveSeq: 1, storeID: scratch.store.id)
      try ArchiveJob(
        archiveSeq: 1, name: name, ranges: ranges, settings: SegmentSettings(level: 1),
        startedAt: day(190)
      ).insert(db)
    }
    let forecast = try scratch.forecast(Self.policies, now: day(200))
    #expect(forecast.segments.map(\.isBegun).filter { $0 }.count == 1)
    let summary = try scratch.run(Self.policies, now: day(200))
    #expect(moves(forecast) == (try scratch.catalogMoves()))
    #expect(forecast.events == summary.events)
  }

  @Test func `says which streams wait, and for what`() throws {
    let scratch = try Scratch.withHistory()
    try scratch.store.fill("quiet", days: 1)
    try scratch.run(Self.policies, now: day(200))
    let forecast = try scratch.forecast(Self.policies, now: day(200))
    #expect(forecast.segments.isEmpty)
    #expect(
      forecast.waiting.map { "\($0.stream) \($0.policy)" } == [
        "service-uptime-api service-uptime-*", "user-1-activity user-1-*", "user-2-loans user-*",
        "user-3-loans user-*", "user-4-loans user-*", "user-5-loans user-*",
        "user-6-loans user-*", "quiet quiet",
      ])
    let young = WaitingStream.Reason.young(lastAt: day(189), coldAt: day(219))
    #expect(
      forecast.waiting.map(\.reason)
        == [.noneOld(before: day(100)), .done, .done, .done, .done, .done, young, .neverCold])
  }

  @Test func `says which rows of earlier segments go, and what holds the others`() throws {
    let scratch = try Scratch.withHistory()
    try scratch.run(Self.policies, grace: days(5), now: day(200))
    try scratch.store.placeHold(
      on: try StreamName("user-1-activity"), reason: "case 7", by: .system)
    let inGrace = try scratch.forecast(Self.policies, grace: days(5), now: day(204))
    #expect(inGrace.releases.allSatisfy { $0.heldBack == .grace(until: day(205)) })
    #expect(inGrace.freedBytes == 0)
    #expect(inGrace.laterBytes > 0)
    let after = try scratch.forecast(Self.policies, grace: days(5), now: day(205))
    let held = HeldBack.hold(try StreamName("user-1-activity"), reason: "case 7")
    #expect(after.releases.contains { $0.heldBack == held })
    let released = after.releases.filter { $0.heldBack == nil }.reduce(0) { $0 + $1.events }
    #expect(try scratch.run(Self.policies, grace: days(5), now: day(205)).released == released)
  }

  @Test func `names a reopened stream without a new event as one that only becomes read-only`()
    throws
  {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 5)
    let policy = ArchivePolicy(streams: "user-*", coldAfter: days(30))
    try scratch.run([policy], now: day(60))
    try scratch.store.reopen(name, by: .system, reason: "test")
    let forecast = try scratch.forecast([policy], now: day(60))
    #expect(forecast.closing == [name])
    #expect(forecast.segments.isEmpty)
    #expect(try scratch.run([policy], now: day(60)).segments.isEmpty)
    #expect(try scratch.store.record("user-1-loans").status == .archived)
    #expect(try scratch.store.audited("StreamArchived").count == 2)
  }

  /// Sizes around what fits a page, and around what overflows it.
  @Test(arguments: [100, 1_100, 3_900, 4_200, 8_000, 8_200, 20_000, 160_000])
  func `estimates the space that the file then gives back`(bytes: Int) throws {
    let scratch = try Scratch()
    let count = Int64(max(40, 4_000_000 / bytes))
    try scratch.store.fill("big", days: count, bytes: bytes)
    let policy = ArchivePolicy(streams: "big", coldAfter: 0)
    let now = day(count + 10)
    let forecast = try scratch.forecast([policy], now: now)
    let before = try scratch.pages()
    try scratch.run([policy], now: now)
    let freed = Double((before - (try scratch.pages())) * 8192)
    let ratio = Double(forecast.freedBytes) / freed
    #expect(ratio > 0.85 && ratio < 1.15, "\(forecast.freedBytes) of \(freed)")
  }

  private func moves(_ forecast: ArchiveForecast) -> Set<Move> {
    Set(
      forecast.segments.flatMap { segment in
        segment.parts.map {
          Move(
            archiveSeq: segment.archiveSeq, file: segment.file, stream: $0.stream.rawValue,
            revisions: $0.first.rawValue...$0.last.rawValue)
        }
      })
  }
}

extension Scratch {
  fileprivate func forecast(
    _ policies: [ArchivePolicy], grace: Int64 = 0, now: Timestamp
  ) throws -> ArchiveForecast {
    let planner = Planner(policies: policies, now: now)
    return try Archiver(store, folder, now: now).forecast(
      grace: grace, plan: { try planner.plan($0) })
  }

  @discardableResult
  fileprivate func run(
    _ policies: [ArchivePolicy], grace: Int64 = 0, now: Timestamp
  ) throws -> Archiver.Summary {
    let planner = Planner(policies: policies, now: now)
    return try Archiver(store, folder, now: now).run(
      grace: grace, plan: { try planner.plan($0) })
  }

  fileprivate func catalogMoves() throws -> Set<Move> {
    try store.read { snapshot in
      var moves: Set<Move> = []
      for entry in try Catalog.entries(snapshot.db) {
        for range in try Catalog.ranges(snapshot.db, in: entry.archiveSeq) {
          moves.insert(
            Move(
              archiveSeq: entry.archiveSeq, file: entry.file,
              stream: try snapshot.stream(numbered: range.stream).name.rawValue,
              revisions: range.first...range.last))
        }
      }
      return moves
    }
  }

  fileprivate func pages() throws -> Int64 {
    try store.read { try Int64.fetchOne($0.db, sql: "PRAGMA page_count") ?? 0 }
  }
}
