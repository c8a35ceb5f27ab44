internal import Glibc
internal import GRDB
internal import GRDBSQLite

/// Looks at a file before anything is allowed to open it for writing.
enum StoreFile {
  private static let magic = Array("SQLite format 3\0".utf8)
  private static let headerBytes = 100

  /// What a SQLite database header says (sqlite.org/fileformat2.html §1.3).
  private struct Header {
    var schemaCookie: Int64
    var userVersion: Int64
    var applicationID: Int64
  }

  /// The schema version of the store at `path`; nil when there is no file, or an empty one; 0 when
  /// it was created and killed before its first transaction.
  ///
  /// - Throws: ``StoreError`` `.notAStore`, `.newer`; the file is not changed.
  static func inspect(_ path: String) throws -> Int? {
    guard let fromFile = try readHeader(path) else { return nil }
    // A log may hold a newer first page than the file.
    let header = hasLog(path) ? try askSQLite(path) : fromFile
    if header.applicationID == 0, header.userVersion == 0, header.schemaCookie == 0 { return 0 }
    guard header.applicationID == Int64(Schema.applicationID) else {
      throw StoreError.notAStore(path: path, detail: "it is the SQLite file of another program")
    }
    let version = Int(header.userVersion)
    guard version <= Schema.version else {
      throw StoreError.newer(path: path, version: version, supported: Schema.version)
    }
    return version
  }

  /// Makes an empty file that only its owner and group can read, if there is none. SQLite would give
  /// it the umask's mode; its log gets the mode of the file. What can't be made SQLite says.
  static func create(_ path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
    if descriptor >= 0 { close(descriptor) }
  }

  /// Whether a write-ahead log with something in it lies beside the file.
  static func hasLog(_ path: String) -> Bool {
    var status = stat()
    return stat(path + "-wal", &status) == 0 && status.st_size > 0
  }

  private static func readHeader(_ path: String) throws -> Header? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw StoreError.readOnly(detail: "\(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: headerBytes)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else {
      throw StoreError.notAStore(path: path, detail: String(cString: strerror(errno)))
    }
    if count == 0 { return nil }
    guard count == headerBytes, bytes.starts(with: magic) else {
      throw StoreError.notAStore(path: path, detail: "it does not start as a SQLite file does")
    }
    func word(_ offset: Int) -> Int64 {
      Int64(bytes[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
    return Header(schemaCookie: word(40), userVersion: word(60), applicationID: word(68))
  }

  private static func askSQLite(_ path: String) throws -> Header {
    var handle: OpaquePointer?
    defer { sqlite3_close_v2(handle) }
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
      throw failure(of: handle)
    }
    sqlite3_busy_timeout(handle, Int32(EventStore.busySeconds * 1000))
    return Header(
      schemaCookie: try pragma("schema_version", of: handle),
      userVersion: try pragma("user_version", of: handle),
      applicationID: try pragma("application_id", of: handle))
  }

  private static func pragma(_ name: String, of handle: OpaquePointer?) throws -> Int64 {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(handle, "PRAGMA \(name)", -1, &statement, nil) == SQLITE_OK,
      sqlite3_step(statement) == SQLITE_ROW
    else { throw failure(of: handle) }
    return sqlite3_column_int64(statement, 0)
  }

  private static func failure(of handle: OpaquePointer?) -> any Error {
    StoreError.translating(
      DatabaseError(
        resultCode: ResultCode(rawValue: sqlite3_extended_errcode(handle)),
        message: String(cString: sqlite3_errmsg(handle))))
  }
}
