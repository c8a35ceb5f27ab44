import Archive
import EventStore
import Foundation
import GRDB
import Glibc
import History
import Sealing
import Segments
import Streams
import Testing

/// An event of a scan, and its stream.
private struct Met: Hashable, CustomStringConvertible {
  var stream: StreamName
  var seen: Seen

  init(_ stream: StreamName, _ event: EventView) {
    self.stream = stream
    seen = Seen(event)
  }

  var description: String { "\(stream) \(seen)" }
}

extension History {
  fileprivate func scan(
    at positions: ClosedRange<Int64> = 0...Int64.max,
    _ selection: ScanSelection = ScanSelection(matching: "*"), backward: Bool = false,
    limit: Int = .max
  ) throws -> [Met] {
    var met: [Met] = []
    guard limit > 0 else { return [] }
    try forEachEvent(at: positions, selection, backward: backward) { stream, event in
      met.append(Met(stream, event))
      return met.count < limit
    }
    return met
  }
}

/// A store whose streams are archived, released, restored and deleted at random, beside an array of
/// all that was appended to it, in order.
private struct MixedLife: ~Copyable {
  let scratch: Scratch
  var random: SplitMix
  private(set) var model: [Met] = []
  private var number: Int64 = 0
  private let names = (0..<9).map { $0 < 6 ? "small-\($0)" : "large-\($0)" }

  init(seed: UInt64, in scratch: consuming Scratch) {
    random = SplitMix(seed: seed)
    self.scratch = scratch
  }

  mutating func step() throws {
    let name = try StreamName(names[Int.random(in: 0..<names.count, using: &random)])
    guard try scratch.store.read({ try $0.stream(name) })?.tombstone == nil else { return }
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<11: try append(to: name)
    case 11..<16: try rollOff(name)
    case 16: try scratch.archiveWhole(at: number, name)
    case 17: try restore(name)
    case 18: try delete(name)
    default: try release()
    }
  }

  mutating func append(to name: StreamName) throws {
    if try scratch.store.read({ try $0.stream(name) })?.status == .archived {
      try scratch.store.reopen(name, by: .system, reason: "test")
    }
    let count = Int64.random(in: 1...6, using: &random)
    let bytes = name.rawValue.hasPrefix("large") ? 300_000 : 60
    let events = (number..<(number + count)).map { event($0, at: second($0), bytes: bytes) }
    number += count
    let position = try scratch.store.read { try $0.nextPosition.rawValue }
    let result = try scratch.store.append(AppendRequest(name, events: events))
    model += events.enumerated().map { offset, event in
      RecordedEvent(
        revision: Revision(result.first.rawValue + Int64(offset)),
        position: Position(position + Int64(offset)), id: event.id, type: event.type,
        timestamp: event.timestamp ?? second(0), recordedAt: event.recordedAt ?? second(0),
        metadata: event.metadata, data: event.data
      ).withView { Met(name, $0) }
    }
  }

  mutating func rollOff(_ name: StreamName) throws {
    try scratch.rollOff(name, beforeOneOf: number, using: &random)
  }

  private mutating func restore(_ name: StreamName) throws {
    guard try scratch.store.read({ try $0.stream(name) }) != nil else { return }
    _ = try HotRestorer(store: scratch.store, folder: scratch.folder, now: second(number)).restore(
      name, until: second(number + 1), by: .system, reason: "test")
  }

  private mutating func delete(_ name: StreamName) throws {
    guard try scratch.store.read({ try $0.stream(name) })?.status == .archived else { return }
    try scratch.store.delete(name, by: .system, reason: "test", now: second(number + 100))
    model.removeAll { $0.stream == name }
  }

  func release() throws {
    _ = try scratch.archiver(at: second(number + 10_000)).run(
      grace: 0, plan: { try Planner(policies: [], now: second(0)).plan($0) })
  }

  mutating func compare() throws {
    let history = scratch.history
    let last = try scratch.store.read { try $0.nextPosition.rawValue }
    #expect(try history.scan() == model)
    #expect(try history.scan(backward: true) == model.reversed())
    for _ in 0..<3 {
      let first = Int64.random(in: 0...last, using: &random)
      let end = Int64.random(in: first...(last + 3), using: &random)
      let limit = Int.random(in: 1...20, using: &random)
      let part = model.filter { (first...end).contains($0.seen.position.rawValue) }
      #expect(try history.scan(at: first...end) == part)
      #expect(try history.scan(at: first...end, backward: true) == part.reversed())
      #expect(
        try history.scan(at: first...Int64.max, limit: limit)
          == Array(model.filter { $0.seen.position.rawValue >= first }.prefix(limit)))
      #expect(
        try history.scan(at: 0...first, backward: true, limit: limit)
          == Array(model.filter { $0.seen.position.rawValue <= first }.reversed().prefix(limit)))
    }
    let filtered = ScanSelection(matching: "small-[0-3]", events: { $0.type == "Type1" })
    let some = model.filter {
      $0.seen.type == "Type1" && ("small-0"..."small-3").contains($0.stream.rawValue)
    }
    #expect(try history.scan(filtered) == some)
    #expect(try history.scan(filtered, backward: true) == some.reversed())
  }
}

