import EventStore
import GRDB
import Segments
import Streams
import Testing

@testable import Archive

@Suite struct `The settings of a segment` {
  private static let all = SegmentSettings(
    segmentBytes: 1 << 20, level: 17, target: "s3://bucket/a b \"c\"\n", mirror: "/mnt/é",
    isSigned: true, isEncrypted: true)

  @Test(arguments: [SegmentSettings(), all])
  func `are one line of the job, and read back as they were`(settings: SegmentSettings) throws {
    let text = try settings.text
    #expect(!text.contains("\n"))
    #expect(try SegmentSettings(text: text[...]) == settings)
  }

  @Test func `are those its manifest was made with`() throws {
    let scratch = try Scratch()
    try scratch.store.fill("a", days: 5)
    try scratch.store.fill("b", days: 5)
    let planner = Planner(
      policies: [
        ArchivePolicy(streams: "a", coldAfter: 0, settings: SegmentSettings(level: 2)),
        ArchivePolicy(streams: "b", coldAfter: 0, settings: SegmentSettings(level: 5)),
      ], now: day(50))
    _ = try Archiver(scratch.store, scratch.folder, now: day(50))
      .run(grace: 0, plan: { try planner.plan($0) })
    #expect(try scratch.store.levels() == [2, 5])
  }

  @Test func `are kept by a job that is finished later, whatever the policies say by then`() throws
  {
    let scratch = try Scratch()
    try scratch.store.fill("a", days: 5)
    try scratch.store.write { db in
      let job = ArchiveJob(
        archiveSeq: 1,
        name: try ArchiveJob.name(
          db, of: [JobRange(stream: 1, first: 0, last: 4, isWhole: true)], archiveSeq: 1,
          storeID: scratch.store.id),
        ranges: [JobRange(stream: 1, first: 0, last: 4, isWhole: true)],
        settings: SegmentSettings(level: 4), startedAt: day(50))
      try job.insert(db)
    }
    let summary = try Archiver(scratch.store, scratch.folder, now: day(51)).run([])
    #expect(summary.events == 5)
    #expect(try scratch.store.levels() == [4])
  }
}

extension EventStore {
  /// The zstd level in each segment's manifest.
  fileprivate func levels() throws -> [Int64] {
    try entries().map { try manifest(of: $0).writer.level }
  }
}
