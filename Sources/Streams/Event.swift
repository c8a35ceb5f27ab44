/// An event somebody wants to append.
public struct NewEvent: Sendable {
  public var id: EventID
  public var type: String
  /// JSON, or opaque bytes; kept verbatim.
  public var data: [UInt8]
  /// JSON, or opaque bytes; kept verbatim; empty when there is none.
  public var metadata: [UInt8]
  /// When it happened: the writer's word. Nil means when the store accepts it.
  public var timestamp: Timestamp?
  /// When an earlier store accepted it, as an import may know. Nil means now.
  public var recordedAt: Timestamp?

  public init(
    id: EventID, type: String, data: [UInt8], metadata: [UInt8] = [],
    timestamp: Timestamp? = nil, recordedAt: Timestamp? = nil
  ) {
    self.id = id
    self.type = type
    self.data = data
    self.metadata = metadata
    self.timestamp = timestamp
    self.recordedAt = recordedAt
  }
}

/// An event as the store holds it.
public struct RecordedEvent: Hashable, Sendable {
  public var revision: Revision
  public var position: Position
  public var id: EventID
  public var type: String
  /// When it happened.
  public var timestamp: Timestamp
  /// When the store (or the source it was imported from) accepted it.
  public var recordedAt: Timestamp
  public var metadata: [UInt8]
  public var data: [UInt8]
  /// As in ``EventView/isErased``.
  public var isErased = false

  public init(
    revision: Revision, position: Position, id: EventID, type: String, timestamp: Timestamp,
    recordedAt: Timestamp, metadata: [UInt8], data: [UInt8]
  ) {
    self.revision = revision
    self.position = position
    self.id = id
    self.type = type
    self.timestamp = timestamp
    self.recordedAt = recordedAt
    self.metadata = metadata
    self.data = data
  }

  /// Calls `body` with a view of this event, valid for the call only.
  public func withView<R>(_ body: (EventView) throws -> R) rethrows -> R {
    try metadata.withUnsafeBytes { metadata in
      try data.withUnsafeBytes { data in
        var view = EventView(
          revision: revision, position: position, id: id, type: type, timestamp: timestamp,
          recordedAt: recordedAt, metadata: metadata, data: data)
        view.isErased = isErased
        return try body(view)
      }
    }
  }
}

/// An event whose payload is borrowed from the row or frame it was read from.
///
/// It is valid only inside the call it was handed to: copy what must outlive it, with ``copy()``.
/// Hot loops read millions of these without an allocation.
public struct EventView {
  public var revision: Revision
  public var position: Position
  public var id: EventID
  public var type: String
  public var timestamp: Timestamp
  public var recordedAt: Timestamp
  public var metadata: UnsafeRawBufferPointer
  public var data: UnsafeRawBufferPointer
  /// The event was there, and its content is gone for good: the revision counts, the payload is
  /// empty, and the other fields are what little is left of them.
  public var isErased = false

  public init(
    revision: Revision, position: Position, id: EventID, type: String, timestamp: Timestamp,
    recordedAt: Timestamp, metadata: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer
  ) {
    self.revision = revision
    self.position = position
    self.id = id
    self.type = type
    self.timestamp = timestamp
    self.recordedAt = recordedAt
    self.metadata = metadata
    self.data = data
  }

  public func copy() -> RecordedEvent {
    var event = RecordedEvent(
      revision: revision, position: position, id: id, type: type, timestamp: timestamp,
      recordedAt: recordedAt, metadata: Array(metadata), data: Array(data))
    event.isErased = isErased
    return event
  }

  /// The envelope of an event of which nothing is left but its place in the stream.
  public static func erased(_ revision: Revision) -> EventView {
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    var event = EventView(
      revision: revision, position: Position(0), id: EventID(high: 0, low: 0),
      type: KnownEventType.erased, timestamp: Timestamp(microseconds: 0),
      recordedAt: Timestamp(microseconds: 0), metadata: nothing, data: nothing)
    event.isErased = true
    return event
  }
}

/// The event types the domain knows. Any other type is legal.
public enum KnownEventType {
  public static let serviceStatusChanged = "ServiceStatusChanged"
  public static let userDataUpdated = "UserDataUpdated"
  public static let streamCreated = "StreamCreated"
  /// What stands for the type of an event that was erased.
  public static let erased = "$erased"

  /// When an event happened, as its data says: a status change's `timestamp`. Nil for other types.
  public static func time(of type: String, data: UnsafeRawBufferPointer) -> Timestamp? {
    guard type == serviceStatusChanged else { return nil }
    var time: Timestamp?
    JSONMembers.forEach(in: data) { key, value in
      if key.equals("timestamp") {
        time = value.rawString.flatMap { try? Timestamp(rfc3339: $0) }
      }
    }
    return time
  }
}

/// Limits of a single event.
public enum EventLimits {
  /// The default bound on data plus metadata, in bytes: 16 MiB, as in KurrentDB.
  public static let defaultMaxBytes = 16 * 1024 * 1024
  /// The bound on an event type's name, in bytes.
  public static let maxTypeBytes = 255
  /// How far apart two right clocks may be, in microseconds: an hour, as after one was set by hand.
  public static let maxClockSkew: Int64 = 3600 * Timestamp.microsecondsPerSecond
}
