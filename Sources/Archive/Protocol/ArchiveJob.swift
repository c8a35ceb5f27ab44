internal import EventStore
internal import GRDB
internal import Segments
internal import Streams

/// The revisions of one stream in a job.
struct JobRange: Hashable, Sendable {
  var stream: Int64
  var first: Int64
  var last: Int64
  var isWhole: Bool
  /// The earliest time at which the stream may be deleted, by its policy.
  var retainUntil: Timestamp?
}

extension JobRange {
  init(_ item: ArchivePlan.Item) {
    self.init(
      stream: item.streamID, first: item.first.rawValue, last: item.last.rawValue,
      isWhole: item.isWhole, retainUntil: item.retainUntil)
  }

  /// `text`: numbers, separated by spaces, the last of which may be missing.
  fileprivate init?(text: Substring) {
    let numbers = text.split(separator: " ").compactMap { Int64($0) }
    guard (4...5).contains(numbers.count) else { return nil }
    self.init(
      stream: numbers[0], first: numbers[1], last: numbers[2], isWhole: numbers[3] == 1,
      retainUntil: numbers.dropFirst(4).first.map(Timestamp.init(microseconds:)))
  }

  fileprivate var text: String {
    "\(stream) \(first) \(last) \(isWhole ? 1 : 0)"
      + (retainUntil.map { " \($0.microseconds)" } ?? "")
  }

  /// What was promised once is not shortened by a later policy.
  func recordRetention(_ db: Database) throws {
    guard let retainUntil else { return }
    try db.execute(
      sql: "UPDATE streams SET retain_until = max(?, coalesce(retain_until, 0)) WHERE id = ?",
      arguments: [retainUntil.microseconds, stream])
  }
}

/// A segment that is being made. Its row is there from before the first byte is written until the
/// catalog knows the segment: there is never more than one.
struct ArchiveJob: Sendable {
  var archiveSeq: Int64
  /// The segment's file, relative to the archive folder.
  var name: SegmentName
  var ranges: [JobRange]
  var settings: SegmentSettings
  var startedAt: Timestamp

  /// The part of the temporary file's name that recovery looks for.
  var id: String { "job-\(archiveSeq)" }

  /// The settings, then one line a range: stream, first, last, 1 when the stream goes cold as a
  /// whole, and the earliest time at which it may be deleted, if any.
  var plan: String {
    get throws { ([try settings.text] + ranges.map(\.text)).joined(separator: "\n") }
  }

  func insert(_ db: Database) throws {
    try db.execute(
      sql: "INSERT INTO archive_jobs VALUES (?, ?, ?, ?)",
      arguments: [archiveSeq, name.relativePath, try plan, startedAt.microseconds])
  }

  func delete(_ db: Database) throws {
    try db.execute(sql: "DELETE FROM archive_jobs WHERE archive_seq = ?", arguments: [archiveSeq])
  }

  /// The job that a process left behind when it died.
  static func pending(_ db: Database, storeID: String) throws -> ArchiveJob? {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM archive_jobs LIMIT 1") else {
      return nil
    }
    let plan: String = row["plan"]
    let ranges = ranges(in: plan)
    let archiveSeq: Int64 = row["archive_seq"]
    return ArchiveJob(
      archiveSeq: archiveSeq,
      name: try name(db, of: ranges, archiveSeq: archiveSeq, storeID: storeID), ranges: ranges,
      settings: try SegmentSettings(text: plan.prefix { $0 != "\n" }),
      startedAt: Timestamp(microseconds: row["started_at"]))
  }

  /// What the job that a process left behind will have archived when it is completed.
  static func pendingRanges(_ snapshot: Snapshot) throws -> [JobRange] {
    let plan = try String.fetchOne(snapshot.db, sql: "SELECT plan FROM archive_jobs LIMIT 1")
    let ranges = plan.map(ranges) ?? []
    return try arePossible(ranges, snapshot) ? ranges : []
  }

  private static func ranges(in plan: String) -> [JobRange] {
    plan.split(separator: "\n").dropFirst().compactMap(JobRange.init(text:))
  }

  /// False when a stream was deleted meanwhile: there is nothing left to archive.
  func isPossible(_ snapshot: Snapshot) throws -> Bool {
    try Self.arePossible(ranges, snapshot)
  }

  private static func arePossible(_ ranges: [JobRange], _ snapshot: Snapshot) throws -> Bool {
    try ranges.allSatisfy { range in
      let record = try snapshot.stream(numbered: range.stream)
      return record.status != .deleted && record.prunedTo < range.first
    }
  }

  /// A single stream's segment is named by its range, a pack by its number.
  static func name(
    _ db: Database, of ranges: [JobRange], archiveSeq: Int64, storeID: String
  ) throws -> SegmentName {
    guard ranges.count == 1, let range = ranges.first else {
      return SegmentName(pack: archiveSeq, generation: 1)
    }
    let text =
      try String.fetchOne(
        db, sql: "SELECT name FROM streams WHERE id = ?", arguments: [range.stream]) ?? ""
    return SegmentName(
      streamID: SegmentName.streamID(store: storeID, stream: try StreamName(text)),
      first: Revision(range.first), last: Revision(range.last), generation: 1)
  }
}
