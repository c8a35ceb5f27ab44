import Archive
import EventStore
import Foundation
import History
import Segments
import Streams
import Testing

@Suite struct `A selection to restore` {
  /// Ten events a stream, a second apart, whole streams archived but for `other`.
  private func scratch(_ names: [String]) throws -> Scratch {
    let scratch = try Scratch()
    for (index, name) in names.enumerated() {
      let first = Int64(index) * 10
      try scratch.store.append(
        AppendRequest(
          try StreamName(name), events: (first..<(first + 10)).map { event($0, at: second($0)) }))
    }
    for name in names where name != "other" {
      try scratch.rollOff(try StreamName(name), before: second(999))
    }
    return scratch
  }

  private func restore(
    _ scratch: borrowing Scratch, _ selection: RestoreSelection, into file: String = "copy.db"
  ) throws -> RestoreReport {
    let target = try EventStore(path: scratch.root + "/" + file, mode: .createIfMissing)
    return try Restorer(history: scratch.history).restore(selection, into: target, on: .test)
  }

  private func copy(_ scratch: borrowing Scratch, _ file: String = "copy.db") throws -> History {
    History(
      store: try EventStore(path: scratch.root + "/" + file),
      folder: ArchiveFolder(path: scratch.root + "/none"))
  }

  @Test(arguments: [
    (
      RestoreSelection.Streams.user("7-a"),
      ["user-7-a-activity", "user-7-a-loans", "user-7-a-offers"]
    ),
    (.user("7"), ["user-7-profile"]),
    (
      .matching("user-7-*"),
      [
        "user-7-a-activity", "user-7-a-loans", "user-7-a-offers", "user-7-a-x-loans",
        "user-7-profile",
      ]
    ),
    (
      .matching("*"),
      [
        "other", "user-7-a-activity", "user-7-a-loans", "user-7-a-offers", "user-7-a-x-loans",
        "user-7-profile",
      ]
    ),
  ])
  func `names the streams that were meant and no others`(
    streams: RestoreSelection.Streams, expected: [String]
  ) throws {
    let scratch = try scratch([
      "user-7-a-loans", "user-7-a-offers", "user-7-a-activity", "user-7-profile",
      "user-7-a-x-loans", "other",
    ])
    let report = try restore(scratch, RestoreSelection(streams))
    #expect(report.streams.map(\.stream.rawValue) == expected)
    #expect(report.events == Int64(expected.count) * 10)
    #expect(report.isSound)
    let copy = try copy(scratch)
    #expect(try copy.store.read { try $0.streams().map(\.name.rawValue) } == expected)
    for stream in report.streams {
      #expect(try copy.events(stream.stream) == scratch.history.events(stream.stream))
      #expect(stream.outside == 0)
    }
  }

