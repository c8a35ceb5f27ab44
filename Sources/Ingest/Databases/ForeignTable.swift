internal import GRDB
internal import Streams

/// One table of another tool's database, row by row in the order of its key.
struct ForeignTable {
  let name: String
  /// Its INTEGER PRIMARY KEY.
  let key: String
  /// Expressions to select beside the key. Text is cast to BLOB: as a text it would be repaired.
  let columns: [String]
  /// The name of the service that a row is about.
  let service: (ForeignRow) throws(Rejection) -> String
  /// Writes what else a row says into the line, and gives its id; nil if it says nothing.
  let translate: (ForeignRow, inout LineDraft) throws(Rejection) -> EventID?

  func selection(after key: Int64) -> (sql: String, arguments: StatementArguments) {
    let columns = ([self.key] + columns).joined(separator: ", ")
    return (
      "SELECT \(columns) FROM \(name) WHERE \(self.key) > ? ORDER BY \(self.key)", [key]
    )
  }
}

/// The values of a row, of whatever type SQLite has them.
struct ForeignRow {
  let key: Int64
  let values: Row

  /// Writes the row as it is, for somebody to see what is wrong with it.
  func write(to line: inout LineDraft) {
    for (name, value) in values {
      switch value.storage {
      case .null: break
      case .int64(let integer): line.text(key: name.utf8, String(integer).utf8)
      case .double(let number): line.text(key: name.utf8, String(number).utf8)
      case .string(let text): line.text(key: name.utf8, text.utf8)
      case .blob(let bytes): line.text(key: name.utf8, bytes)
      }
    }
  }

  func integer(_ index: Int) -> Int64? {
    switch (values[index + 1] as DatabaseValue).storage {
    case .int64(let value): value
    default: nil
    }
  }

  /// A number of at least 0 as JSON; nil for null and anything else.
  func number(_ index: Int) -> String? {
    switch (values[index + 1] as DatabaseValue).storage {
    case .int64(let value) where value >= 0: String(value)
    case .double(let value) where value >= 0 && value < 1e15: String(value)
    default: nil
    }
  }

  func bytes(_ index: Int) -> [UInt8]? {
    switch (values[index + 1] as DatabaseValue).storage {
    case .blob(let data): Array(data)
    default: nil
    }
  }

  /// - Throws: ``Rejection`` if it is null, or no time.
  func time(
    _ index: Int, _ field: String, _ times: TimeReading
  ) throws(Rejection) -> Timestamp {
    guard let bytes = bytes(index) else {
      throw Rejection(.invalidTimestamp, field: field, "is missing")
    }
    let result: Result<Timestamp, Rejection> = bytes.withUnsafeBytes { bytes in
      do throws(Rejection) {
        return .success(try times.read(bytes, field: field))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
