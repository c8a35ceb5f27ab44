internal import GRDB

/// The store that a key database belongs to.
public struct KeyOwner: Sendable {
  /// The store's id.
  public var id: String
  /// The ids of the keys that rows and segments of it are sealed to.
  public var keysInUse: @Sendable () throws -> [String]

  public init(id: String, keysInUse: @escaping @Sendable () throws -> [String]) {
    self.id = id
    self.keysInUse = keysInUse
  }
}

/// Whose keys a database has: it is one store's, so that no other can destroy them.
///
/// It is told by the table `owner`, from the first key on. Where that says nothing, by the rows and
/// segments of the store, some of which must be sealed to one of the keys.
extension SubjectKeys {
  /// Makes the database the store's, if it is nobody's.
  ///
  /// - Throws: ``WrongStore``.
  func claim(_ db: Database) throws {
    try check(db)
    try db.execute(sql: "CREATE TABLE IF NOT EXISTS owner (store TEXT NOT NULL) STRICT")
    try db.execute(
      sql: "INSERT INTO owner SELECT ? WHERE NOT EXISTS (SELECT * FROM owner)",
      arguments: [owner.id])
  }

  /// - Throws: ``WrongStore`` when the database is another store's.
  func check(_ db: Database) throws {
    // Asked of the file: what GRDB keeps of the schema does not see what another process changes.
    let isMarked = try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT * FROM sqlite_master WHERE name = 'owner')")
    if isMarked == true,
      let found = try String.fetchOne(db, sql: "SELECT store FROM owner")
    {
      guard found == owner.id else {
        throw WrongStore(path: files.database, owner: found, store: owner.id)
      }
      return
    }
    let keys = try Set(String.fetchAll(db, sql: "SELECT id FROM subject_keys"))
    guard try keys.isEmpty || !keys.isDisjoint(with: owner.keysInUse()) else {
      throw WrongStore(path: files.database, owner: nil, store: owner.id)
    }
  }
}
