internal import Crypto
internal import Foundation
internal import GRDB
public import Streams
internal import Synchronization

/// One X25519 key a data subject, in a database of its own that is in no archive.
///
/// A key has a random id, which is all that segments and the store say of it. Its secret is wrapped with
/// ChaCha20-Poly1305 under a key that HKDF derives from the operator's. Destroying it erases, in
/// every copy of every segment and of the store, what was sealed to it; backups of this database must
/// therefore not be kept for longer than 30 days.
///
/// - I1. A database file and an operator's key that are made have mode 0600.
/// - I2. No file beside the database outlives a transaction, and deleted bytes are overwritten.
/// - I3. No operator's key is made while there are keys that another one wrapped.
public final class SubjectKeys: Sendable {
  public let files: KeyFiles
  let owner: KeyOwner
  private let queue = Mutex<DatabaseQueue?>(nil)

  public init(_ files: KeyFiles, of owner: KeyOwner) {
    self.files = files
    self.owner = owner
  }

  /// A subject's key, as whoever seals needs it.
  public struct SealingKey: Sendable, Hashable {
    public var id: String
    public var recipient: AgeRecipient
  }

  /// Whose key seals a stream: the user whose stream it is, or the stream's own.
  public static func subject(of stream: StreamName) -> String {
    if case .user(let id, _) = stream.family { return subject(ofUser: id) }
    return "stream:\(stream)"
  }

  public static func subject(ofUser id: String) -> String { "user:\(id)" }

  /// The key of `subject`, which is made if there is none.
  ///
  /// - Throws: ``SubjectKeyError``, ``WrongStore``.
  public func sealingKey(of subject: String) throws -> SealingKey {
    try makeFiles()
    let operatorKey = try loadOperatorKey()
    return try database().write { db in
      try claim(db)
      if let row = try Row.fetchOne(
        db, sql: "SELECT id, recipient FROM subject_keys WHERE subject = ?", arguments: [subject])
      {
        guard let recipient = AgeRecipient(bytes: Array(row["recipient"] as Data)) else {
          throw SubjectKeyError.unusable(self.files.database, "a public key is not one")
        }
        return SealingKey(id: row["id"], recipient: recipient)
      }
      let identity = AgeIdentity()
      let id = EventID.random().description
      try db.execute(
        sql: "INSERT INTO subject_keys VALUES (?, ?, ?, ?, ?)",
        arguments: [
          id, subject, Data(identity.recipient.bytes),
          try Self.wrap(identity, id: id, under: operatorKey),
          Int64(Date.now.timeIntervalSince1970 * 1_000_000),
        ])
      return SealingKey(id: id, recipient: identity.recipient)
    }
  }

  /// The key of this id; nil when it was destroyed.
  ///
  /// - Throws: ``SubjectKeyError`` when the database or the operator's key can't be used, and
  ///   ``WrongStore``: then nothing is known of the key.
  public func identity(_ id: String) throws -> AgeIdentity? {
    guard access(files.database, F_OK) == 0 else {
      throw SubjectKeyError.unusable(files.database, "it is not there")
    }
    let wrapped = try database().read { db in
      let wrapped = try Data.fetchOne(
        db, sql: "SELECT wrapped FROM subject_keys WHERE id = ?", arguments: [id])
      // What is not among another store's keys was not destroyed.
      if wrapped == nil { try check(db) }
      return wrapped
    }
    guard let wrapped else { return nil }
    let operatorKey = try loadOperatorKey()
    guard let box = try? ChaChaPoly.SealedBox(combined: wrapped),
      let secret = try? ChaChaPoly.open(box, using: operatorKey, authenticating: Array(id.utf8)),
      let identity = AgeIdentity(secret: Array(secret))
    else {
      throw SubjectKeyError.unusable(files.operatorKey, "it did not wrap the keys in the database")
    }
    return identity
  }

