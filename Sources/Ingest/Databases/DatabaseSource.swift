internal import GRDB
internal import Streams

/// The tables of another tool's database, one after the other.
///
/// Read page by page, so that a log the tool is writing is not kept from being taken over. Memory
/// is one page.
final class DatabaseSource: RecordSource {
  private struct Line {
    var key: Int64
    var bytes: Range<Int>
    var id: EventID?
    var refusal: Rejection?
  }

  private static let pageRows = 1024
  private static let pageBytes = 4 << 20

  private(set) var refusal = Rejection(.invalidEvent, "")
  private(set) var passedOver = 0
  private(set) var name: String
  let totalBytes: Int64
  private(set) var bytesRead: Int64 = 0
  private let database: ForeignDatabase
  private var tables: [ForeignTable]
  private var lastKey = Int64.min
  private var page: [Line] = []
  private var at = 0
  private var text: [UInt8] = []
  private var line = LineDraft()

  init(_ database: ForeignDatabase, _ tables: [ForeignTable]) throws(IngestError) {
    self.database = database
    self.tables = tables
    name = database.path
    totalBytes = try database.read { db in
      try tables.reduce(0) {
        try $0 + (Int64.fetchOne(db, sql: "SELECT max(\($1.key)) FROM \($1.name)") ?? 0)
      }
    }
  }

  func next() throws(IngestError) -> Record? {
    while at == page.count {
      guard let table = tables.first else {
        try database.finish()
        return nil
      }
      name = "\(database.path):\(table.name)"
      if try !readPage(of: table) {
        tables.removeFirst()
        lastKey = .min
      }
    }
    let row = page[at]
    at += 1
    bytesRead += 1
    let bytes = text.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[row.bytes]) }
    var record = Record(bytes, raw: bytes, number: Int(row.key))
    if let id = row.id { record.id = .given(id) }
    if let refusal = row.refusal {
      record.isRefused = true
      self.refusal = refusal
    }
    return record
  }

  /// Fills the page; false when the table has no further row.
  private func readPage(of table: ForeignTable) throws(IngestError) -> Bool {
    page.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    at = 0
    let before = lastKey
    do {
      try database.read { db in
        let (sql, arguments) = table.selection(after: lastKey)
        do {
          let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
          while page.count < Self.pageRows, text.count < Self.pageBytes, let row = try rows.next() {
            try take(row, of: table)
          }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_TOOBIG {
          try skipTooLarge(db, table)
        }
      }
    } catch {
      // What was read before the damage is taken first.
      guard !page.isEmpty else { throw error.after(row: lastKey, in: name) }
    }
    return lastKey != before
  }

  private func take(_ row: Row, of table: ForeignTable) throws {
    guard let key = (row[0] as DatabaseValue).storage.value as? Int64, key > lastKey else {
      throw IngestError.damaged(file: name, line: Int(lastKey), detail: "its rows are in no order")
    }
    lastKey = key
    let start = text.count
    var written = Line(key: key, bytes: start..<start)
    do throws(Rejection) {
      guard let id = try translate(ForeignRow(key: key, values: row), of: table) else {
        passedOver += 1
        return
      }
      written.id = id
    } catch {
      written.refusal = error
      line.begin()
      ForeignRow(key: key, values: row).write(to: &line)
    }
    line.end()
    text += line.bytes
    written.bytes = start..<text.count
    page.append(written)
  }

  private func translate(_ row: ForeignRow, of table: ForeignTable) throws(Rejection) -> EventID? {
    line.begin()
    let service = try table.service(row)
    line.text("serviceName", service)
    do throws(Rejection) {
      return try table.translate(row, &line)
    } catch {
      throw Rejection(error.code, field: error.field, error.reason, service: service)
    }
  }

  /// Refuses the row that comes next, without reading more of it than its key.
  private func skipTooLarge(_ db: Database, _ table: ForeignTable) throws {
    let key = try Int64.fetchOne(
      db, sql: "SELECT min(\(table.key)) FROM \(table.name) WHERE \(table.key) > ?",
      arguments: [lastKey])
    guard let key else { return }
    lastKey = key
    page.append(
      Line(
        key: key, bytes: text.count..<text.count,
        refusal: Rejection(
          .eventTooLarge, "has a cell of more than \(ForeignDatabase.maxCellBytes) bytes")))
  }
}

extension IngestError {
  fileprivate func after(row: Int64, in table: String) -> IngestError {
    guard case .damaged(_, _, let detail) = self else { return self }
    return .damaged(file: table, line: row == .min ? 0 : Int(row), detail: detail)
  }
}
