internal import GRDB
internal import Streams

/// Writes an event's two rows: its id, which must be new to its stream, and the event itself, sealed
/// when there is a sealer.
struct EventRows {
  private let insertID: RawStatement
  private let insertRow: RawStatement
  private let insertSealedRow: RawStatement

  init(_ db: Database) throws {
    insertID = try RawStatement(
      db, "INSERT INTO event_ids VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
    insertRow = try RawStatement(db, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)")
    insertSealedRow = try RawStatement(
      db, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, zeroblob(0), ?, ?)")
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
  func insert(
    _ draft: EventDraft, at place: Place, sealedBy sealer: StreamSealer?
  ) throws -> Bool {
    try withUnsafeBytes(of: draft.id.rowBytes) { id in
      insertID.bind(place.stream, at: 1)
      insertID.bind(id, at: 2)
      insertID.bind(place.revision, at: 3)
      insertID.bind(sealer?.keyed(draft.fingerprint) ?? draft.fingerprint, at: 4)
      guard try insertID.run() == 1 else { return false }
      try insertEvent(place, id, metadata: draft.metadata, data: draft.data, sealer)
      return true
    }
  }

  /// Inserts the row of an event whose id the store has kept.
  func insertAgain(
    _ event: EventView, stream: Int64, type: Int64, sealedBy sealer: StreamSealer?
  ) throws {
    let place = Place(
      stream: stream, revision: event.revision.rawValue, position: event.position.rawValue,
      type: type, timestamp: event.timestamp, recordedAt: event.recordedAt)
    try withUnsafeBytes(of: event.id.rowBytes) { id in
      try insertEvent(place, id, metadata: event.metadata, data: event.data, sealer)
    }
  }

  private func insertEvent(
    _ place: Place, _ id: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer,
    data: UnsafeRawBufferPointer, _ sealer: StreamSealer?
  ) throws {
    guard let sealer else {
      insertRow.bind(place, id)
      insertRow.bind(metadata, at: 7)
      insertRow.bind(data, at: 8)
      try insertRow.run()
      return
    }
    insertSealedRow.bind(place, id)
    try sealer.seal(metadata: metadata, data: data) { file, sealed in
      insertSealedRow.bind(file, at: 7)
      insertSealedRow.bind(sealed.column, at: 8)
      try insertSealedRow.run()
    }
  }
}

extension RawStatement {
  /// The columns that plain and sealed rows have in common.
  fileprivate func bind(_ place: EventRows.Place, _ id: UnsafeRawBufferPointer) {
    bind(place.stream << Schema.revisionBits | place.revision, at: 1)
    bind(place.position, at: 2)
    bind(id, at: 3)
    bind(place.type, at: 4)
    bind(place.timestamp.microseconds, at: 5)
    bind(place.recordedAt.microseconds, at: 6)
  }
}
