internal import GRDB

/// The table of event types: each name once, a number in the rows.
enum EventTypes {
  static func id(of name: String, in db: Database) throws -> Int64 {
    try db.execute(
      sql: "INSERT INTO event_types (name) VALUES (?) ON CONFLICT DO NOTHING", arguments: [name])
    return try Int64.fetchOne(
      db, sql: "SELECT id FROM event_types WHERE name = ?", arguments: [name]) ?? 0
  }
}
