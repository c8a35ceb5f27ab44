import Archive
import EventStore
import History
import Segments
import Streams
import Testing

/// Streams that are appended to, archived and released at random, beside plain arrays that are not.
@Suite struct `A reader of hot and cold history` {
  @Test(arguments: UInt64(1)...6)
  func `can't tell which is which`(seed: UInt64) throws {
    var life = RandomLife(seed: seed, in: try Scratch())
    for _ in 0..<20 {
      try life.step()
      try life.compare()
    }
    try life.release()
    try life.compare()
    #expect(try life.released > 0)
  }
}

struct RandomLife: ~Copyable {
  private let scratch: Scratch
  private var random: SplitMix
  private let names = ["service-uptime-api", "user-1-loans", "other", "large"]
  private var model: [StreamName: [Seen]] = [:]
  private var number: Int64 = 0

  init(seed: UInt64, in scratch: consuming Scratch) {
    random = SplitMix(seed: seed)
    self.scratch = scratch
  }

  mutating func step() throws {
    let name = try StreamName(names[Int.random(in: 0..<names.count, using: &random)])
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<5: try append(to: name)
    case 5..<8: try rollOff(name)
    case 8: try scratch.archiveWhole(at: number, name)
    default: try release()
    }
  }

  private mutating func append(to name: StreamName) throws {
    let record = try scratch.store.read { try $0.stream(name) }
    if record?.status == .archived {
      try scratch.store.reopen(name, by: .system, reason: "test")
    }
    let count = Int64.random(in: 1...8, using: &random)
    let bytes = name.rawValue == "large" ? 250_000 : 40
    let events = (number..<(number + count)).map {
      event($0, at: second($0 + Int64.random(in: -3...3, using: &random)), bytes: bytes)
    }
    number += count
    let position = try scratch.store.read { try $0.nextPosition.rawValue }
    let result = try scratch.store.append(AppendRequest(name, events: events))
    model[name, default: []] += events.enumerated().map { offset, event in
      RecordedEvent(
        revision: Revision(result.first.rawValue + Int64(offset)),
        position: Position(position + Int64(offset)), id: event.id, type: event.type,
        timestamp: event.timestamp ?? second(0), recordedAt: event.recordedAt ?? second(0),
        metadata: event.metadata, data: event.data
      ).withView { Seen($0) }
    }
  }

  private mutating func rollOff(_ name: StreamName) throws {
    try scratch.rollOff(name, beforeOneOf: number, using: &random)
  }

  mutating func release() throws {
    let archiver = scratch.archiver(at: second(number + 10_000))
    _ = try archiver.run(
      grace: 0, plan: { try Planner(policies: [], now: second(0)).plan($0) })
  }

  /// Events that are in segments only.
  var released: Int64 {
    get throws {
      try scratch.store.read { try $0.streams().reduce(0) { $0 + $1.prunedTo + 1 } }
    }
  }

  /// Whole, backward, and any range, some of them past the end or empty.
  mutating func compare() throws {
    let history = scratch.history
    for (name, events) in model.sorted(by: { $0.key < $1.key }) {
      #expect(try history.events(name) == events)
      #expect(try history.events(name, backward: true) == events.reversed())
      for _ in 0..<3 {
        let first = Int.random(in: 0...events.count, using: &random)
        let last = Int.random(in: first...(events.count + 2), using: &random)
        let part = events[first..<min(last + 1, events.count)]
        let revisions = Int64(first)...Int64(last)
        #expect(try history.events(name, in: revisions) == Array(part))
        #expect(try history.events(name, in: revisions, backward: true) == part.reversed())
        #expect(try history.eventsAsTheyAre(name, in: revisions) == Array(part))
        #expect(
          try history.eventsAsTheyAre(name, in: revisions, backward: true) == part.reversed())
      }
      let limit = Int.random(in: 1...events.count, using: &random)
      #expect(try firstEvents(of: name, limit) == events.prefix(limit).map(\.id))
    }
  }

  private func firstEvents(of name: StreamName, _ limit: Int) throws -> [EventID] {
    try scratch.history.read { snapshot in
      let record = try snapshot.hot.readableStream(name)
      var ids: [EventID] = []
      let wasWhole = try snapshot.forEachEvent(of: record) { event in
        ids.append(event.id)
        return ids.count < limit
      }
      #expect(!wasWhole)
      return ids
    }
  }
}
