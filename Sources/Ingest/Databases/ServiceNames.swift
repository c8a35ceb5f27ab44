internal import GRDB
internal import Streams

/// The names of another tool's services, by their keys.
///
/// Two whose events would go to one stream are told apart: the older one, by key, keeps the plain
/// name, so that a service added later changes the name of no other.
struct ServiceNames {
  private var names: [Int64: String] = [:]
  private var taken: Set<StreamName> = []

  /// - Parameter sql: the key, and the parts of its name as BLOBs, ordered by key.
  init(_ database: ForeignDatabase, sql: String) throws(IngestError) {
    var found = ServiceNames()
    try database.read { db in
      let rows = try Row.fetchCursor(db, sql: sql)
      while let row = try rows.next() {
        guard let key = (row[0] as DatabaseValue).storage.value as? Int64 else { continue }
        let parts = (1..<row.count).compactMap {
          ForeignRow(key: key, values: row).bytes($0 - 1).flatMap {
            String(validating: $0, as: UTF8.self)
          }
        }
        found.add(parts.filter { !$0.isEmpty }.joined(separator: "/"), key)
      }
    }
    self = found
  }

  private init() {}

  /// - Throws: ``Rejection`` when there is no such service, or it has no name.
  func name(of key: Int64?, field: String) throws(Rejection) -> String {
    guard let key, let name = names[key] else {
      throw Rejection(.invalidEvent, field: field, "names no service that has a name")
    }
    return name
  }

  private mutating func add(_ name: String, _ key: Int64) {
    guard !name.isEmpty, !name.utf8.contains(0) else { return }
    var unique = name
    while let stream = try? StreamName.serviceUptime(unique), !taken.insert(stream).inserted {
      unique += " #\(key)"
    }
    names[key] = unique
  }
}
