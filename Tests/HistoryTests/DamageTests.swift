import Archive
import EventStore
import Foundation
import GRDB
import History
import Segments
import Streams
import Testing

@Suite struct `A history with a damaged part` {
  private let name: StreamName

  init() throws { name = try StreamName("service-uptime-api") }

  private func entries(_ store: EventStore) throws -> [CatalogEntry] {
    try store.read { try Catalog.entries($0.db) }
  }

  /// The error a read of the whole must end with, after the events before `served`.
  private func error(
    _ history: History, _ events: [Seen], served: Int, backward: Bool = false
  ) throws -> HistoryError {
    let part = try history.partly(name, backward: backward)
    let whole = backward ? events.reversed() : events
    #expect(part.events == Array(whole.prefix(served)))
    return try #require(part.error as? HistoryError)
  }

  @Test func `names stream, revisions and segment where a segment is missing, and serves the rest`()
    throws
  {
    let scratch = try Scratch.withSegments()
    let events = try scratch.history.events(name)
    let entry = try entries(scratch.store)[1]
    try FileManager.default.removeItem(atPath: scratch.folder.file(entry.file))

    for (served, backward) in [(20, false), (21, true)] {
      let error = try error(scratch.history, events, served: served, backward: backward)
      #expect(error.stream == name)
      #expect(error.revisions == 20...39)
      #expect(error.segment == entry.file)
      #expect(error.code == .segmentMissing)
      #expect(error.message.contains("Revisions 20 to 39 of service-uptime-api"))
    }
    #expect(try scratch.history.events(name, in: 0...19) == Array(events[0...19]))
    #expect(try scratch.history.events(name, in: 40...60) == Array(events[40...60]))
    #expect(throws: HistoryError.self) { try scratch.history.events(name, in: 39...40) }
  }

  @Test func `serves every chunk but the damaged one`() throws {
    let scratch = try Scratch.withSegments()
    let events = try scratch.history.events(name)
    let entry = try entries(scratch.store)[1]
    let chunks = try scratch.store.read { try Catalog.chunks($0.db, of: entry.archiveSeq) }
    try #require(chunks.count >= 3)
    let bad = chunks[1]
    try overwrite(scratch.folder.file(entry.file)) {
      $0[Int(bad.offset) + bad.compressedBytes / 2] ^= 1
    }
    let error = try error(scratch.history, events, served: Int(bad.first.rawValue))
    #expect(error.segment == entry.file)
    #expect(error.code == .segmentCorrupt)
    #expect(error.revisions.contains(bad.first.rawValue))

    let before = 0...(bad.first.rawValue - 1)
    let after = (bad.last.rawValue + 1)...60
    #expect(try scratch.history.events(name, in: before) == Array(events[0..<Int(before.count)]))
    #expect(
      try scratch.history.events(name, in: after, backward: true)
        == events.suffix(after.count).reversed())
    #expect(throws: HistoryError.self) {
      try scratch.history.events(name, in: bad.last.rawValue...bad.last.rawValue)
    }
  }

  @Test func `never reads shorter, longer or otherwise, whatever bit is changed`() throws {
    let scratch = try Scratch.withSegments()
    let events = try scratch.history.events(name)
    let entry = try entries(scratch.store)[1]
    var random = SplitMix(seed: 7)
    var errors = 0
    for _ in 0..<40 {
      let place = Int.random(in: 0..<Int(entry.bytes), using: &random)
      let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
      try overwrite(scratch.folder.file(entry.file)) { $0[place] ^= bit }
      let part = try scratch.history.partly(name)
      #expect(part.events == Array(events.prefix(part.events.count)))
      #expect(part.error == nil ? part.events.count == 61 : part.error is HistoryError)
      errors += part.error == nil ? 0 : 1
      try overwrite(scratch.folder.file(entry.file)) { $0[place] ^= bit }
    }
    #expect(errors > 20)
  }

  @Test func `never reads shorter, wherever the file is cut`() throws {
    let scratch = try Scratch.withSegments()
    let events = try scratch.history.events(name)
    let entry = try entries(scratch.store)[1]
    let chunks = try scratch.store.read { try Catalog.chunks($0.db, of: entry.archiveSeq) }
    let whole = Array(
      try #require(FileManager.default.contents(atPath: scratch.folder.file(entry.file))))
    for chunk in chunks.reversed() {
      for end in [Int(chunk.offset) + chunk.compressedBytes - 1, Int(chunk.offset)] {
        try overwrite(scratch.folder.file(entry.file)) { $0 = Array(whole[..<end]) }
        _ = try error(scratch.history, events, served: Int(chunk.first.rawValue))
      }
    }
    try overwrite(scratch.folder.file(entry.file)) { $0 = [] }
    #expect(
      try error(scratch.history, events, served: 20).code == .segmentMissing)
  }

  @Test func `does not take another segment's bytes for it`() throws {
    let scratch = try Scratch.withSegments()
    let events = try scratch.history.events(name)
    let entries = try entries(scratch.store)
    let other = Array(
      try #require(FileManager.default.contents(atPath: scratch.folder.file(entries[0].file))))
    try overwrite(scratch.folder.file(entries[2].file)) { $0 = other }
    #expect(try error(scratch.history, events, served: 40).segment == entries[2].file)
  }

  @Test func `says so where revisions are in no segment of the catalog`() throws {
    let scratch = try Scratch.withSegments()
    let events = try scratch.history.events(name)
    try scratch.store.write { db in
      try db.execute(sql: "DELETE FROM segment_ranges WHERE first = 20")
    }
    let error = try error(scratch.history, events, served: 20)
    #expect(error.revisions.lowerBound == 20)
    #expect(error.segment == nil)
    #expect(error.code == .segmentMissing)
    #expect(try scratch.history.events(name, in: 0...19) == Array(events[0...19]))
  }

  @Test(arguments: [40, 50, 60])
  func `says so where rows are missing that should be there`(revision: Int64) throws {
    let scratch = try Scratch()
    let all = (Int64(0)...60).map { event($0, at: second($0)) }
    try scratch.store.append(AppendRequest(name, events: all))
    try scratch.store.write { db in
      try db.execute(sql: "DELETE FROM events WHERE key & 0x3FFFFFFFFF = ?", arguments: [revision])
    }
    for backward in [false, true] {
      let part = try scratch.history.partly(name, backward: backward)
      #expect((part.error as? StoreError)?.code == .storeCorrupt)
    }
    #expect(try scratch.history.events(name, in: 0...39).count == 40)
  }

  @Test func `says that a stream was deleted, and serves nothing of it`() throws {
    let scratch = try Scratch.withSegments()
    let record = try scratch.store.read { try $0.readableStream(name) }
    try scratch.store.archive(name, by: .system, reason: "test")
    try scratch.store.delete(name, by: .system, reason: "asked for", now: second(99))
    #expect(throws: StoreError.self) { try scratch.history.events(name) }
    let deleted = try scratch.store.read { try $0.stream(numbered: record.id) }
    let error = #expect(throws: StoreError.self) {
      try scratch.history.read { try $0.forEachEvent(of: deleted) { _ in true } }
    }
    #expect(error?.code == .streamDeleted)
  }
}
