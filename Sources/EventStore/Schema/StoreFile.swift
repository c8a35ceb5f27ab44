internal import Glibc
internal import GRDBSQLite

/// Looks at a file before anything is allowed to open it for writing.
enum StoreFile {
  private static let magic = Array("SQLite format 3\0".utf8)

  /// The schema version of the store at `path`; nil when there is no file, or an empty one.
  ///
  /// - Throws: ``StoreError`` `.notAStore`, `.newer`; the file is not changed.
  static func inspect(_ path: String) throws -> Int? {
    guard try hasSQLiteHeader(path) else { return nil }
    var handle: OpaquePointer?
    defer { sqlite3_close_v2(handle) }
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
      throw StoreError.readOnly(detail: "SQLite can't open \(path)")
    }
    sqlite3_busy_timeout(handle, 30_000)
    let application = try pragma("application_id", of: handle, path)
    let version = Int(try pragma("user_version", of: handle, path))
    if application == 0, version == 0, try pragma("schema_version", of: handle, path) == 0 {
      return 0  // Created and killed before its first transaction.
    }
    guard application == Int64(Schema.applicationID) else {
      throw StoreError.notAStore(path: path, detail: "it is the SQLite file of another program")
    }
    guard version <= Schema.version else {
      throw StoreError.newer(path: path, version: version, supported: Schema.version)
    }
    return version
  }

  private static func hasSQLiteHeader(_ path: String) throws -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return false }
      throw StoreError.readOnly(detail: "\(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var header = [UInt8](repeating: 0, count: magic.count)
    let count = pread(descriptor, &header, header.count, 0)
    if count < 0 {
      throw StoreError.notAStore(path: path, detail: String(cString: strerror(errno)))
    }
    if count == 0 { return false }
    guard count == magic.count, header == magic else {
      throw StoreError.notAStore(path: path, detail: "it does not start as a SQLite file does")
    }
    return true
  }

  private static func pragma(
    _ name: String, of handle: OpaquePointer?, _ path: String
  ) throws -> Int64 {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(handle, "PRAGMA \(name)", -1, &statement, nil) == SQLITE_OK,
      sqlite3_step(statement) == SQLITE_ROW
    else {
      throw StoreError.corrupt(detail: String(cString: sqlite3_errmsg(handle)))
    }
    return sqlite3_column_int64(statement, 0)
  }
}
