import Archive
import EventStore
import Foundation
import GRDB
import History
import Segments
import Streams
import Testing

/// Random streams, partly archived and partly released, and restored by each way there is.
@Suite struct `A round trip through the archive` {
  @Test(arguments: UInt64(1)...12)
  func `gives back every byte, whichever way it goes`(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let scratch = try Scratch()
    var number: Int64 = 0
    var model: [StreamName: [RecordedEvent]] = [:]
    let names = try ["service-uptime-ü", "user-7-a-loans", "日本語 \"x\"\\", "other"].map {
      try StreamName($0)
    }
    for _ in 0..<Int.random(in: 4...9, using: &random) {
      let name = names[Int.random(in: 0..<names.count, using: &random)]
      let events = (0..<Int.random(in: 1...12, using: &random)).map { _ in
        number += 1
        return RandomEvent.make(number, &random)
      }
      let position = try scratch.store.read { try $0.nextPosition.rawValue }
      let result = try scratch.store.append(AppendRequest(name, events: events), now: second(0))
      model[name, default: []] += events.enumerated().map { offset, event in
        RecordedEvent(event, result.first.rawValue + Int64(offset), position + Int64(offset))
      }
      let cutoff = second(Int64.random(in: 0...(number + 1), using: &random))
      let isReleased = Bool.random(using: &random)
      try scratch.rollOff(name, before: cutoff, grace: isReleased ? 0 : 1_000_000_000)
    }
    let ways = RoundTrip(scratch: scratch, model: model)
    try ways.throughAStore()
    try ways.throughABundle()
    try ways.throughTheHotStore()
  }
}

private struct RoundTrip: ~Copyable {
  let scratch: Scratch
  let model: [StreamName: [RecordedEvent]]

  init(scratch: consuming Scratch, model: [StreamName: [RecordedEvent]]) {
    self.scratch = scratch
    self.model = model
  }

  private var everything: RestoreSelection { RestoreSelection(.named(Array(model.keys))) }

  private func expectSame(_ history: History) throws {
    for (name, events) in model {
      var seen: [RecordedEvent] = []
      _ = try history.read { snapshot in
        try snapshot.forEachEvent(of: try snapshot.hot.readableStream(name)) { event in
          seen.append(event.copy())
          return true
        }
      }
      // Strings are equal when they look alike: the bytes of a type must be the same, too.
      #expect(seen == events)
      #expect(seen.map { Array($0.type.utf8) } == events.map { Array($0.type.utf8) })
    }
  }

  func throughAStore() throws {
    try expectSame(scratch.history)
    let target = try EventStore(path: scratch.root + "/copy.db", mode: .createIfMissing)
    let report = try Restorer(history: scratch.history).restore(
      everything, into: target, on: .test)
    #expect(report.events == model.values.reduce(0) { $0 + Int64($1.count) })
    try expectSame(
      History(store: target, folder: ArchiveFolder(path: scratch.root + "/none")))
  }

  /// The lines of the bundle are decoded and compared with what was appended.
  func throughABundle() throws {
    let path = scratch.root + "/b.tar.zst"
    let (report, _) = try scratch.history.bundle(everything, to: path)
    let bundle = try UnpackedBundle(of: path)
    let members = try bundle.members.sorted()
    for stream in report.streams {
      var decoder = EventLineDecoder()
      var seen: [RecordedEvent] = []
      for member in members where member.hasPrefix("events/\(stream.id)/") {
        let bytes = Array(try bundle.text(member).utf8)
        for line in bytes.split(separator: 0x0A) {
          try Array(line).withUnsafeBytes { seen.append(try decoder.decode($0).copy()) }
        }
      }
      #expect(seen == model[stream.stream])
    }
  }

  func throughTheHotStore() throws {
    let released = try scratch.store.read { snapshot in
      try model.keys.filter { try snapshot.readableStream($0).prunedTo >= 0 }
    }
    let restorer = HotRestorer(store: scratch.store, folder: scratch.folder, now: second(2000))
    for name in model.keys.sorted() {
      _ = try restorer.restore(name, until: second(3000), by: .system, reason: "test")
      let record = try scratch.store.read { try $0.readableStream(name) }
      #expect(record.prunedTo == -1)
    }
    try expectSame(scratch.history)
    _ = try scratch.archiver(at: second(3000)).run(
      grace: 0, plan: { try Planner(policies: [], now: second(0)).plan($0) })
    for name in released {
      #expect(try scratch.store.read { try $0.readableStream(name).prunedTo } >= 0)
    }
    try expectSame(scratch.history)
  }
}

extension RecordedEvent {
  fileprivate init(_ event: NewEvent, _ revision: Int64, _ position: Int64) {
    self.init(
      revision: Revision(revision), position: Position(position), id: event.id, type: event.type,
      timestamp: event.timestamp ?? second(0), recordedAt: event.recordedAt ?? second(0),
      metadata: event.metadata, data: event.data)
  }
}

/// Events of every kind that is hard to keep as it is.
private enum RandomEvent {
  private static let payloads = [
    "", "{}", "null", " { } ", "{\"a\":1,\"a\":2,\"a\":1}", "1e400", "-0", "0.10",
    "123456789012345678901234567890.00", "{\"b\":1e-7,\"a\":1E+2}", "\"\\ud800\"", "\"\\u0000\"",
    "\"é\u{301}𝒳\u{202E}\u{2028}\"", "[1,\r\n2]", "line\nbreak", "\r", "{\"a\":", "\u{FEFF}{}",
    "{\"/\":\"\\/\",\"n\":\"\\n\"}", "text", "\"\\\\\"", "[[[[[[[[[[]]]]]]]]]]",
  ]
  private static let types = ["T", "é", "e\u{301}", "a\"b\\c", "日本", "x y"]

  static func make(_ number: Int64, _ random: inout SplitMix) -> NewEvent {
    let microseconds = Int64.random(in: -3_000_000...3_000_000, using: &random)
    let at = Timestamp(microseconds: second(number).microseconds + microseconds)
    return NewEvent(
      id: EventID(high: random.next(), low: UInt64(bitPattern: number)),
      type: types[Int.random(in: 0..<types.count, using: &random)], data: payload(&random),
      metadata: payload(&random), timestamp: at,
      recordedAt: Bool.random(using: &random) ? nil : Timestamp(microseconds: at.microseconds + 1))
  }

  private static func payload(_ random: inout SplitMix) -> [UInt8] {
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      (0..<Int.random(in: 0...40, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
    case 1: Array("[\(Array(repeating: "\"word\"", count: 2000).joined(separator: ","))]".utf8)
    default: Array(payloads[Int.random(in: 0..<payloads.count, using: &random)].utf8)
    }
  }
}
