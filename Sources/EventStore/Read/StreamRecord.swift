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
  /// Why it must not be deleted; nil when it may.
  public var hold: String?
  public var tombstone: Tombstone?
  /// Until when rows that were restored from segments stay; nil when none were.
  public var restoredUntil: Timestamp?
  /// Above 0 in an audit copy of a part of a stream: what is before it was not restored, and a read
  /// begins here.
  public var firstRevision: Int64

  public var hotEvents: Int64 { events - (prunedTo + 1) }

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
    hold = row["hold_reason"]
    firstRevision = row["first_revision"]
    restoredUntil = (row["restored_until"] as Int64?).map(Timestamp.init(microseconds:))
    if let at = row["deleted_at"] as Int64? {
      tombstone = Tombstone(
        deletedAt: Timestamp(microseconds: at),
        deletedBy: (row["deleted_by"] as String?).flatMap { Principal($0) } ?? .system,
        reason: row["deleted_reason"] ?? "")
    }
  }

  static func fetch(_ db: Database, _ name: StreamName) throws -> StreamRecord? {
    try fetchOne(
      db.cachedStatement(sql: "SELECT * FROM streams WHERE name = ?"), arguments: [name.rawValue])
  }
}
