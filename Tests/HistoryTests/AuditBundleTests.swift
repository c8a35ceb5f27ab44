import Archive
import EventStore
import Foundation
import GRDB
import Glibc
import History
import Segments
import Streams
import Testing

@Suite struct `An audit bundle` {
  private let name: StreamName
  private var whole: RestoreSelection { RestoreSelection(.named([name])) }

  init() throws { name = try StreamName("service-uptime-api") }

  /// The lines of a stream in a range, reckoned apart from what writes bundles.
  private func lines(
    _ history: History, _ name: StreamName, where isWanted: (EventView) -> Bool = { _ in true }
  ) throws -> String {
    try history.read { snapshot in
      var lines: [UInt8] = []
      let encoder = EventLineEncoder()
      try snapshot.forEachEvent(of: try snapshot.hot.readableStream(name)) { event in
        if isWanted(event) { try encoder.append(event, to: &lines) }
        return true
      }
      return String(decoding: lines, as: UTF8.self)
    }
  }

  private func events(_ bundle: borrowing UnpackedBundle, _ id: String) throws -> String {
    try bundle.members.filter { $0.hasPrefix("events/\(id)/") }.sorted()
      .map { try bundle.text($0) }.joined()
  }

  @Test(arguments: [
    (Int64(0)...Int64.max, nil, nil), (5...42, nil, nil), (60...60, nil, nil),
    (0...Int64.max, Int64(19), Int64(25)), (10...Int64.max, nil, 60),
  ])
  func `has exactly the lines that were asked for, and its own instructions find it sound`(
    revisions: ClosedRange<Int64>, since: Int64?, until: Int64?
  ) throws {
    let scratch = try Scratch.withSegments()
    let selection = RestoreSelection(
      .named([name]), revisions: revisions, since: since.map(second), until: until.map(second))
    let path = scratch.root + "/it's a bundle.tar.zst"
    let (report, file) = try scratch.history.bundle(selection, to: path)
    let bundle = try UnpackedBundle(of: path)
    let stream = try #require(report.streams.first)
    let expected = try lines(scratch.history, name, where: selection.includes)
    #expect(try events(bundle, stream.id) == expected)
    #expect(stream.digest == SHA256Sum(of: Array(expected.utf8)).description)
    #expect(stream.events == Int64(expected.split(separator: "\n").count))
    #expect(try bundle.verify().last == "SOUND")
    #expect(try bundle.members.count + 1 == file.members)
    let bytes = try #require(FileManager.default.contents(atPath: path))
    #expect(SHA256Sum(of: Array(bytes)) == file.sha256)
    #expect(Int64(bytes.count) == file.bytes)
  }

  /// `jq` 1.6 reads text in pieces of 4095 bytes, and GNU `tar` takes `a:b` for a file of host `a`.
  @Test(arguments: [0...Int64.max, 3...42, 60...61])
  func `is found sound with characters anywhere in long lines and any name of the file`(
    revisions: ClosedRange<Int64>
  ) throws {
    let scratch = try Scratch()
    // A character of each length across each boundary, in some line.
    let events = (Int64(0)...61).map { number in
      var event = event(number, at: second(number))
      let pad = String(repeating: "x", count: Int(number % 16))
      event.data = Array("{\"pad\":\"\(pad)\(String(repeating: "éx€y🪺", count: 500))\"}".utf8)
      return event
    }
    try scratch.store.append(AppendRequest(name, events: events))
    try scratch.rollOff(name, before: second(61))
    let selection = RestoreSelection(.named([name]), revisions: revisions)
    for file in ["case 7: é 'a':b.tar.zst", "-x.tar.zst"] {
      let path = scratch.root + "/" + file
      try scratch.history.bundle(selection, to: path)
      #expect(try UnpackedBundle(of: path).verify().last == "SOUND")
    }
  }

