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
/// catalog knows the segment and every copy of it was made.
///
/// - I1. At most one job is under way, that is, of a segment that the catalog does not know.
/// - I2. The others owe a copy at a target that was away; no row of their segments is released.
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

  static func delete(_ db: Database, _ archiveSeq: Int64) throws {
    try db.execute(sql: "DELETE FROM archive_jobs WHERE archive_seq = ?", arguments: [archiveSeq])
  }

  /// Says that the segment `old` owes is now to be a copy of the one that took its place.
  static func move(_ db: Database, from old: Int64, to new: Int64) throws {
    try db.execute(
      sql: "UPDATE archive_jobs SET archive_seq = ? WHERE archive_seq = ?", arguments: [new, old])
  }

  private static let underWay = """
    SELECT * FROM archive_jobs WHERE archive_seq NOT IN (SELECT archive_seq FROM segments)
    """

  static func isUnderWay(_ db: Database) throws -> Bool {
    try Row.fetchOne(db, sql: underWay) != nil
  }

  /// What a segment that the catalog has owes.
  struct Owing: Sendable {
    var archiveSeq: Int64
    var settings: SegmentSettings
    var startedAt: Timestamp
  }

  /// The jobs that only lack a copy, oldest first.
  static func owing(_ db: Database) throws -> [Owing] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT * FROM archive_jobs WHERE archive_seq IN (SELECT archive_seq FROM segments)
        ORDER BY archive_seq
        """
    ).map { row in
      let plan: String = row["plan"]
      return Owing(
        archiveSeq: row["archive_seq"],
        settings: try SegmentSettings(text: plan.prefix { $0 != "\n" }),
        startedAt: Timestamp(microseconds: row["started_at"]))
    }
  }

  /// The job that a process left behind when it died.
  static func pending(_ db: Database, storeID: String) throws -> ArchiveJob? {
    guard let row = try Row.fetchOne(db, sql: underWay) else { return nil }
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
    let plan: String? = try Row.fetchOne(snapshot.db, sql: underWay).map { $0["plan"] }
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
