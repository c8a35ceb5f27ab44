import Archive
import EventStore
import Foundation
import GRDB
import Glibc
import Segments
import Streams
import Testing

/// Six streams in three segments, all rows released; `user-6-loans` stays hot.
@Suite struct `A reindex` {
  private func archived() throws -> Scratch {
    let scratch = try Scratch.withHistory()
    try CrashingRun(scratch.root).run()
    try #require(try scratch.store.entries().count == 3)
    return scratch
  }

  private func reindex(_ scratch: borrowing Scratch, isDry: Bool = false) throws -> ReindexReport {
    try Reindexer(store: scratch.store, folder: scratch.folder)
      .run(isDry: isDry, now: day(300))
  }

  /// Whoever can write the folder could otherwise have the genuine segment deleted.
  @Test func `lets no file take the place of a segment of which it is no rewrite`() throws {
    let scratch = try archived()
    let before = try digests(scratch.store, scratch.folder)
    let entries = try scratch.store.entries()
    let head = try #require(entries.last)
    let identity = SegmentIdentity(
      storeID: scratch.store.id, archiveSeq: head.archiveSeq + 1, generation: 2,
      createdAt: day(299), writerVersion: "forged",
      prev: Manifest.Link(
        archiveSeq: head.archiveSeq,
        manifestSHA256: try #require(SHA256Sum(head.manifestSHA256))),
      supersedes: Manifest.Supersession(
        manifestSHA256: try #require(SHA256Sum(entries[0].manifestSHA256)), reason: "forged"))
    let writer = try SegmentWriter(
      directory: scratch.folder.path,
      name: SegmentName(pack: head.archiveSeq + 1, generation: 2), job: "forger",
      identity: identity)
    try writer.beginStream(SegmentStreamInfo(name: try StreamName("other-1"), category: "1"))
    let stranger = RecordedEvent(
      revision: Revision(0), position: Position(9000), id: .random(), type: "T",
      timestamp: day(1), recordedAt: day(1), metadata: [], data: Array("{}".utf8))
    try stranger.withView { try writer.append($0) }
    try writer.endStream()
    _ = try writer.seal()

    let report = try reindex(scratch)
    #expect(report.taken.isEmpty)
    #expect(report.refused.map(\.problem.kind) == ["chain"])
    #expect(try scratch.store.entries().allSatisfy { $0.retired == nil })
    #expect(try digests(scratch.store, scratch.folder) == before)
  }

  /// Rows that a damaged store has lost.
  static let losses = [
    "DELETE FROM segment_chunks; DELETE FROM segment_ranges; DELETE FROM segments",
    "DELETE FROM segment_chunks", "DELETE FROM segment_chunks WHERE chunk = 1",
    "DELETE FROM segment_ranges WHERE archive_seq = 2", "DELETE FROM segment_ranges",
    """
    DELETE FROM segment_chunks WHERE archive_seq > 1;
    DELETE FROM segment_ranges WHERE archive_seq > 1;
    DELETE FROM segments WHERE archive_seq > 1
    """,
    "UPDATE segments SET manifest = x'00' WHERE archive_seq = 2",
  ]

  @Test(arguments: losses)
  func `puts back the rows that the catalog has lost, and none other`(sql: String) throws {
    let scratch = try archived()
    let before = try digests(scratch.store, scratch.folder)
    let tables = try scratch.store.catalog()
    let files = try fileSums(scratch.folder)
    try scratch.store.write { try $0.execute(sql: sql) }
    try #require(try scratch.store.catalog() != tables)

    let dry = try reindex(scratch, isDry: true)
    #expect(!dry.taken.isEmpty)
    #expect(try scratch.store.catalog() != tables)
    let report = try reindex(scratch)
    #expect(report.isSound)
    #expect(report.taken.map(\.file) == dry.taken.map(\.file))
    #expect(report.known + report.taken.count == 3)
    #expect(report.newEvents == 0)
    #expect(try scratch.store.catalog() == tables)
    #expect(try digests(scratch.store, scratch.folder) == before)
    #expect(
      try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(300)).isSound)
    #expect(try fileSums(scratch.folder) == files)
    let audited = try scratch.store.audited("ArchiveReindexed")
    #expect(audited.count == 1)
    #expect(audited[0].contains(#""segments":"\#(report.taken.count)""#))
    #expect(audited[0].hasSuffix(#""reason":"reindex","by":"system"}"#))

    let again = try reindex(scratch)
    #expect(again.taken == [] && again.known == 3 && again.isSound)
    #expect(try scratch.store.audited("ArchiveReindexed").count == 1)
  }

  @Test func `takes a segment whose rows are still hot as archived, and they can be released`()
    throws
  {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 20)
    try Archiver(scratch.store, scratch.folder, now: day(200))
      .run([ArchivePolicy(streams: "*", coldAfter: days(30))], grace: days(1000))
    try scratch.store.write { try $0.execute(sql: Self.losses[0]) }
    #expect(try reindex(scratch).isSound)
    #expect(try scratch.store.entries().map(\.state) == [.archived])
    try Archiver(scratch.store, scratch.folder, now: day(400)).run([])
    #expect(try scratch.store.entries().map(\.state) == [.pruned])
    #expect(try scratch.store.record("user-1-loans").hotEvents == 0)
  }

