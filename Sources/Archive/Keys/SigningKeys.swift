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
    /// From then on it signs nothing; what it signed before still counts.
    public var retiredAt: Timestamp?

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
        retiredAt: (row["retired_at"] as Int64?).map(Timestamp.init(microseconds:)))
    }
  }

  /// What a verification is given.
  static func trusted(_ db: Database) throws -> [TrustedKey] {
    try entries(db).map { TrustedKey($0.publicKey, retiredAt: $0.retiredAt) }
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
        sql: "INSERT INTO signing_keys VALUES (?, ?, ?, NULL)",
        arguments: [id, Data(key.bytes), now.microseconds])
      try transaction.audit(
        "SigningKeyTrusted", fields: [("key", id), ("reason", reason)], by: principal)
    }
  }

  /// Lets a key sign no more. What it signed until now still counts.
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
      try transaction.db.execute(
        sql: "UPDATE signing_keys SET retired_at = ? WHERE id = ?",
        arguments: [now.microseconds, entry.id])
      try transaction.audit(
        "SigningKeyRetired", fields: [("key", entry.id), ("reason", reason)], by: principal)
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
