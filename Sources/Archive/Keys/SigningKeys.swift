public import EventStore
public import GRDB
internal import Foundation
public import Segments
public import Streams

/// The public keys whose signatures a store trusts: its table `signing_keys`.
///
/// Whoever can write the store can write this table, too: an auditor keeps the public key himself.
public struct SigningKeys: Sendable {
  public let store: EventStore

  public init(_ store: EventStore) { self.store = store }

  /// A key, and since when it is trusted.
  public struct Entry: Sendable, Hashable {
    public var publicKey: SegmentPublicKey
    public var addedAt: Timestamp
    /// From then on it signs nothing.
    public var retiredAt: Timestamp?
    /// The newest segment by then: what it signed up to that one counts, as long as that one is in
    /// the chain. Nil when nothing was archived.
    public var retiredHead: ChainHead?

    public var id: String { publicKey.id.description }
  }

  /// All keys, retired ones too, the oldest first.
  public static func entries(_ db: Database) throws -> [Entry] {
    try Row.fetchAll(db, sql: "SELECT * FROM signing_keys ORDER BY added_at, id").map { row in
      guard let key = SegmentPublicKey(bytes: Array(row["public_key"] as Data)),
        key.id.description == row["id"]
      else { throw StoreError.corrupt(detail: "a signing key is not the one its id says") }
      return Entry(
        publicKey: key, addedAt: Timestamp(microseconds: row["added_at"]),
        retiredAt: (row["retired_at"] as Int64?).map(Timestamp.init(microseconds:)),
        retiredHead: (row["retired_head"] as String?).flatMap { ChainHead($0) })
    }
  }

  /// What a verification is given.
  static func trusted(_ db: Database) throws -> [TrustedKey] {
    try entries(db).map { entry in
      TrustedKey(
        entry.publicKey,
        lastSegment: entry.retiredAt.map { _ in entry.retiredHead?.archiveSeq ?? 0 })
    }
  }

  /// In the transaction that records a new segment: its key may have been retired since it was signed.
  static func checkInUse(_ db: Database, _ id: SHA256Sum?) throws {
    guard let entry = try entries(db).first(where: { $0.publicKey.id == id }) else { return }
    guard entry.retiredAt == nil else { throw SigningKeyError.retired(entry.id) }
  }

  /// Trusts the signatures of `key` from now on; nothing happens when they are already.
  ///
  /// - Throws: ``SigningKeyError`` `.retired`: a key is never trusted again.
  public func trust(
    _ key: SegmentPublicKey, by principal: Principal, reason: String, now: Timestamp
  ) throws {
    let id = key.id.description
    try store.transaction(now: now) { transaction in
      if let known = try Self.entries(transaction.db).first(where: { $0.publicKey == key }) {
        guard known.retiredAt == nil else { throw SigningKeyError.retired(id) }
        return
      }
      try transaction.db.execute(
        sql: "INSERT INTO signing_keys (id, public_key, added_at) VALUES (?, ?, ?)",
        arguments: [id, Data(key.bytes), now.microseconds])
      try transaction.audit(
        "SigningKeyTrusted", fields: [("key", id), ("reason", reason)], by: principal)
    }
  }

  /// Lets a key sign no more. What it signed of the segments that there are now still counts; by which
  /// these are, not when a manifest says that it was made: a stolen key signs any date.
  ///
  /// - Parameter id: the key's id, or the first 8 or more of its digits.
  /// - Throws: ``SigningKeyError``.
  public func retire(
    _ id: String, by principal: Principal, reason: String, now: Timestamp
  ) throws -> Entry {
    try store.transaction(now: now) { transaction in
      var entry = try Self.entry(transaction.db, id)
      guard entry.retiredAt == nil else { throw SigningKeyError.retired(entry.id) }
      entry.retiredAt = now
      entry.retiredHead = try Catalog.chainHead(transaction.db)
      let head = entry.retiredHead?.description
      try transaction.db.execute(
        sql: "UPDATE signing_keys SET retired_at = ?, retired_head = ? WHERE id = ?",
        arguments: [now.microseconds, head, entry.id])
      try transaction.audit(
        "SigningKeyRetired",
        fields: [("key", entry.id)] + (head.map { [("head", $0)] } ?? []) + [("reason", reason)],
        by: principal)
      return entry
    }
  }

  /// The key of this id, or of this beginning of one, of 8 digits at least.
  public static func entry(_ db: Database, _ id: String) throws -> Entry {
    let found = try entries(db).filter { id.utf8.count >= 8 && $0.id.hasPrefix(id) }
    guard let entry = found.first, found.count == 1 else { throw SigningKeyError.unknown(id) }
    return entry
  }
}

/// Why a signing key can't be used as asked.
public enum SigningKeyError: CodedError, Equatable {
  case unknown(String)
  case retired(String)
  /// A policy says `sign`, or a signed segment is to be replaced, and there is no private key.
  case missing
  /// The configured private key is not one whose signatures the store trusts.
  case untrusted(String)

  public var code: ErrorCode { .invalidOption }

  public var message: String {
    switch self {
    case .unknown(let id): "The store has no signing key \(id)."
    case .retired(let id): "Signing key \(id) is retired."
    case .missing: "A segment is to be signed, but no signing key is configured."
    case .untrusted(let id): "The store does not trust the configured signing key \(id)."
    }
  }

  public var remedy: String {
    switch self {
    case .unknown: "See 'rookery keys list'; 8 digits of an id are enough."
    case .retired: "Make a new one with 'rookery keys create'."
    case .missing: "Write 'signingKey: FILE' in the configuration; 'rookery keys create' makes one."
    case .untrusted: "Trust it with 'rookery keys trust FILE'; nothing was written."
    }
  }
}
