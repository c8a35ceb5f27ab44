internal import Foundation
internal import Glibc
public import GRDB
internal import GRDBSQLite
public import Sealing
public import Streams
internal import Synchronization

/// The hot store: event streams in one SQLite file.
///
/// One writer, many readers (WAL). Every write is one `BEGIN IMMEDIATE` transaction with
/// `synchronous=FULL`; every read runs on a snapshot and never blocks the writer. Safe to share
/// between threads, and to open from several processes at once.
public final class EventStore: Sendable {
  public let path: String
  /// A UUID given when the store was created.
  public let id: String
  /// The bound on an event's data plus metadata, in bytes.
  public let maxEventBytes: Int
  /// The keys of the people whose streams this store has: they seal events here and in the archive.
  public let subjectKeys: SubjectKeys
  /// Nothing can be written through this opening of it.
  public let isReadOnly: Bool
  let database: any DatabaseWriter
  let types = Mutex<[Int64: String]>([:])
  let commits: CommitSignal

  public enum Mode: Sendable {
    /// The file must exist, and be of this program's version; nothing is written.
    case readOnly
    /// The file must exist.
    case readWrite
    /// The file is created if there is none.
    case createIfMissing
  }

  /// Opens the store at `path`; for writing, migrates it forward when it is older than this program.
  ///
  /// - Parameter newID: the id of a store that is created now, when it takes the place of one that
  ///   was lost; one of its own if nil.
  /// - Throws: ``StoreError`` `.missing`, `.notAStore`, `.newer`, `.older` (none is touched),
  ///   `.readOnly`, `.busy`, `.full`.
  public init(
    path: String, mode: Mode = .readWrite, maxEventBytes: Int = EventLimits.defaultMaxBytes,
    newID: String? = nil, keyFiles: KeyFiles? = nil
  ) throws {
    self.path = path
    self.maxEventBytes = maxEventBytes
    commits = CommitSignal(path: path)
    let version = try StoreFile.inspect(path)
    if (version ?? 0) == 0, mode != .createIfMissing { throw StoreError.missing(path: path) }
    isReadOnly = mode == .readOnly
    if isReadOnly, let version, version < Schema.version {
      throw StoreError.older(path: path, version: version, supported: Schema.version)
    }
    do {
      if isReadOnly {
        database = try Self.openReadOnly(path)
      } else {
        if version == nil { StoreFile.create(path) }
        database = try Self.openPool(path)
        try database.write { try Schema.migrate($0) }
        try Self.makeDurable(database)
      }
      id = try Self.loadID(database, orNew: newID ?? EventID.random().description)
      subjectKeys = SubjectKeys(
        keyFiles ?? KeyFiles(beside: path),
        of: KeyOwner(id: id) { try Self.keysInUse(path) })
    } catch {
      throw StoreError.translating(error)
    }
  }

  /// A read sees one snapshot of the store, however long it takes.
  ///
  /// - Throws: what `body` throws; SQLite's errors as ``StoreError``.
  public func read<R>(_ body: (Snapshot) throws -> R) throws -> R {
    do {
      return try database.read { db in try body(Snapshot(db: db, store: self)) }
    } catch {
      throw StoreError.translating(error)
    }
  }

  /// One transaction on the whole file, for the layers that keep their tables in the store.
  public func write<R>(_ body: (Database) throws -> R) throws -> R {
    do {
      let result = try database.write(body)
      commits.notify()
      return result
    } catch {
      throw StoreError.translating(error)
    }
  }

  /// Returns free pages to the file system, `pages` at most, and shortens the log.
  ///
  /// - Returns: how many pages are still free.
  public func vacuum(pages: Int) throws -> Int {
    do {
      return try database.writeWithoutTransaction { db in
        // The pragma frees one page a step: it must be stepped until it is done.
        try db.cachedStatement(sql: "PRAGMA incremental_vacuum(\(pages))").execute()
        let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        guard free == 0 else { return free }
        // While a reader is at work the log can't be shortened: waiting for it would keep out every
        // writer meanwhile, as the checkpoint holds the write lock.
        try db.execute(sql: "PRAGMA busy_timeout = 0")
        defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Self.busySeconds * 1000)") }
        try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        return 0
      }
    } catch {
      throw StoreError.translating(error)
    }
  }

  /// SQLite's own check of the whole file; empty when it is sound.
  public func integrityProblems() throws -> [String] {
    try read { snapshot in
      let lines = try String.fetchAll(snapshot.db, sql: "PRAGMA quick_check(20)")
      return lines == ["ok"] ? [] : lines
    }
  }
}

extension EventStore {
  private static func openReadOnly(_ path: String) throws -> any DatabaseWriter {
    var configuration = configuration()
    configuration.readonly = true
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      _ = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM store") }
      return queue
    } catch let error as DatabaseError where !StoreFile.hasLog(path) {
      // On a medium that can't be written SQLite can't make the log's index. Without a log nothing
      // can be missed, and the file is read as it is (sqlite.org/wal.html#readonly).
      let uri =
        "file:" + (path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path)
      guard
        let queue = try? DatabaseQueue(path: uri + "?immutable=1", configuration: configuration)
      else { throw error }
      return queue
    }
  }

  private static func openPool(_ path: String) throws -> any DatabaseWriter {
    var configuration = configuration()
    configuration.prepareDatabase { db in
      guard !db.configuration.readonly else { return }
      // Both hold only if set before the first table exists; later they change nothing.
      try db.execute(sql: "PRAGMA page_size = 8192")
      try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
    }
    return try DatabasePool(path: path, configuration: configuration)
  }

  /// How long a write waits for another process's.
  static let busySeconds = 30

  private static func configuration() -> Configuration {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(Double(busySeconds))
    configuration.label = "rookery"
    return configuration
  }

  private static func makeDurable(_ database: any DatabaseWriter) throws {
    try database.writeWithoutTransaction { db in
      // GRDB's pool sets NORMAL while it opens, after `prepareDatabase`.
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try db.execute(sql: "PRAGMA cache_size = -65536")
      try db.execute(sql: "PRAGMA secure_delete = FAST")
      guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
        throw StoreError.io(detail: "SQLite does not accept synchronous=FULL")
      }
    }
  }

  /// The ids of all keys that rows and segments are sealed to, by an opening of the store of its own:
  /// whoever asks may be in the middle of a transaction.
  private static func keysInUse(_ path: String) throws -> [String] {
    try EventStore(path: path, mode: .readOnly).read { snapshot in
      try String.fetchAll(
        snapshot.db,
        sql: """
          SELECT id FROM sealing_keys
          UNION SELECT subject FROM segment_chunks WHERE subject IS NOT NULL
          """)
    }
  }

  private static func loadID(
    _ database: any DatabaseWriter, orNew newID: String
  ) throws -> String {
    let query = "SELECT value FROM store WHERE key = 'id'"
    if let id = try database.read({ try String.fetchOne($0, sql: query) }) { return id }
    return try database.write { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO store VALUES ('id', ?), ('created_at', ?)",
        arguments: [newID, Timestamp.now().rfc3339])
      return try String.fetchOne(db, sql: query) ?? ""
    }
  }
}

extension Timestamp {
  /// The machine's clock.
  public static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}
