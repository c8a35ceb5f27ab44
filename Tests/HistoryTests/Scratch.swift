import Archive
import EventStore
import Foundation
import GRDB
import History
import Segments
import Streams
import Testing

/// A store and an archive folder of a test's own, gone with it.
struct Scratch: ~Copyable {
  let root: String
  let store: EventStore
  let folder: ArchiveFolder

  init() throws {
    root = NSTemporaryDirectory() + "rookery-history-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    store = try EventStore(path: root + "/store.db", mode: .createIfMissing)
    folder = ArchiveFolder(path: root + "/segments")
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  var history: History { History(store: store, folder: folder) }

  /// Three segments, all rows of which are released, and one hot event: revisions 0…19, 20…39 in
  /// four chunks, 40…59, and 60.
  static func withSegments() throws -> Scratch {
    let scratch = try Scratch()
    let name = try StreamName("service-uptime-api")
    let events = (Int64(0)...60).map {
      event($0, at: second($0), bytes: (20..<40).contains($0) ? 160_000 : 100)
    }
    try scratch.store.append(AppendRequest(name, events: events))
    for cutoff in [Int64(20), 40, 60] { try scratch.rollOff(name, before: second(cutoff)) }
    try #require(
      try scratch.store.read { try Catalog.entries($0.db) }.map(\.state) == [
        .pruned, .pruned, .pruned,
      ])
    return scratch
  }

  /// Moves the events of one stream that happened before `cutoff` into a segment.
  ///
  /// - Parameter other: another opening of the store, for who is reading this one.
  func rollOff(
    _ name: StreamName, before cutoff: Timestamp, grace: Int64 = 0, through other: EventStore? = nil
  ) throws {
    let policy = ArchivePolicy(streams: name.rawValue, keepHot: 0, rollOffEvery: 1)
    let planner = Planner(policies: [policy], now: cutoff)
    _ = try archiver(at: cutoff, through: other).run(
      grace: grace, plan: { try planner.plan($0) })
  }

  /// Moves what happened before a random second up to the `number`-th into a segment; the rows stay
  /// in one of three cases.
  func rollOff(
    _ name: StreamName, beforeOneOf number: Int64, using random: inout SplitMix
  ) throws {
    let cutoff = second(Int64.random(in: 0...max(number, 1), using: &random))
    let isReleased = Int.random(in: 0..<3, using: &random) > 0
    try rollOff(name, before: cutoff, grace: isReleased ? 0 : 1_000_000_000)
  }

  /// Archives a stream that is active; its rows stay.
  func archiveWhole(at number: Int64, _ name: StreamName) throws {
    guard let record = try store.read({ try $0.stream(name) }), record.status == .active
    else { return }
    _ = try archiver(at: second(number)).run(grace: Int64.max / 2) { snapshot in
      try Planner.plan(wholeStream: record, reason: "test", snapshot)
    }
  }

  func archiver(
    at now: Timestamp, through other: EventStore? = nil,
    onStep: @escaping @Sendable (ArchiveStep) -> Void = { _ in }
  ) -> Archiver {
    Archiver(
      store: other ?? store, folder: folder, now: now, version: "test", onStep: onStep)
  }
}

/// The `number`-th second of 2025.
func second(_ number: Int64) -> Timestamp {
  Timestamp(microseconds: 1_735_689_600_000_000).adding(seconds: number)
}

/// An event that is nobody else's; every kind of payload there is, in turn.
func event(_ number: Int64, at time: Timestamp, bytes: Int = 40) -> NewEvent {
  var random = SplitMix(seed: UInt64(bitPattern: number))
  let word = (0..<(min(bytes, 4000) / 8)).map { _ in String(random.next(), radix: 36) }.joined()
  let noise = String(repeating: word, count: max(1, bytes / max(1, word.utf8.count)))
  let data: [UInt8] =
    switch number % 7 {
    case 0: Array("{ \"n\" : \(number).0e0, \"n\" : 1, \"pad\":\"\(noise)\" }".utf8)
    case 1: Array("not JSON \(noise)".utf8)
    case 2: Array("{\"lines\":\r\n[1,\n2],\"pad\":\"\(noise)\"}".utf8)
    case 3: bytes > 1000 ? Array("\"\(noise)\"".utf8) : []
    case 4: [0, 255, 10, 13, 34, 92] + Array(noise.utf8)
    case 5: Array("\"\\u0000 é \(noise)\"".utf8)
    default: Array("[\(number),null,\"\(noise)\"]".utf8)
    }
  let metadata: [UInt8] =
    switch number % 4 {
    case 0: []
    case 1: Array(" {\"source\" : \"tests\"}".utf8)
    case 2: [13, 10]
    default: Array("\u{FEFF}bytes".utf8)
    }
  return NewEvent(
    id: EventID(high: 7, low: UInt64(bitPattern: number)), type: "Type\(number % 3)", data: data,
    metadata: metadata, timestamp: time,
    recordedAt: Timestamp(microseconds: time.microseconds + number % 5))
}

/// Sebastiano Vigna's SplitMix64 (prng.di.unimi.it/splitmix64.c): the same numbers for a seed.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// All there is to an event; of its payload, the SHA-256.
struct Seen: Hashable, CustomStringConvertible {
  var revision: Revision
  var position: Position
  var id: EventID
  var type: String
  var timestamp: Timestamp
  var recordedAt: Timestamp
  var metadata: SHA256Sum
  var data: SHA256Sum

  init(_ event: EventView) {
    revision = event.revision
    position = event.position
    id = event.id
    type = event.type
    timestamp = event.timestamp
    recordedAt = event.recordedAt
    metadata = SHA256Sum(of: event.metadata)
    data = SHA256Sum(of: event.data)
  }

  var description: String { "\(revision)@\(position)" }
}

extension History {
  /// The events of a stream, as an array.
  func events(
    _ name: StreamName, in revisions: ClosedRange<Int64> = 0...Int64.max, backward: Bool = false
  ) throws -> [Seen] {
    let part = try partly(name, in: revisions, backward: backward)
    if let error = part.error { throw error }
    return part.events
  }

  /// The same, without a snapshot of its own.
  func eventsAsTheyAre(
    _ name: StreamName, in revisions: ClosedRange<Int64> = 0...Int64.max, backward: Bool = false
  ) throws -> [Seen] {
    var events: [Seen] = []
    try forEachEvent(of: name, in: revisions, backward: backward) { event in
      events.append(Seen(event))
      return true
    }
    return events
  }

  /// What was served, and what ended it.
  func partly(
    _ name: StreamName, in revisions: ClosedRange<Int64> = 0...Int64.max, backward: Bool = false
  ) throws -> (events: [Seen], error: (any Error)?) {
    try read { snapshot in
      let record = try snapshot.hot.readableStream(name)
      var events: [Seen] = []
      do {
        try snapshot.forEachEvent(of: record, in: revisions, backward: backward) { event in
          events.append(Seen(event))
          return true
        }
        return (events, nil)
      } catch {
        return (events, error)
      }
    }
  }
}

/// Changes a read-only file in place.
func overwrite(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
  var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
  change(&bytes)
  try FileManager.default.removeItem(atPath: path)
  try Data(bytes).write(to: URL(filePath: path))
  try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
}

extension RestoreReport.Occasion {
  static let test = RestoreReport.Occasion(
    principal: .system, reason: "test", time: second(1000), version: "test")
}