  @Test func `leaves the file of a killed archive run to the next archive run`() async throws {
    let scratch = try Scratch.withHistory()
    await #expect(processExitsWith: .signal(SIGKILL)) { [root = scratch.root as String] in
      try CrashingRun(root).run(until: Moment(.durable))
    }
    let report = try reindex(scratch)
    #expect(report.refused.map(\.problem) == [.job])
    #expect(report.taken == [])
    try CrashingRun(scratch.root).run()
    #expect(try scratch.store.entries().count == 3)
  }

  @Test func `never takes a segment that the store contradicts`() throws {
    let scratch = try archived()
    // An old copy of the store: it ends before the segment does.
    try scratch.store.write {
      try $0.execute(
        sql: Self.losses[0]
          + "; UPDATE event_ids SET fingerprint = fingerprint + 1 WHERE revision = 30")
    }
    let report = try reindex(scratch)
    #expect(!report.isSound)
    let contradicted = report.refused.filter { $0.problem.kind == "contradiction" }
    #expect(contradicted.count == 2)
    #expect(contradicted.allSatisfy { $0.problem.message.contains("revision 30 of ") })
    #expect(report.taken.count == 1)
    #expect(try scratch.store.entries().count == 1)
  }

  @Test func `never takes a segment into a store that is older than it`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-loans", days: 20)
    let copy = scratch.root + "/old.db"
    try scratch.store.write { _ in }
    try FileManager.default.copyItem(atPath: scratch.root + "/store.db", toPath: copy)
    try? FileManager.default.copyItem(
      atPath: scratch.root + "/store.db-wal", toPath: copy + "-wal")
    try scratch.store.fill("user-1-loans", days: 20, from: 20)
    try Archiver(scratch.store, scratch.folder, now: day(200))
      .run([ArchivePolicy(streams: "*", coldAfter: days(30))])
    let old = try EventStore(path: copy)
    try #require(try old.record("user-1-loans").events == 20)
    let report = try Reindexer(store: old, folder: scratch.folder).run(now: day(300))
    #expect(report.refused.map(\.problem.kind) == ["contradiction"])
    #expect(try old.entries() == [])
    #expect(try old.record("user-1-loans").events == 20)
  }

  // MARK: - Hostile files

  enum Stranger: String, CaseIterable {
    case ofAnotherStore, renamed, cut, empty, text, secondOfItsNumber, overlapping, afterTheHead
  }

  @Test(arguments: [
    (Stranger.ofAnotherStore, "foreign"), (.renamed, "misnamed"), (.cut, "damaged"),
    (.empty, "damaged"), (.text, "damaged"), (.secondOfItsNumber, "rival"),
    (.overlapping, "overlap"), (.afterTheHead, "chain"),
  ])
  func `reports a file that does not belong and leaves it alone`(
    stranger: Stranger, kind: String
  ) throws {
    let scratch = try archived()
    let tables = try scratch.store.catalog()
    let place = try put(stranger, into: scratch)
    let files = try fileSums(scratch.folder)
    for isDry in [true, false] {
      let report = try reindex(scratch, isDry: isDry)
      #expect(report.refused.map(\.file) == [place])
      #expect(report.refused.map(\.problem.kind) == [kind])
      #expect(report.isSound == (stranger == .ofAnotherStore))
      #expect(report.taken == [])
    }
    #expect(try scratch.store.catalog() == tables)
    #expect(try fileSums(scratch.folder) == files)
    // The same among segments that must all be taken anew.
    try scratch.store.write { try $0.execute(sql: Self.losses[0]) }
    let report = try reindex(scratch)
    #expect(report.refused.contains { $0.file == place && $0.problem.kind == kind })
    #expect(try fileSums(scratch.folder) == files)
    if stranger != .secondOfItsNumber, stranger != .afterTheHead {
      #expect(try scratch.store.catalog() == tables)
    }
  }

  private func put(_ stranger: Stranger, into scratch: borrowing Scratch) throws -> String {
    let folder = scratch.folder
    let entries = try scratch.store.entries()
    let whole = try #require(
      FileManager.default.contents(atPath: folder.file(entries[1].file)))
    func write(_ name: String, _ bytes: Data) throws -> String {
      try FileManager.default.createDirectory(
        atPath: folder.file(String(name.prefix(2))), withIntermediateDirectories: true)
      try bytes.write(to: URL(filePath: folder.file(name)))
      return name
    }
    switch stranger {
    case .ofAnotherStore:
      let other = try archived()
      let file = try other.store.entries()[0].file
      let bytes = try #require(FileManager.default.contents(atPath: other.folder.file(file)))
      return try write(file, bytes)
    case .renamed: return try write("aa/renamed.tar.zst", whole)
    case .cut: return try write("bb/cut.tar.zst", whole.prefix(whole.count / 2))
    case .empty: return try write("bb/empty.tar.zst", Data())
    case .text: return try write("bb/text.tar.zst", Data("nothing of the kind".utf8))
    case .secondOfItsNumber:
      return try forge(scratch, number: 2, prev: entries[0].manifestSHA256, stream: "forged")
    case .overlapping:
      return try forge(
        scratch, number: 4, prev: entries[2].manifestSHA256, stream: "service-uptime-api")
    case .afterTheHead:
      return try forge(scratch, number: 4, prev: entries[1].manifestSHA256, stream: "forged")
    }
  }

  /// A segment of this store that is sound in itself.
  private func forge(
    _ scratch: borrowing Scratch, number: Int64, prev: String, stream: String
  ) throws -> String {
    let name = SegmentName(
      streamID: SegmentName.streamID(store: scratch.store.id, stream: try StreamName(stream)),
      first: Revision(2), last: Revision(2), generation: 1)
    let writer = try SegmentWriter(
      directory: scratch.folder.path, name: name, job: "forged",
      identity: SegmentIdentity(
        storeID: scratch.store.id, archiveSeq: number, createdAt: day(1), writerVersion: "test",
        prev: Manifest.Link(
          archiveSeq: number - 1, manifestSHA256: try #require(SHA256Sum(prev)))))
    try writer.beginStream(SegmentStreamInfo(name: try StreamName(stream), category: "other"))
    try RecordedEvent(
      revision: Revision(2), position: Position(9), id: EventID(high: 7, low: 7), type: "T",
      timestamp: day(1), recordedAt: day(1), metadata: [], data: Array("{}".utf8)
    ).withView { try writer.append($0) }
    try writer.endStream()
    _ = try writer.seal()
    return name.relativePath
  }
}

extension EventStore {
  /// Every row of the catalog as text, but when it was verified.
  func catalog() throws -> [String] {
    try read { snapshot in
      let segments = try Row.fetchAll(
        snapshot.db,
        sql: """
          SELECT archive_seq, segment_id, file, generation, bytes, raw_bytes, sha256, manifest,
            manifest_sha256, state, target, retired FROM segments
          """)
      let rest = try ["segment_ranges", "segment_chunks", "streams"].flatMap {
        try Row.fetchAll(snapshot.db, sql: "SELECT * FROM \($0) WHERE ? IS NULL", arguments: [nil])
      }
      return (segments + rest).map(\.description)
        .filter { !$0.contains(#"name:"$audit""#) }
    }
  }
}
