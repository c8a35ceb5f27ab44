internal import GRDB
internal import Streams

/// Writes an event's two rows: its id, which must be new to its stream, and the event itself.
struct EventRows {
  private let insertID: RawStatement
  private let insertEvent: RawStatement

  init(_ db: Database) throws {
    insertID = try RawStatement(
      db, "INSERT INTO event_ids VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
    insertEvent = try RawStatement(db, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
  }

  /// Where an event goes and when it happened and was recorded.
  struct Place {
    var stream: Int64
    var revision: Int64
    var position: Int64
    var type: Int64
    var timestamp: Timestamp
    var recordedAt: Timestamp
  }

  /// - Returns: false, with nothing changed, when the stream has an event of this id.
  func insert(_ draft: EventDraft, at place: Place) throws -> Bool {
    try withUnsafeBytes(of: draft.id.rowBytes) { id in
      insertID.bind(place.stream, at: 1)
      insertID.bind(id, at: 2)
      insertID.bind(place.revision, at: 3)
      insertID.bind(draft.fingerprint, at: 4)
      guard try insertID.run() == 1 else { return false }
      insertEvent.bind(place.stream << Schema.revisionBits | place.revision, at: 1)
      insertEvent.bind(place.position, at: 2)
      insertEvent.bind(id, at: 3)
      insertEvent.bind(place.type, at: 4)
      insertEvent.bind(place.timestamp.microseconds, at: 5)
      insertEvent.bind(place.recordedAt.microseconds, at: 6)
      insertEvent.bind(draft.metadata, at: 7)
      insertEvent.bind(draft.data, at: 8)
      try insertEvent.run()
      return true
    }
  }
}
