public import EventStore
internal import GRDB
public import Streams

/// Keeps a clock that can't be right from deciding what is archived or deleted.
///
/// What is cold, and whose retention is over, is told by the machine's clock alone: one that is
/// years ahead would end every retention at once. So it is compared with what the store knows of
/// the time: when it was last asked this, when it was made, and when its newest event was recorded.
public struct ClockCheck: Sendable {
  let store: EventStore
  /// How far ahead of the last time the clock may be; µs.
  let maxGap: Int64

  /// 400 days: an archive that runs once a year is still believed.
  public static let maxGap: Int64 = 400 * Timestamp.microsecondsPerDay

  public init(_ store: EventStore, maxGap: Int64 = Self.maxGap) {
    self.store = store
    self.maxGap = maxGap
  }

  /// Throws if `now` can't be right, and otherwise remembers it for the next time.
  ///
  /// - Parameter evenSo: somebody has looked at the clock: it is right.
  /// - Throws: ``ClockError``.
  public func pass(_ now: Timestamp, evenSo: Bool = false) throws {
    if !evenSo { try check(now) }
    try store.write { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO store VALUES ('clock', ?)",
        arguments: [String(now.microseconds)])
    }
  }

  /// The same without remembering anything.
  public func check(_ now: Timestamp) throws {
    let (last, made, newest) = try store.read { snapshot in
      (
        try Self.value("clock", snapshot.db).flatMap { Int64($0) }.map(
          Timestamp.init(microseconds:)),
        try Self.value("created_at", snapshot.db).flatMap { try? Timestamp(rfc3339: $0) },
        try Int64.fetchOne(
          snapshot.db, sql: "SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1"
        ).map(Timestamp.init(microseconds:))
      )
    }
    if let known = [last, newest].compactMap({ $0 }).max(),
      now.microseconds < known.microseconds - EventLimits.maxClockSkew
    {
      throw ClockError.behind(now: now, known: known)
    }
    if let known = last ?? [made, newest].compactMap({ $0 }).max(),
      now.microseconds > known.microseconds + maxGap
    {
      throw ClockError.ahead(now: now, known: known)
    }
  }

  private static func value(_ key: String, _ db: Database) throws -> String? {
    try String.fetchOne(db, sql: "SELECT value FROM store WHERE key = ?", arguments: [key])
  }
}

/// The machine's clock contradicts the store. Nothing was archived or deleted.
public enum ClockError: CodedError, Equatable {
  /// The store has seen a later time.
  case behind(now: Timestamp, known: Timestamp)
  /// So long after the last time the store knows of that the clock is more likely wrong.
  case ahead(now: Timestamp, known: Timestamp)

  public var code: ErrorCode { .clockJumped }

  public var message: String {
    switch self {
    case .behind(let now, let known):
      "The clock says \(now.rfc3339), but the store has seen \(known.rfc3339) already."
    case .ahead(let now, let known):
      "The clock says \(now.rfc3339), but the last the store knows of is \(known.rfc3339)."
    }
  }

  public var remedy: String {
    "Nothing was archived or deleted. Set the clock right; if it is right, say so with --even-so."
  }
}
