import Archive
import EventStore
import GRDB
import Segments
import Streams
import Testing

@Suite struct `A legal hold` {
  static let subjects: [(place: String, held: [String])] = [
    ("stream user-1-loans", ["user-1-loans"]),
    ("streams user-[12]-*", ["user-1-loans", "user-2-loans"]),
    ("segment 1", ["user-1-loans", "user-2-loans", "user-3-loans"]),
  ]

  /// Three streams in one pack, and one that is in no segment.
  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    for number in 1...3 { try scratch.store.fill("user-\(number)-loans", days: 5) }
    try Archiver(scratch.store, scratch.folder, now: day(60))
      .run([ArchivePolicy(streams: "user-*", coldAfter: days(30))])
    try scratch.store.fill("user-4-loans", days: 5)
    try scratch.store.archive(try StreamName("user-4-loans"), by: .system, reason: "test")
    return scratch
  }

  private func place(_ text: String, on store: EventStore) throws {
    switch text.split(separator: " ").map(String.init) {
    case let words where words[0] == "stream":
      try store.placeHold(on: try StreamName(words[1]), reason: "case 7", by: .user("ann"))
    case let words:
      try store.placeHold(on: subject(words), reason: "case 7", by: .user("ann"))
    }
  }

  private func lift(_ text: String, on store: EventStore) throws {
    let words = text.split(separator: " ").map(String.init)
    if words[0] == "stream" {
      try store.liftHold(on: try StreamName(words[1]), reason: "closed", by: .user("bob"))
    } else {
      try store.liftHold(on: subject(words), reason: "closed", by: .user("bob"))
    }
  }

  private func subject(_ words: [String]) -> LegalHold.Subject {
    words[0] == "segment" ? .segment(Int64(words[1]) ?? 0) : .streams(matching: words[1])
  }

  @Test(arguments: subjects)
  func `forbids deleting just what it is on, until it is lifted`(
    place text: String, held: [String]
  ) throws {
    let scratch = try scratch()
    try place(text, on: scratch.store)
    for number in 1...4 {
      let name = try StreamName("user-\(number)-loans")
      guard held.contains(name.rawValue) else { continue }
      #expect(throws: StoreError.onHold(name, reason: "case 7")) {
        try scratch.store.delete(name, by: .system, reason: "test")
      }
    }
    let names = try scratch.store.read { try $0.streams() }.filter { $0.hold != nil }
    #expect(names.map(\.name.rawValue) == held)
    let policy = ArchivePolicy(streams: "*", retainFor: days(1))
    let due = try scratch.store.read { try Retention(policies: [policy], now: day(900)).due($0) }
    #expect(Set(due.map(\.rawValue)).isDisjoint(with: held))
    #expect(due.count == 4 - held.count)

    try lift(text, on: scratch.store)
    for name in held { try scratch.store.delete(try StreamName(name), by: .system, reason: "test") }
  }

  @Test(arguments: subjects)
  func `is placed and lifted with one audit event each, which says who and why`(
    place text: String, held: [String]
  ) throws {
    let scratch = try scratch()
    let before = try scratch.store.record("$audit").events
    try place(text, on: scratch.store)
    #expect(try scratch.store.record("$audit").events == before + 1)
    #expect(
      try scratch.store.audited("HoldPlaced").filter {
        $0.contains(#""reason":"case 7","by":"user:ann"}"#)
      }.count == 1)
    try lift(text, on: scratch.store)
    #expect(try scratch.store.record("$audit").events == before + 2)
    #expect(
      try scratch.store.audited("HoldLifted").filter {
        $0.contains(#""held":"case 7","reason":"closed","by":"user:bob"}"#)
      }.count == 1)
  }

  @Test(arguments: subjects)
  func `is not placed over another, and not lifted where there is none`(
    place text: String, held: [String]
  ) throws {
    let scratch = try scratch()
    #expect(throws: StoreError.self) { try lift(text, on: scratch.store) }
    try place(text, on: scratch.store)
    let audited = try scratch.store.record("$audit").events
    #expect(throws: StoreError.self) { try place(text, on: scratch.store) }
    #expect(try scratch.store.record("$audit").events == audited)
  }

  @Test func `on a pattern is also one on a stream to come, and another's lifting leaves it`()
    throws
  {
    let scratch = try Scratch()
    try scratch.store.placeHold(on: .streams(matching: "user-*"), reason: "case 7", by: .system)
    let name = try scratch.store.fill("user-9-loans", days: 1)
    try scratch.store.placeHold(on: name, reason: "case 8", by: .system)
    #expect(try scratch.store.record("user-9-loans").hold == "case 8")
    try scratch.store.liftHold(on: name, reason: "closed", by: .system)
    #expect(try scratch.store.record("user-9-loans").hold == "case 7")
  }

  @Test func `on a pattern keeps rows in the store, and stands in the manifest`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 5)
    try scratch.store.placeHold(on: .streams(matching: "user-*"), reason: "case 7", by: .system)
    let summary = try Archiver(scratch.store, scratch.folder, now: day(60))
      .run([ArchivePolicy(streams: "user-*", coldAfter: days(30))])
    #expect(summary.events == 5)
    #expect(summary.released == 0)
    let manifest = try scratch.store.manifest(of: try scratch.store.entries()[0])
    let text = String(decoding: manifest.encoded, as: UTF8.self)
    #expect(text.contains(#""legal_hold":"case 7""#))
  }
}
