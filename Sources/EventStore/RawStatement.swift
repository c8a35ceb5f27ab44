internal import GRDB
internal import GRDBSQLite
internal import Streams

/// A prepared statement of the connection's cache, bound and stepped through SQLite's own
/// functions: half the time of GRDB's arguments, which is what a bulk load mostly does.
///
/// Bound blobs are not copied: they must live until the step is done.
struct RawStatement {
  let handle: OpaquePointer
  private let connection: OpaquePointer?

  init(_ db: Database, _ sql: String) throws {
    handle = try db.cachedStatement(sql: sql).sqliteStatement
    connection = db.sqliteConnection
    sqlite3_reset(handle)
  }

  func bind(_ value: Int64, at index: Int32) { sqlite3_bind_int64(handle, index, value) }

  func bind(_ bytes: UnsafeRawBufferPointer, at index: Int32) {
    if let base = bytes.baseAddress, !bytes.isEmpty {
      sqlite3_bind_blob64(handle, index, base, sqlite3_uint64(bytes.count), nil)
    } else {
      sqlite3_bind_zeroblob(handle, index, 0)
    }
  }

  /// Steps a statement that returns no rows.
  ///
  /// - Returns: how many rows it changed.
  @discardableResult
  func run() throws -> Int {
    let result = sqlite3_step(handle)
    sqlite3_reset(handle)
    guard result == SQLITE_DONE else { throw failure(result) }
    return Int(sqlite3_changes(connection))
  }

  /// Whether there is a (next) row.
  func step() throws -> Bool {
    let result = sqlite3_step(handle)
    if result == SQLITE_ROW { return true }
    sqlite3_reset(handle)
    guard result == SQLITE_DONE else { throw failure(result) }
    return false
  }

  func reset() { sqlite3_reset(handle) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// The column's bytes, valid until the next step or reset.
  func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let base = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(handle, column)))
  }

  private func failure(_ result: Int32) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
      message: connection.map { String(cString: sqlite3_errmsg($0)) })
  }
}

extension EventID {
  /// The 16 bytes kept in a row, big-endian.
  var rowBytes: (UInt64, UInt64) { (high.bigEndian, low.bigEndian) }

  init(rowBytes: UnsafeRawBufferPointer) {
    guard rowBytes.count == 16 else {
      self.init(high: 0, low: 0)
      return
    }
    self.init(
      high: UInt64(bigEndian: rowBytes.loadUnaligned(as: UInt64.self)),
      low: UInt64(bigEndian: rowBytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }
}
