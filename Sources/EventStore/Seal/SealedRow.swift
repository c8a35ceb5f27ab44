internal import GRDB
internal import Sealing

/// What the column `sealed` of a row says: the number of the key that opens it, and how many bytes of
/// what is inside are metadata. The rest is data.
struct SealedRow {
  private static let metadataBits: Int64 = 32

  var key: Int64
  var metadataBytes: Int

  init(key: Int64, metadataBytes: Int) {
    self.key = key
    self.metadataBytes = metadataBytes
  }

  init(column: Int64) {
    key = column >> Self.metadataBits
    metadataBytes = Int(column & (1 << Self.metadataBits - 1))
  }

  var column: Int64 { key << Self.metadataBits | Int64(metadataBytes) }

  /// How many bytes of metadata and data a row holds: what was appended, not what it takes.
  static func payloadBytes(stored: Int64, isSealed: Bool) -> Int64 {
    isSealed ? Int64(AgeFile.contentBytes(sealed: Int(stored))) : stored
  }
}

/// The keys that rows were sealed to: a number in the rows, the key database's id here.
enum SealingKeys {
  static func number(of id: String, _ db: Database) throws -> Int64 {
    try db.execute(
      sql: "INSERT INTO sealing_keys (id) VALUES (?) ON CONFLICT DO NOTHING", arguments: [id])
    return try Int64.fetchOne(
      db, sql: "SELECT number FROM sealing_keys WHERE id = ?", arguments: [id]) ?? 0
  }

  /// The key itself; nil when it was destroyed.
  static func identity(
    _ number: Int64, _ keys: SubjectKeys, _ db: Database
  ) throws -> AgeIdentity? {
    let id = try String.fetchOne(
      db, sql: "SELECT id FROM sealing_keys WHERE number = ?", arguments: [number])
    guard let id else { throw StoreError.corrupt(detail: "there is no sealing key \(number)") }
    return try keys.identity(id)
  }
}
