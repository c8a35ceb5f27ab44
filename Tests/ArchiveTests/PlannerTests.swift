import EventStore
import Streams
import Testing

@testable import Archive

@Suite struct `A plan` {
  @Test(arguments: [(Int64(0), true), (-1, false), (1, true)])
  func `takes a stream as a whole from the instant on that it is cold`(
    microseconds: Int64, isTaken: Bool
  ) throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 10)
    let now = Timestamp(microseconds: day(9 + 30).microseconds + microseconds)
    let plan = try scratch.store.plan(
      [ArchivePolicy(streams: "user-*", coldAfter: days(30))], now: now)
    #expect(plan.items.map(\.last) == (isTaken ? [Revision(9)] : []))
    #expect(plan.items.allSatisfy { $0.isWhole && $0.first == Revision(0) })
  }

  @Test func `measures the cold by the latest event, not by the last appended`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 1, from: 50)
    try scratch.store.append(AppendRequest(name, events: [event(1, at: day(1))]))
    let policy = ArchivePolicy(streams: "*", coldAfter: days(30))
    #expect(try scratch.store.plan([policy], now: day(79)).items.isEmpty)
    #expect(try scratch.store.plan([policy], now: day(80)).events == 2)
  }

  // 2025-01-01 is day 20,089 since 1970, and 20,089 = 717 × 28 + 13: multiples of 28 days fall on
  // day 15, 43, 71, 99 … of 2025.
  @Test(arguments: [
    (now: Int64(100), last: Int64?(70)), (108, 70), (109, 98), (80, 42), (53, 42), (52, 14),
    (24, nil),
  ])
  func `rolls off whole multiples of its length, counted from 1970`(
    now: Int64, last: Int64?
  ) throws {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: 110)
    let policy = ArchivePolicy(streams: "service-uptime-*", keepHot: days(10))
    let plan = try scratch.store.plan([policy], now: day(now))
    #expect(plan.items.map(\.last.rawValue) == (last.map { [$0] } ?? []))
    #expect(plan.items.allSatisfy { !$0.isWhole })
  }

  @Test(arguments: [1, 2, 5])
  func `leaves at least one event hot when a stream stays active`(count: Int64) throws {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: count)
    let policy = ArchivePolicy(streams: "*", keepHot: 0, rollOffEvery: days(1))
    let plan = try scratch.store.plan([policy], now: day(1000))
    #expect(plan.items.map(\.last.rawValue) == (count == 1 ? [] : [count - 2]))
  }

  @Test func `rolls off nothing behind an event that is too young`() throws {
    let scratch = try Scratch()
    let name = try StreamName("service-uptime-api")
    let times: [Int64] = [0, 1, 90, 2, 3]
    try scratch.store.append(
      AppendRequest(name, events: times.enumerated().map { event(Int64($0), at: day($1)) }))
    let policy = ArchivePolicy(streams: "*", keepHot: days(20), rollOffEvery: days(1))
    #expect(try scratch.store.plan([policy], now: day(100)).items.map(\.last) == [Revision(1)])
  }

  @Test func `goes by the first policy that matches, even where that one finds nothing`() throws {
    let scratch = try Scratch()
    for name in ["user-1-loans", "user-2-loans", "zoo"] {
      try scratch.store.fill(name, days: 10)
    }
    let plan = try scratch.store.plan(
      [
        ArchivePolicy(streams: "user-1-*"),
        ArchivePolicy(streams: "user-*", coldAfter: days(5)),
        ArchivePolicy(streams: "*", coldAfter: days(1)),
      ], now: day(12))
    #expect(plan.items.map(\.stream.rawValue) == ["zoo"])
  }

  @Test func `never takes a stream of the store itself as a whole, but rolls it off`() throws {
    let scratch = try Scratch()
    for number in 0..<3 { try scratch.store.fill("s\(number)", days: 1) }
    let policies = [ArchivePolicy(streams: "$*", coldAfter: 0, keepHot: 0, rollOffEvery: days(1))]
    let plan = try scratch.store.plan(policies, now: day(100))
    #expect(plan.items.map(\.stream.rawValue) == ["$audit"])
    #expect(plan.items.map(\.isWhole) == [false])
    #expect(plan.items.map(\.last) == [Revision(1)])
  }

  @Test func `takes a stream on legal hold, which forbids deleting and not moving`() throws {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-1-loans", days: 10)
    try scratch.store.placeHold(on: name, reason: "case 7", by: .system)
    let policy = ArchivePolicy(streams: "*", coldAfter: days(30))
    #expect(
      try scratch.store.plan([policy], now: day(100)).items.map(\.stream.rawValue)
        == ["user-1-loans"])
  }

  @Test func `leaves out what is deleted, and takes up an archived stream with rows in no segment`()
    throws
  {
    let scratch = try Scratch()
    let archived = try scratch.store.fill("user-1-loans", days: 10)
    let deleted = try scratch.store.fill("user-2-loans", days: 10)
    for name in [archived, deleted] {
      try scratch.store.archive(name, by: .system, reason: "test")
    }
    try scratch.store.delete(deleted, by: .system, reason: "test")
    let policy = ArchivePolicy(streams: "user-*", coldAfter: 0, keepHot: 0, rollOffEvery: days(1))
    #expect(
      try scratch.store.plan([policy], now: day(100)).items.map(\.stream.rawValue)
        == ["user-1-loans"])
  }

  @Test func `of an empty store is empty`() throws {
    let scratch = try Scratch()
    let policy = ArchivePolicy(streams: "*", coldAfter: 0, keepHot: 0)
    #expect(try scratch.store.plan([policy], now: day(100)).segments.isEmpty)
    #expect(try Archiver(scratch.store, scratch.folder, now: day(100)).run([policy]).events == 0)
  }

  @Test func `of a stream with one event takes just that`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 1)
    let plan = try scratch.store.plan([ArchivePolicy(streams: "*", coldAfter: 0)], now: day(9))
    #expect(plan.items.map(\.first) == [Revision(0)])
    #expect(plan.items.map(\.last) == [Revision(0)])
  }

  @Test func `starts behind what is in a segment, released or not`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: 60)
    let policy = ArchivePolicy(streams: "*", keepHot: days(10), rollOffEvery: days(1))
    let archiver = Archiver(scratch.store, scratch.folder, now: day(40))
    try archiver.run([policy], grace: days(1))
    #expect(try scratch.store.plan([policy], now: day(40)).items.isEmpty)
    let later = try scratch.store.plan([policy], now: day(50))
    #expect(later.items.map(\.first) == [Revision(30)])
    #expect(later.items.map(\.last) == [Revision(39)])
  }

  @Test func `of one stream takes what of it is in no segment`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("service-uptime-api", days: 60)
    let policy = ArchivePolicy(streams: "*", keepHot: days(10), rollOffEvery: days(1))
    try Archiver(scratch.store, scratch.folder, now: day(40)).run([policy])
    let plan = try scratch.store.read { snapshot in
      try Planner.plan(
        wholeStream: try snapshot.readableStream(try StreamName("service-uptime-api")),
        reason: "asked for", snapshot)
    }
    #expect(plan.items.map(\.first) == [Revision(30)])
    #expect(plan.items.map(\.last) == [Revision(59)])
    #expect(plan.items.map(\.isWhole) == [true])
  }
}

