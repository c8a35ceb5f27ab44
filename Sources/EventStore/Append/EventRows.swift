internal import GRDB
internal import Streams

/// Writes an event's two rows: its id, which must be new to its stream, and the event itself.
struct EventRows {
  private let insertID: RawStatement
  private let insertRow: RawStatement

  init(_ db: Database) throws {
    insertID = try RawStatement(
      db, "INSERT INTO event_ids VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
    insertRow = try RawStatement(db, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
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
      try insertEvent(place, id, metadata: draft.metadata, data: draft.data)
      return true
    }
  }

  /// Inserts the row of an event whose id the store has kept.
  func insertAgain(_ event: EventView, stream: Int64, type: Int64) throws {
    let place = Place(
      stream: stream, revision: event.revision.rawValue, position: event.position.rawValue,
      type: type, timestamp: event.timestamp, recordedAt: event.recordedAt)
    try withUnsafeBytes(of: event.id.rowBytes) { id in
      try insertEvent(place, id, metadata: event.metadata, data: event.data)
    }
  }

  private func insertEvent(
    _ place: Place, _ id: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer,
    data: UnsafeRawBufferPointer
  ) throws {
    insertRow.bind(place.stream << Schema.revisionBits | place.revision, at: 1)
    insertRow.bind(place.position, at: 2)
    insertRow.bind(id, at: 3)
    insertRow.bind(place.type, at: 4)
    insertRow.bind(place.timestamp.microseconds, at: 5)
    insertRow.bind(place.recordedAt.microseconds, at: 6)
    insertRow.bind(metadata, at: 7)
    insertRow.bind(data, at: 8)
    try insertRow.run()
  }
}
