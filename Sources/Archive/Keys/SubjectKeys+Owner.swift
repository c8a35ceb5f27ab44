internal import EventStore
internal import GRDB

/// Whose keys a database has: it is one store's, so that no other can destroy them.
///
/// It is told by the table `owner`, from the first key on. Where that says nothing, by the segments
/// of the store, some of which must be sealed to one of the keys.
extension SubjectKeys {
  /// Makes the database the store's, if it is nobody's.
  ///
  /// - Throws: ``WrongStore``.
  func claim(_ db: Database) throws {
    try check(db)
    try db.execute(sql: "CREATE TABLE IF NOT EXISTS owner (store TEXT NOT NULL) STRICT")
    try db.execute(
      sql: "INSERT INTO owner SELECT ? WHERE NOT EXISTS (SELECT * FROM owner)",
      arguments: [store.id])
  }

  /// - Throws: ``WrongStore`` when the database is another store's.
  func check(_ db: Database) throws {
    if try db.tableExists("owner"),
      let owner = try String.fetchOne(db, sql: "SELECT store FROM owner")
    {
      guard owner == store.id else {
        throw WrongStore(path: files.database, owner: owner, store: store.id)
      }
      return
    }
    let keys = try Set(String.fetchAll(db, sql: "SELECT id FROM subject_keys"))
    guard try keys.isEmpty || !keys.isDisjoint(with: keysOfSegments()) else {
      throw WrongStore(path: files.database, owner: nil, store: store.id)
    }
  }

  /// By an opening of its own: whoever asks may be in the middle of a read.
  private func keysOfSegments() throws -> [String] {
    try EventStore(path: store.path, mode: .readOnly).read { snapshot in
      try String.fetchAll(
        snapshot.db,
        sql: "SELECT DISTINCT subject FROM segment_chunks WHERE subject IS NOT NULL")
    }
  }
}