@Suite struct `The segments of a plan` {
  private let mebibyte: Int64 = 1 << 20

  private func item(_ number: Int64, events: Int64, bytes: Int64) throws -> ArchivePlan.Item {
    ArchivePlan.Item(
      stream: try StreamName("s\(number)"), streamID: number, first: Revision(100),
      last: Revision(99 + events), isWhole: true, rawBytes: bytes, reason: .unfinished)
  }

  private func plan(
    _ items: [ArchivePlan.Item], _ settings: SegmentSettings = SegmentSettings()
  ) -> ArchivePlan {
    var plan = ArchivePlan()
    plan.add(items, settings)
    return plan
  }

  static let sizes: [(segmentBytes: Int64, sizes: [Int64], streams: [[Int64]])] = [
    (65_536, [50_000, 20_000, 70_000, 30_000], [[0], [2], [2], [1, 3]]),
    (65_536, [65_535, 1, 1], [[0, 1], [2]]),
    (65_536, [65_536], [[0]]),
    (8_388_608, [9_437_184, 200_000], [[0], [0], [1]]),
  ]

  @Test(arguments: sizes)
  func `are as large as the policy says`(
    segmentBytes: Int64, sizes: [Int64], streams: [[Int64]]
  ) throws {
    let items = try sizes.enumerated().map { try item(Int64($0), events: 10, bytes: $1) }
    let plan = plan(items, SegmentSettings(segmentBytes: segmentBytes))
    #expect(plan.segments.map { $0.items.map(\.streamID) } == streams)
  }

  @Test func `are shared by policies whose settings are equal, and by no others`() throws {
    let scratch = try Scratch()
    for name in ["a", "b", "c", "d", "e"] { try scratch.store.fill(name, days: 5) }
    let signed = SegmentSettings(level: 3, isSigned: true)
    let plan = try scratch.store.plan(
      [
        ArchivePolicy(streams: "[ad]", coldAfter: 0),
        ArchivePolicy(streams: "b", coldAfter: 0, settings: signed),
        ArchivePolicy(streams: "e", coldAfter: 0, settings: SegmentSettings(target: "s3://x/y")),
        ArchivePolicy(streams: "*", coldAfter: 0),
      ], now: day(100))
    #expect(
      plan.segments.map { $0.items.map(\.stream.rawValue) } == [["a", "d", "c"], ["b"], ["e"]])
    #expect(
      plan.segments.map(\.settings) == [
        SegmentSettings(), signed, SegmentSettings(target: "s3://x/y"),
      ])
  }

  @Test func `hold small streams together and a large one alone`() throws {
    let sizes: [Int64] = [10, 262_143, 262_144, 20, 5_000_000]
    let items = try sizes.enumerated().map { try item(Int64($0), events: 10, bytes: $1) }
    let plan = plan(items)
    #expect(plan.segments.map { $0.items.map(\.streamID) } == [[2], [4], [0, 1, 3]])
  }

  @Test func `hold at most 1,024 streams each`() throws {
    let plan = plan(try (0..<2050).map { try item($0, events: 1, bytes: 10) })
    #expect(plan.segments.map(\.items.count) == [1024, 1024, 2])
    #expect(plan.items.map(\.streamID) == Array(0..<2050))
  }

  @Test(arguments: [
    (Int64(255), Int64(1000), 1), (256, 1000, 1), (257, 1000, 2), (700, 1000, 3), (2560, 7, 7),
    (600, 1, 1),
  ])
  func `are cut at 256 MiB, without a gap, and only the last makes the stream read-only`(
    mebibytes: Int64, events: Int64, pieces: Int
  ) throws {
    let plan = plan([try item(1, events: events, bytes: mebibytes * mebibyte)])
    #expect(plan.segments.count == pieces)
    #expect(plan.items.map(\.isWhole) == Array(repeating: false, count: pieces - 1) + [true])
    var next: Int64 = 100
    for item in plan.items {
      #expect(item.first.rawValue == next)
      #expect(item.last >= item.first)
      next = item.last.rawValue + 1
    }
    #expect(next == 100 + events)
    #expect(plan.events == events)
  }
}
