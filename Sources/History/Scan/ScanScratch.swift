internal import Crypto
internal import Foundation
internal import GRDB
internal import Segments
internal import Streams

/// Where a scan sorts what it has read from segments: a private SQLite database, in memory as long as
/// that is little, and else in a nameless temporary file.
///
/// Events of sealed streams come here opened. Each is encrypted again, with a key that nobody else
/// has and that ends with the scan: the file gives away nothing, neither now nor from a lost disk.
final class ScanScratch: Sendable {
  /// What is kept of the database in memory, in KiB.
  private static let cacheKiB = 16 << 10

  private let database: DatabaseQueue
  private let key = SymmetricKey(size: .bits256)

  init() throws {
    var configuration = Configuration()
    configuration.label = "rookery-scan"
    // The empty name is SQLite's for a temporary database on disk (sqlite.org/inmemorydb.html).
    database = try DatabaseQueue(path: "", configuration: configuration)
    try database.writeWithoutTransaction { db in
      try db.execute(
        sql: """
          PRAGMA cache_size = -\(Self.cacheKiB);
          PRAGMA journal_mode = MEMORY;
          PRAGMA synchronous = OFF;
          PRAGMA temp_store = FILE;
          CREATE TABLE events (
            rank INTEGER NOT NULL,
            stream_rank INTEGER NOT NULL,
            stream INTEGER NOT NULL,
            line BLOB NOT NULL,
            PRIMARY KEY (rank, stream_rank)
          ) WITHOUT ROWID;
          -- Revisions that are still to be read from segments, chunk by chunk.
          CREATE TABLE parts (
            stream INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            rank INTEGER NOT NULL,
            range_first INTEGER NOT NULL,
            range_position INTEGER NOT NULL,
            is_begun INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (stream, first)
          ) WITHOUT ROWID;
          CREATE INDEX parts_rank ON parts (rank);
          -- Ranges of segments of which there are, or were, parts: the last revision of these.
          CREATE TABLE known (
            stream INTEGER NOT NULL,
            range_first INTEGER NOT NULL,
            through INTEGER NOT NULL,
            PRIMARY KEY (stream, range_first)
          ) WITHOUT ROWID;
          """)
    }
  }

  /// - Throws: what `body` throws; ``ScanError``.
  func write<R>(_ body: (ScanTables) throws -> R) throws -> R {
    do {
      return try database.write { try body(ScanTables($0, key)) }
    } catch let error as DatabaseError {
      throw ScanError(detail: error.message ?? "SQLite result \(error.resultCode.rawValue)")
    }
  }
}

/// The temporary file of a scan can't be used.
struct ScanError: CodedError {
  var detail: String

  var code: ErrorCode { .ioError }
  var message: String { "The temporary file of the scan can't be used: \(detail)." }
  var remedy: String {
    "Free some space, or name another folder in SQLITE_TMPDIR; nothing was changed."
  }
}

/// The tables of a scan's scratch, inside one transaction on them.
struct ScanTables {
  private let db: Database
  private let key: SymmetricKey

  init(_ db: Database, _ key: SymmetricKey) {
    self.db = db
    self.key = key
  }

  // MARK: - Parts

  /// What of a range is new since this was asked last: more and more of it is in the segment only.
  /// Nil when nothing is.
  func extend(_ stream: Int64, _ rangeFirst: Int64, to revisions: ClosedRange<Int64>) throws
    -> ClosedRange<Int64>?
  {
    let known = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT through FROM known WHERE stream = ? AND range_first = ?"),
      arguments: [stream, rangeFirst])
    let first = max(revisions.lowerBound, (known ?? -1) + 1)
    guard first <= revisions.upperBound else { return nil }
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO known VALUES (?, ?, ?)")
      .execute(arguments: [stream, rangeFirst, revisions.upperBound])
    return first...revisions.upperBound
  }

  func insert(_ part: ScanPart) throws {
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)")
      .execute(arguments: [
        part.stream, part.revisions.lowerBound, part.revisions.upperBound, part.rank,
        part.rangeFirst, part.rangePosition, part.isBegun,
      ])
  }

  func delete(_ part: ScanPart) throws {
    try db.cachedStatement(sql: "DELETE FROM parts WHERE stream = ? AND first = ?")
      .execute(arguments: [part.stream, part.revisions.lowerBound])
  }

  /// The part that may have the earliest event that is not here yet.
  func firstPart() throws -> ScanPart? {
    try ScanPart.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM parts ORDER BY rank LIMIT 1"))
  }

  // MARK: - Events

  func insert(_ line: [UInt8], of stream: Int64, at place: ScanPlace) throws {
    let sealed = try ChaChaPoly.seal(line, using: key).combined
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?)")
      .execute(arguments: [place.rank, place.streamRank, stream, sealed])
  }

  /// Drops what was handed out.
  func deleteEvents(through place: ScanPlace) throws {
    try db.cachedStatement(sql: "DELETE FROM events WHERE (rank, stream_rank) <= (?, ?)")
      .execute(arguments: [place.rank, place.streamRank])
  }

  /// Whether there is a ``Page`` of events before `place`.
  func hasPage(before place: ScanPlace, events: Int) throws -> Bool {
    let count = try Int.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT count(*) FROM (
            SELECT 1 FROM events WHERE (rank, stream_rank) < (?, ?) LIMIT ?)
          """), arguments: [place.rank, place.streamRank, events])
    return count == events
  }

  /// Calls `body` with the events through `place`, in order, until it returns false.
  func forEachEvent(
    through place: ScanPlace, _ body: (ScanPlace, Int64, EventView) throws -> Bool
  ) throws {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT rank, stream_rank, stream, line FROM events WHERE (rank, stream_rank) <= (?, ?)
          ORDER BY rank, stream_rank
          """), arguments: [place.rank, place.streamRank])
    var decoder = EventLineDecoder()
    while let row = try rows.next() {
      let line = try ChaChaPoly.open(ChaChaPoly.SealedBox(combined: row[3] as Data), using: key)
      let wantsMore = try line.withUnsafeBytes { line in
        try body(
          ScanPlace(rank: row[0], streamRank: row[1]), row[2], try decoder.decode(line))
      }
      guard wantsMore else { return }
    }
  }
}

/// Revisions of a stream that are still to be read from a segment.
struct ScanPart: Sendable {
  var stream: Int64
  var revisions: ClosedRange<Int64>
  /// No event of it has a lower one, in the order of the scan.
  var rank: Int64
  /// The first revision of the range in the segment, and a position that its event can't be before.
  var rangeFirst: Int64
  var rangePosition: Int64
  /// Some of the range was read: what is left does not begin before the place of the scan.
  var isBegun = false

  /// The earliest position that a revision can have: all before it in the range have theirs.
  func earliestPosition(of revision: Revision) -> Int64 {
    rangePosition + (revision.rawValue - rangeFirst)
  }
}

extension ScanPart: FetchableRecord {
  init(row: Row) throws {
    stream = row["stream"]
    revisions = (row["first"] as Int64)...(row["last"] as Int64)
    rank = row["rank"]
    rangeFirst = row["range_first"]
    rangePosition = row["range_position"]
    isBegun = row["is_begun"]
  }
}
