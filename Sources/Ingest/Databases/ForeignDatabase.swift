internal import Foundation
internal import GRDB
internal import GRDBSQLite
internal import Glibc
internal import Streams

/// Another tool's SQLite file, which may be in use: read, and never changed.
///
/// 1. Nothing is created beside it. A file in WAL mode that nobody has open is read as immutable
///    (else SQLite would make a `-shm`, which the tool may then not be allowed to use), and must
///    be the same at the end.
/// 2. Nothing committed is missed. What is still in a log is read through it: in place when the
///    tool has the file open, else in a private copy.
/// 3. Its schema is not trusted (sqlite.org/security.html): only plain tables are read, and no
///    cell of more than `maxCellBytes`.
final class ForeignDatabase {
  static let maxCellBytes: Int32 = 1 << 20

  let path: String
  private let queue: DatabaseQueue
  private let copy: DatabaseCopy?
  private let original: FileState?

  init(_ link: String) throws(IngestError) {
    // SQLite looks for the log beside the file itself.
    guard let resolved = realpath(link, nil) else {
      throw .unreadable(file: link, detail: String(cString: strerror(errno)))
    }
    defer { free(resolved) }
    path = String(cString: resolved)
    let state = try FileState(path)
    switch state.log {
    case .none:
      (queue, copy, original) = (try Self.open(path, "mode=ro&immutable=1"), nil, state)
    case .abandoned:
      let copy = try DatabaseCopy(of: path)
      (queue, self.copy, original) = (try Self.open(copy.path, "mode=rw"), copy, nil)
    case .shared:
      (queue, copy) = try Self.openShared(path)
      original = nil
    }
  }

  /// A rollback journal that nobody finished can't be undone by a reader, but in a copy.
  private static func openShared(
    _ path: String
  ) throws(IngestError) -> (DatabaseQueue, DatabaseCopy?) {
    do throws(IngestError) { return (try open(path, "mode=ro"), nil) } catch {
      guard FileManager.default.fileExists(atPath: path + "-journal") else { throw error }
      let copy = try DatabaseCopy(of: path)
      return (try open(copy.path, "mode=rw"), copy)
    }
  }

  private static func open(_ path: String, _ options: String) throws(IngestError) -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { db in
      try db.execute(
        sql: "PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1")
      sqlite3_limit(db.sqliteConnection, SQLITE_LIMIT_LENGTH, maxCellBytes)
    }
    configuration.readonly = !options.hasPrefix("mode=rw")
    let encoded = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
    do {
      let queue = try DatabaseQueue(
        path: "file:\(encoded)?\(options)", configuration: configuration)
      _ = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") }
      return queue
    } catch {
      throw .unreadable(file: path, detail: Self.text(error))
    }
  }

  /// Refuses a file in which one of `tables` is not a table with these columns.
  func require(_ tables: [(name: String, columns: [String])], of tool: String) throws(IngestError) {
    let path = path
    try read { db in
      let there = try String.fetchAll(
        db,
        sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'")
      for table in tables {
        guard there.contains(table.name) else {
          throw IngestError.notFrom(
            tool: tool, file: path,
            detail: "it has no table '\(table.name)'. It has: \(Self.list(there))")
        }
        let columns = try String.fetchAll(
          db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table.name])
        for column in table.columns where !columns.contains(column) {
          throw IngestError.notFrom(
            tool: tool, file: path,
            detail:
              "its table '\(table.name)' has no column '\(column)'. It has: \(Self.list(columns))")
        }
      }
    }
  }

  /// - Throws: ``IngestError`` that `body` throws; `.damaged` for what SQLite finds.
  func read<R>(_ body: (Database) throws -> R) throws(IngestError) -> R {
    do {
      return try queue.read(body)
    } catch let error as IngestError {
      throw error
    } catch {
      throw .damaged(file: path, line: 0, detail: Self.text(error))
    }
  }

  /// To be called after the last row.
  ///
  /// - Throws: ``IngestError`` `.changed`, when somebody wrote to a file that nobody had open.
  func finish() throws(IngestError) {
    guard let original else { return }
    guard try FileState(path) == original else { throw .changed(file: path) }
  }

  static func text(_ error: any Error) -> String {
    guard let error = error as? DatabaseError else { return error.localizedDescription }
    return error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty
      ? "none" : names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
  }
}