  /// Destroys the key of `subject`, and overwrites where it was. No error when there is none.
  ///
  /// - Returns: whether there was one.
  /// - Throws: ``SubjectKeyError``; ``WrongStore``: then every key is still there.
  public func destroy(_ subject: String) throws -> Bool {
    guard access(files.database, F_OK) == 0 else { return false }
    let queue = try database()
    let count = try queue.write { db in
      try claim(db)
      try db.execute(sql: "DELETE FROM subject_keys WHERE subject = ?", arguments: [subject])
      return db.changesCount
    }
    try queue.vacuum()
    return count > 0
  }

  public func hasKey(of subject: String) throws -> Bool {
    guard access(files.database, F_OK) == 0 else { return false }
    return try database().read { db in
      try check(db)
      return try Bool.fetchOne(
        db, sql: "SELECT EXISTS (SELECT * FROM subject_keys WHERE subject = ?)",
        arguments: [subject]) ?? false
    }
  }

  // MARK: - Files

  private func makeFiles() throws {
    guard access(files.database, F_OK) != 0 else { return }
    guard access(files.operatorKey, F_OK) == 0 else { return try makeOperatorKey() }
  }

  private func makeOperatorKey() throws {
    let key = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
    let descriptor = open(files.operatorKey, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw SubjectKeyError.unusable(files.operatorKey, String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    let line = Array((key + "\n").utf8)
    // Without its name's sync a power cut would take the key that wraps all others.
    guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0,
      Self.syncFolder(of: files.operatorKey)
    else {
      unlink(files.operatorKey)
      throw SubjectKeyError.unusable(files.operatorKey, String(cString: strerror(errno)))
    }
  }

  private static func syncFolder(of path: String) -> Bool {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : path[..<$0] } ?? "."
    let descriptor = open(String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
  }

  private func loadOperatorKey() throws -> SymmetricKey {
    guard let text = try? String(contentsOfFile: files.operatorKey, encoding: .utf8) else {
      throw SubjectKeyError.unusable(files.operatorKey, "it can't be read")
    }
    guard
      let key = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
      key.count == 32
    else { throw SubjectKeyError.unusable(files.operatorKey, "it is not 32 bytes in base64") }
    return HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: key), info: Array("rookery subject keys v1".utf8),
      outputByteCount: 32)
  }

  private static func wrap(
    _ identity: AgeIdentity, id: String, under key: SymmetricKey
  ) throws -> Data {
    try ChaChaPoly.seal(identity.secretBytes, using: key, authenticating: Array(id.utf8)).combined
  }

  private func database() throws -> DatabaseQueue {
    try queue.withLock { queue in
      if let queue { return queue }
      let opened = try connect()
      queue = opened
      return opened
    }
  }

  private func connect() throws -> DatabaseQueue {
    // SQLite would make it with the umask's mode; its journal gets the mode of the database.
    let descriptor = open(files.database, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor >= 0 { close(descriptor) }
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    configuration.label = "rookery.keys"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA journal_mode = DELETE")
      try db.execute(sql: "PRAGMA synchronous = EXTRA")
      try db.execute(sql: "PRAGMA secure_delete = ON")
    }
    do {
      let queue = try DatabaseQueue(path: files.database, configuration: configuration)
      try queue.write { db in
        try db.execute(
          sql: """
            CREATE TABLE IF NOT EXISTS subject_keys (
              id TEXT PRIMARY KEY,
              subject TEXT NOT NULL UNIQUE,
              recipient BLOB NOT NULL,
              wrapped BLOB NOT NULL,
              created_at INTEGER NOT NULL
            ) STRICT
            """)
      }
      return queue
    } catch {
      throw SubjectKeyError.unusable(files.database, "\(error)")
    }
  }
}

/// The key database or the operator's key can't be used.
public enum SubjectKeyError: CodedError, Equatable {
  case unusable(String, String)

  public var code: ErrorCode { .keyUnavailable }

  public var message: String {
    switch self {
    case .unusable(let path, let reason): "\(path) can't be used: \(reason)."
    }
  }

  public var remedy: String {
    "Check 'subjectKeys' and 'operatorKey' in the configuration, and the files' modes."
  }
}
