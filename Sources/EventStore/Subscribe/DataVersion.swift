internal import GRDBSQLite

/// Tells whether anybody committed to a store file, in this process or another.
///
/// `PRAGMA data_version` (sqlite.org/pragma.html#pragma_data_version) compares a number in the
/// log's shared index: no page of the file is read. It means something only for one connection,
/// so this one is kept for nothing else.
final class DataVersion {
  private let handle: OpaquePointer
  private let statement: OpaquePointer
  private var last: Int64?

  /// - Throws: ``StoreError`` `.io` when the file can't be opened a second time.
  init(path: String) throws {
    var handle: OpaquePointer?
    var statement: OpaquePointer?
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK,
      sqlite3_prepare_v2(handle, "PRAGMA data_version", -1, &statement, nil) == SQLITE_OK,
      let handle, let statement
    else {
      let detail = String(cString: sqlite3_errmsg(handle))
      sqlite3_finalize(statement)
      sqlite3_close_v2(handle)
      throw StoreError.io(detail: "\(path) can't be watched: \(detail)")
    }
    self.handle = handle
    self.statement = statement
    last = current()
  }

  deinit {
    sqlite3_finalize(statement)
    sqlite3_close_v2(handle)
  }

  /// Whether there was a commit since this was last asked, or may have been.
  func hasChanged() -> Bool {
    let now = current()
    defer { last = now }
    return now == nil || now != last
  }

  /// Nil when SQLite can't tell, as while another process recovers the log.
  private func current() -> Int64? {
    defer { sqlite3_reset(statement) }
    return sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : nil
  }
}