  @Test func `of streams leaves out what was deleted, unless it was named`() throws {
    let scratch = try scratch(["user-1-loans", "user-1-offers"])
    let name = try StreamName("user-1-loans")
    try scratch.store.archive(name, by: .system, reason: "test")
    try scratch.store.delete(name, by: .system, reason: "test")
    let report = try restore(scratch, RestoreSelection(.user("1")))
    #expect(report.streams.map(\.stream.rawValue) == ["user-1-offers"])
    let error = #expect(throws: StoreError.self) {
      try restore(scratch, RestoreSelection(.named([name])), into: "named.db")
    }
    #expect(error?.code == .streamDeleted)
  }

  @Test(arguments: [Int64(0)...60, 15...60, 25...45, 60...60, 41...59])
  func `of revisions keeps their numbers and positions, and a read begins at the first`(
    revisions: ClosedRange<Int64>
  ) throws {
    let scratch = try Scratch.withSegments()
    let name = try StreamName("service-uptime-api")
    let selection = RestoreSelection(.named([name]), revisions: revisions)
    let report = try restore(scratch, selection)
    let copy = try copy(scratch)
    let expected = try scratch.history.events(name, in: revisions)
    #expect(try copy.events(name) == expected)
    #expect(
      try copy.events(name, in: 0...revisions.upperBound, backward: true) == expected.reversed())
    let stream = try #require(report.streams.first)
    #expect(stream.span?.revisions == revisions)
    #expect(stream.events == Int64(revisions.count))
    #expect(
      stream.cold == Int64(revisions.clamped(to: 0...59).count)
        - (revisions.lowerBound > 59 ? 1 : 0))
    let record = try copy.store.read { try $0.readableStream(name) }
    #expect(record.firstRevision == revisions.lowerBound)
    #expect(record.hotEvents == Int64(revisions.count))
    // Again: nothing is added; another range is another copy.
    #expect(try restore(scratch, selection).streams == report.streams)
    let other = revisions.lowerBound == 0 ? 1 : revisions.lowerBound - 1
    #expect(throws: RestoreError.differs(name)) {
      try restore(scratch, RestoreSelection(.named([name]), revisions: other...99))
    }
  }

  @Test func `of a period reads no segment without an event of it`() throws {
    let scratch = try Scratch.withSegments()
    let name = try StreamName("service-uptime-api")
    let entries = try scratch.store.read { try Catalog.entries($0.db) }
    try FileManager.default.removeItem(atPath: scratch.folder.file(entries[0].file))
    let report = try restore(
      scratch, RestoreSelection(.named([name]), since: second(25), until: second(35)))
    #expect(report.streams.first?.span?.revisions == 25...34)
    #expect(report.segments.map(\.file) == [entries[1].file])
    #expect(report.isSound)
    #expect(throws: HistoryError.self) {
      try restore(scratch, RestoreSelection(.named([name]), until: second(5)), into: "missing.db")
    }
  }

  @Test func `of a period has every event of it, and counts what came along`() throws {
    let scratch = try Scratch()
    let name = try StreamName("user-1-loans")
    // Late and out of order: only 3, 5 and 8 are of the period.
    let times: [Int64] = [0, 1, 99, 50, 2, 51, 100, 3, 59, 60, 4]
    try scratch.store.append(
      AppendRequest(
        name, events: times.enumerated().map { event(Int64($0), at: second($1)) }))
    try scratch.rollOff(name, before: second(999))
    let period = RestoreSelection(.named([name]), since: second(50), until: second(60))
    let report = try restore(scratch, period)
    let stream = try #require(report.streams.first)
    #expect(stream.span?.revisions == 3...8)
    #expect(stream.events == 6)
    #expect(stream.outside == 3)
    #expect(try copy(scratch).events(name) == scratch.history.events(name, in: 3...8))
  }

  @Test func `without an event is said to be so`() throws {
    let scratch = try scratch(["user-1-loans", "user-2-loans"])
    for selection in [
      RestoreSelection(.user("3")), RestoreSelection(.matching("nothing-*")),
      RestoreSelection(.user("1"), since: second(500)),
      RestoreSelection(.user("1"), revisions: 10...20),
    ] {
      #expect(throws: RestoreError.nothingSelected) { try restore(scratch, selection) }
    }
    let report = try restore(scratch, RestoreSelection(.matching("user-*"), until: second(5)))
    #expect(report.streams.map(\.events) == [5, 0])
  }

  @Test func `tells of damage beside it, and restores what is sound`() throws {
    let scratch = try Scratch.withSegments()
    let name = try StreamName("service-uptime-api")
    let entry = try scratch.store.read { try Catalog.entries($0.db) }[1]
    let chunks = try scratch.store.read { try Catalog.chunks($0.db, of: entry.archiveSeq) }
    let bad = try #require(chunks.last)
    try overwrite(scratch.folder.file(entry.file)) { $0[Int(bad.offset) + 100] ^= 1 }
    let report = try restore(scratch, RestoreSelection(.named([name]), revisions: 20...21))
    #expect(!report.isSound)
    #expect(report.segments.first?.damage.isEmpty == false)
    #expect(try copy(scratch).events(name) == scratch.history.events(name, in: 20...21))
  }
}