@Suite struct `A scan of all streams by position` {
  @Test(arguments: UInt64(1)...8)
  func `is as if nothing had ever been archived`(seed: UInt64) throws {
    var life = MixedLife(seed: seed, in: try Scratch())
    for _ in 0..<8 {
      for _ in 0..<8 { try life.step() }
      try life.compare()
    }
    try life.release()
    try life.compare()
  }

  @Test(arguments: UInt64(1)...6)
  func `goes on rightly while events are released, restored and deleted`(seed: UInt64) throws {
    var life = MixedLife(seed: seed, in: try Scratch())
    for _ in 0..<50 { try life.step() }
    let before = life.model
    let history = History(
      store: try EventStore(path: life.scratch.store.path), folder: life.scratch.folder)
    for backward in [false, true] {
      var met: [Met] = []
      var deleted: Set<StreamName> = []
      let expected = life.model
      try history.forEachEvent(ScanSelection(matching: "*"), backward: backward) { stream, event in
        met.append(Met(stream, event))
        if met.count % 7 == 0 {
          try life.step()
          let living = Set(life.model.map(\.stream))
          deleted = Set(expected.map(\.stream)).subtracting(living)
        }
        return true
      }
      let inOrder = backward ? expected.reversed() : expected
      let firstNew = expected.last?.seen.position
      #expect(
        met.filter { !deleted.contains($0.stream) && $0.seen.position <= firstNew ?? Position(0) }
          == inOrder.filter { !deleted.contains($0.stream) })
      #expect(Set(met).count == met.count)
    }
    #expect(!before.isEmpty)
  }

  @Test func `gives the store's own streams too, when no pattern is given`() throws {
    var life = MixedLife(seed: 11, in: try Scratch())
    for _ in 0..<40 { try life.step() }
    let all = try life.scratch.history.scan(ScanSelection())
    #expect(all.filter { !$0.stream.isReserved } == life.model)
    #expect(all.map(\.seen.position) == all.map(\.seen.position).sorted())
    let audit = try life.scratch.history.scan(ScanSelection(matching: "$audit"))
    #expect(audit == all.filter(\.stream.isReserved))
    #expect(!audit.isEmpty)
  }

  @Test func `leaves out what is archived only when it is asked to`() throws {
    let scratch = try Scratch.withSegments()
    try FileManager.default.removeItem(atPath: scratch.folder.path)
    let hot = try scratch.history.scan(ScanSelection(matching: "*", isHotOnly: true))
    #expect(hot.map(\.seen.revision.rawValue) == [60])
  }

  @Test func `hands out what comes before a damaged chunk, and then names it`() throws {
    let scratch = try Scratch.withSegments()
    let entry = try #require(
      try scratch.store.read { try Catalog.entries($0.db) }.dropFirst().first)
    try FileManager.default.removeItem(atPath: scratch.folder.file(entry.file))
    var revisions: [Int64] = []
    let error = #expect(throws: HistoryError.self) {
      try scratch.history.forEachEvent(ScanSelection(matching: "*")) { _, event in
        revisions.append(event.revision.rawValue)
        return true
      }
    }
    #expect(revisions == Array(0..<20))
    #expect(error?.revisions.lowerBound == 20)
    #expect(error?.segment == entry.file)
    var newest: [Int64] = []
    #expect(throws: HistoryError.self) {
      try scratch.history.forEachEvent(ScanSelection(matching: "*"), backward: true) { _, event in
        newest.append(event.revision.rawValue)
        return true
      }
    }
    #expect(newest == Array((40...60).reversed()))
    // What is behind the damage is not kept back by it.
    let after = try scratch.store.read { snapshot in
      try Int64.fetchOne(
        snapshot.db, sql: "SELECT first_position FROM segment_ranges WHERE first = 40")
    }
    #expect(try scratch.history.scan(at: try #require(after)...Int64.max).count == 21)
  }

  @Test func `refuses to begin where released events are in no segment`() throws {
    let scratch = try Scratch.withSegments()
    try scratch.store.write { try $0.execute(sql: "DELETE FROM segment_ranges WHERE first = 20") }
    let error = #expect(throws: HistoryError.self) { try scratch.history.scan() }
    #expect(error?.revisions == 20...39)
  }

  @Test func `gives what was erased its place`() throws {
    let scratch = try Scratch()
    _ = try scratch.store.seal("user-*", reason: "privacy", by: .system)
    let (user, other) = (try StreamName("user-1-loans"), try StreamName("other"))
    for number in Int64(0)..<12 {
      try scratch.store.append(
        AppendRequest(number % 2 == 0 ? user : other, events: [event(number, at: second(number))]))
    }
    let before = try scratch.history.scan()
    try scratch.rollOff(user, before: second(7))
    try scratch.rollOff(other, before: second(9))
    #expect(try scratch.history.scan() == before)
    _ = try scratch.store.subjectKeys.destroy("user:1")
    for backward in [false, true] {
      var erased: [Int64] = []
      var rest: [Met] = []
      try scratch.history.forEachEvent(ScanSelection(matching: "*"), backward: backward) {
        if $1.isErased { erased.append($1.revision.rawValue) } else { rest.append(Met($0, $1)) }
        return true
      }
      #expect(erased == (backward ? [5, 4, 3, 2, 1, 0] : [0, 1, 2, 3, 4, 5]))
      let others = before.filter { $0.stream == other }
      #expect(rest == (backward ? others.reversed() : others))
    }
  }

  @Test func `takes little memory, however many streams there are at every position`() async throws
  {
    let scratch = try Scratch()
    let filler = String(repeating: "0123456789abcdef", count: 512)
    let names = try (0..<120).map { try StreamName("stream-\($0)") }
    // 60 MiB: every stream has an event in each round, and one chunk.
    for round in Int64(0)..<60 {
      try scratch.store.transaction(now: second(round)) { transaction in
        for (index, name) in names.enumerated() {
          let number = round * 1000 + Int64(index)
          let event = NewEvent(
            id: EventID(high: 1, low: UInt64(number)), type: "T",
            data: Array("{\"n\":\(number),\"pad\":\"\(filler)\"}".utf8), timestamp: second(round))
          _ = try transaction.append(AppendRequest(name, events: [event]))
        }
      }
    }
    let policy = ArchivePolicy(streams: "stream-*", keepHot: 0, rollOffEvery: 1)
    _ = try scratch.archiver(at: second(1000)).run(
      grace: 0, plan: { try Planner(policies: [policy], now: second(1000)).plan($0) })
    await #expect(processExitsWith: .success) { [root = scratch.root as String] in
      let history = History(
        store: try EventStore(path: root + "/store.db"),
        folder: ArchiveFolder(path: root + "/segments"),
        cache: ChunkCache(capacity: 4 << 20))
      let before = try peakKiB()
      var last: Int64 = -1
      var count = 0
      try history.forEachEvent(ScanSelection(matching: "stream-*")) { _, event in
        #expect(event.position.rawValue > last)
        last = event.position.rawValue
        count += 1
        return true
      }
      #expect(count == 120 * 60)
      let grown = try peakKiB() - before
      guard count == 120 * 60, grown < 48 << 10 else { exit(1) }
    }
  }

  @Test func `is caught up with by a subscriber, who then gets what comes`() async throws {
    var life = MixedLife(seed: 5, in: try Scratch())
    for _ in 0..<60 { try life.step() }
    try life.release()
    let history = life.scratch.history
    let all = try history.scan(ScanSelection())
    let middle = all[all.count / 2].seen.position
    for after in [nil, middle] {
      let expected = all.filter { $0.seen.position > after ?? Position(-1) }
      var met: [Met] = []
      for try await entry in history.subscribeAll(after: after) {
        met.append(entry.event.withView { Met(entry.stream, $0) })
        if met.count == expected.count { break }
      }
      #expect(met == expected)
    }
    let writer = try EventStore(path: life.scratch.store.path)
    let name = try StreamName("live")
    var live: [Int64] = []
    let events = history.subscribeAll(
      after: all.last?.seen.position, ScanSelection(matching: "live"))
    async let written: Void = {
      for number in Int64(0)..<5 {
        try await Task.sleep(for: .milliseconds(20))
        try writer.append(AppendRequest(name, events: [event(5000 + number, at: second(number))]))
      }
    }()
    for try await entry in events {
      live.append(entry.event.revision.rawValue)
      if live.count == 5 { break }
    }
    try await written
    #expect(live == [0, 1, 2, 3, 4])
  }

  @Test func `finds everything in segments of which no positions are known`() throws {
    let scratch = try Scratch.withSegments()
    let query = "SELECT first, first_position, last_position FROM segment_ranges ORDER BY first"
    let known = try scratch.store.read { try Row.fetchAll($0.db, sql: query) }
    #expect(known.map { $0[1] as Int64 } != [0, 0, 0])
    try scratch.store.write { db in
      try db.execute(
        sql: "UPDATE segment_ranges SET first_position = 0, last_position = \(Int64.max)")
    }
    #expect(try scratch.history.scan().map(\.seen.revision.rawValue) == Array(0...60))
    #expect(
      try scratch.history.scan(backward: true).map(\.seen.revision.rawValue)
        == Array((0...60).reversed()))
  }
}

/// The most that this process ever had in memory, in KiB.
private func peakKiB() throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
  return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
}
