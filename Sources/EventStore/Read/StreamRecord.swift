public import GRDB
public import Streams

/// A stream as its row in the store describes it.
public struct StreamRecord: Sendable {
  /// The store's number for it.
  public var id: Int64
  public var name: StreamName
  public var description: String
  /// JSON texts; nil when none was given.
  public var data: String?
  public var metadata: String?
  public var permissionsText: String?
  public var status: Lifecycle
  public var createdAt: Timestamp
  /// Events ever appended: the next revision.
  public var events: Int64
  /// Bytes of data and metadata ever appended.
  public var bytes: Int64
  /// The earliest and the latest event, by their own timestamps.
  public var firstAt: Timestamp?
  public var lastAt: Timestamp?
  /// Revisions up to here are in segments only; -1 when none is.
  public var prunedTo: Int64
  /// Why it must not be deleted; nil when nothing holds it: neither a hold of its own, nor one on a
  /// pattern that its name matches, nor one on a segment that has events of it.
  public var hold: String?
  /// The reason of its own hold.
  public var ownHold: String?
  public var tombstone: Tombstone?
  /// Until when rows that were restored from segments stay; nil when none were.
  public var restoredUntil: Timestamp?
  /// Above 0 in an audit copy of a part of a stream: what is before it was not restored, and a read
  /// begins here.
  public var firstRevision: Int64
  /// The earliest time at which it may be deleted; nil when no policy said any.
  public var retainUntil: Timestamp?
  /// What is appended to it is encrypted.
  public var isSealed: Bool
  /// The number of the key that rows of it were sealed to; nil when none ever was.
  var sealedTo: Int64?

  public var hotEvents: Int64 { events - (prunedTo + 1) }

  /// It is sealed, or was: its events must not be plain in a segment, nor in rows that come back.
  public var staysSealed: Bool { isSealed || sealedTo != nil }

  /// Whether the rights matrix lets `principal` do this.
  public func allows(_ principal: Principal, to action: Action) -> Bool {
    Rights.allow(principal, to: action, name, permissions: permissions)
  }

  /// The stream's own rule; nil when its family's holds.
  public var permissions: Permissions? { permissionsText.flatMap(Permissions.init(json:)) }
}

extension StreamRecord: FetchableRecord {
  public init(row: Row) throws {
    let name: String = row["name"]
    id = row["id"]
    self.name = try StreamName(name)
    description = row["description"]
    data = row["data"]
    metadata = row["metadata"]
    permissionsText = row["permissions"]
    status = Lifecycle(rawValue: row["status"]) ?? .created
    createdAt = Timestamp(microseconds: row["created_at"])
    events = row["events"]
    bytes = row["bytes"]
    firstAt = (row["first_at"] as Int64?).map(Timestamp.init(microseconds:))
    lastAt = (row["last_at"] as Int64?).map(Timestamp.init(microseconds:))
    prunedTo = row["pruned_to"]
    firstRevision = row["first_revision"]
    hold = row["hold"]
    ownHold = row["hold_reason"]
    retainUntil = (row["retain_until"] as Int64?).map(Timestamp.init(microseconds:))
    isSealed = row["is_sealed"]
    sealedTo = row["sealed_to"]
    restoredUntil = (row["restored_until"] as Int64?).map(Timestamp.init(microseconds:))
    if let at = row["deleted_at"] as Int64? {
      tombstone = Tombstone(
        deletedAt: Timestamp(microseconds: at),
        deletedBy: (row["deleted_by"] as String?).flatMap { Principal($0) } ?? .system,
        reason: row["deleted_reason"] ?? "")
    }
  }

  /// The rows of `streams`, each with why it is held, and whether it is sealed.
  static let query = """
    SELECT *, coalesce(hold_reason, (
      SELECT reason FROM holds WHERE name GLOB pattern OR EXISTS (
        SELECT * FROM segment_ranges WHERE stream = streams.id AND archive_seq = segment)
      ORDER BY holds.id LIMIT 1)) AS hold, \(Seal.coversName) AS is_sealed
    FROM streams
    """

  static func fetch(_ db: Database, _ name: StreamName) throws -> StreamRecord? {
    try fetchOne(
      db.cachedStatement(sql: "\(query) WHERE name = ?"), arguments: [name.rawValue])
  }
}