  @Test func `has whole chunks as their segment has them, and every manifest up to the head`()
    throws
  {
    let scratch = try Scratch.withSegments()
    let path = scratch.root + "/b.tar.zst"
    try scratch.history.bundle(
      RestoreSelection(.named([name]), revisions: 20...39), to: path)
    let bundle = try UnpackedBundle(of: path)
    let entries = try scratch.store.read { try Catalog.entries($0.db) }
    let chunks = try scratch.store.read { try Catalog.chunks($0.db, of: 2) }
    #expect(chunks.count == 4)
    #expect(try bundle.members.filter { $0.hasPrefix("events/") } == chunks.map(\.member))
    for chunk in chunks {
      #expect(SHA256Sum(of: Array(try bundle.text(chunk.member).utf8)) == chunk.sha256)
    }
    #expect(
      try bundle.members.filter { $0.hasPrefix("manifests/") }
        == entries[1...].map { "manifests/00000000000\($0.archiveSeq)-\($0.segmentID).json" })
    #expect(
      try bundle.verify(["HEAD": entries[2].manifestSHA256])
        == [
          "The head of the chain is \(entries[2].manifestSHA256).",
          "SHA256SUMS alone vouches for 0 events: not archived yet, or encrypted there.", "SOUND",
        ])
  }

  @Test func `shows nothing beside what was asked for when it is told so`() throws {
    let scratch = try Scratch.withSegments()
    let path = scratch.root + "/b.tar.zst"
    let selection = RestoreSelection(.named([name]), revisions: 5...42)
    let (report, _) = try scratch.history.bundle(selection, to: path, hasContext: false)
    let bundle = try UnpackedBundle(of: path)
    #expect(try !bundle.members.contains { $0.hasPrefix("context/") })
    #expect(
      try events(bundle, try #require(report.streams.first).id)
        == lines(scratch.history, name, where: selection.includes))
    #expect(try bundle.verify().last == "SOUND")
  }

  @Test func `holds many streams, packed together or in no segment at all`() throws {
    let scratch = try Scratch()
    for number in Int64(0)..<12 {
      try scratch.store.append(
        AppendRequest(
          try StreamName("user-\(number)-loans"),
          events: (0..<6).map { event(number * 10 + $0, at: second($0)) }))
    }
    let planner = Planner(
      policies: [ArchivePolicy(streams: "user-?-*", coldAfter: 0)], now: second(99))
    _ = try scratch.archiver(at: second(99)).run(grace: 0, plan: { try planner.plan($0) })
    let path = scratch.root + "/b.tar.zst"
    let (report, _) = try scratch.history.bundle(
      RestoreSelection(.matching("user-*"), since: second(2), until: second(4)), to: path)
    #expect(report.streams.count == 12)
    #expect(report.events == 24)
    #expect(report.cold == 20)
    let bundle = try UnpackedBundle(of: path)
    for stream in report.streams {
      #expect(
        try events(bundle, stream.id)
          == lines(scratch.history, stream.stream) { (2...3).contains($0.revision.rawValue) })
    }
    let said = try bundle.verify()
    #expect(said.last == "SOUND")
    #expect(said.contains { $0.contains("alone vouches for 4 events") })
  }

  @Test(arguments: [false, true])
  func `is sound whatever is archived while it is written`(hasSegments: Bool) throws {
    let scratch = try Scratch()
    let names = try ["a", "b"].map { try StreamName("service-uptime-\($0)") }
    for name in names {
      try scratch.store.append(
        AppendRequest(name, events: (0..<20).map { event($0, at: second($0)) }))
      if hasSegments { try scratch.rollOff(name, before: second(6)) }
    }
    let other = try EventStore(path: scratch.store.path)
    func heads() throws -> [String] {
      try other.read { try Catalog.entries($0.db) }.map(\.manifestSHA256)
    }
    let head = try heads().last
    let path = scratch.root + "/b.tar.zst"
    let (report, _) = try scratch.history.bundle(RestoreSelection(.named(names)), to: path) {
      _, _ in
      do {
        for name in names { try scratch.rollOff(name, before: second(12), through: other) }
      } catch {
        Issue.record(error)
      }
    }
    #expect(try report.chain.head == head && heads().last != head)
    #expect(report.events == 40 && report.cold == (hasSegments ? 12 : 0))
    #expect(try UnpackedBundle(of: path).verify().last == "SOUND")
  }

  @Test func `replaces no file, and leaves none behind when it fails`() throws {
    let scratch = try Scratch.withSegments()
    let path = scratch.root + "/b.tar.zst"
    try Data("precious".utf8).write(to: URL(filePath: path))
    let taken = #expect(throws: SegmentError.self) { try scratch.history.bundle(whole, to: path) }
    #expect(taken == .alreadyExists(segment: path))
    #expect(FileManager.default.contents(atPath: path) == Data("precious".utf8))

    let entry = try scratch.store.read { try Catalog.entries($0.db) }[2]
    try overwrite(scratch.folder.file(entry.file)) { $0[$0.count / 3] ^= 1 }
    #expect(throws: HistoryError.self) {
      try scratch.history.bundle(whole, to: scratch.root + "/c.tar.zst")
    }
    #expect(throws: RestoreError.nothingSelected) {
      try scratch.history.bundle(
        RestoreSelection(.named([name]), since: second(5000)), to: scratch.root + "/c.tar.zst")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.root)
    #expect(left.filter { $0.contains("c.tar.zst") || $0.contains(".partial") } == [])
  }

  @Test func `of a process that was killed is made by the next run, which takes its rest away`()
    async throws
  {
    let scratch = try Scratch.withSegments()
    await #expect(processExitsWith: .signal(SIGKILL)) { [root = scratch.root as String] in
      let history = History(
        store: try EventStore(path: root + "/store.db"),
        folder: ArchiveFolder(path: root + "/segments"))
      _ = try AuditBundle(history: history).write(
        RestoreSelection(.named([try StreamName("service-uptime-api")])),
        to: root + "/b.tar.zst", on: .test,
        documents: { _ in
          kill(getpid(), SIGKILL)
          return []
        })
    }
    func files() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: scratch.root)
        .filter { $0.hasPrefix("b.tar.zst") }
    }
    let left = try files()
    #expect(left.count == 1 && left.allSatisfy { $0.hasSuffix(".partial") })
    try scratch.history.bundle(whole, to: scratch.root + "/b.tar.zst")
    #expect(try files() == ["b.tar.zst"])
    #expect(try UnpackedBundle(of: scratch.root + "/b.tar.zst").verify().last == "SOUND")
  }

  @Test func `is refused where rows are not what their segment says`() throws {
    let scratch = try Scratch()
    try scratch.store.append(
      AppendRequest(name, events: (0..<10).map { event($0, at: second($0)) }))
    try scratch.rollOff(name, before: second(8), grace: 1_000_000_000)
    try scratch.store.write { db in
      try db.execute(sql: "UPDATE events SET data = x'7b7d' WHERE position = 4")
    }
    let error = #expect(throws: ArchiveError.self) {
      try scratch.history.bundle(whole, to: scratch.root + "/b.tar.zst")
    }
    #expect(error?.code == .archiveConflict)
  }
}
