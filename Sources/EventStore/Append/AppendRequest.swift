public import Streams

/// Events to be appended to one stream: all of them or none.
public struct AppendRequest: Sendable {
  public var stream: StreamName
  public var expected: ExpectedRevision
  public var events: [NewEvent]
  public var principal: Principal

  public init(
    _ stream: StreamName, expected: ExpectedRevision = .any, events: [NewEvent],
    principal: Principal = .system
  ) {
    self.stream = stream
    self.expected = expected
    self.events = events
    self.principal = principal
  }
}

/// Where the events of an append are.
public struct AppendResult: Hashable, Sendable {
  /// The revision of the first event.
  public var first: Revision
  /// The revision of the last event.
  public var last: Revision
  /// The same events were there already: this is the first append's answer.
  public var isRepeated: Bool

  public init(first: Revision, last: Revision, isRepeated: Bool) {
    self.first = first
    self.last = last
    self.isRepeated = isRepeated
  }
}

/// An event for a bulk load; its payload is borrowed for the call.
public struct EventDraft {
  public var id: EventID
  public var type: String
  public var data: UnsafeRawBufferPointer
  public var metadata: UnsafeRawBufferPointer
  public var timestamp: Timestamp?
  public var recordedAt: Timestamp?
  /// The ``fingerprint``, from whoever had time to compute it before.
  public var knownFingerprint: Int64?

  public init(
    id: EventID, type: String, data: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer,
    timestamp: Timestamp?, recordedAt: Timestamp?
  ) {
    self.id = id
    self.type = type
    self.data = data
    self.metadata = metadata
    self.timestamp = timestamp
    self.recordedAt = recordedAt
  }

  /// What makes two events with one id the same event: all that the writer said.
  ///
  /// A time that is also the time of recording counts as not said: the store puts the one for the
  /// other, and an event that only a segment still holds must have the fingerprint it always had.
  public var fingerprint: Int64 {
    knownFingerprint ?? fingerprint(saying: timestamp == recordedAt ? nil : timestamp)
  }

  private func fingerprint(saying said: Timestamp?) -> Int64 {
    var fingerprint = Fingerprint()
    fingerprint.combine(type)
    fingerprint.combine(metadata)
    fingerprint.combine(data)
    withUnsafeBytes(of: said?.microseconds ?? -1) { fingerprint.combine($0) }
    return Int64(bitPattern: fingerprint.value)
  }

  /// Whether this event, as it was kept, may have been appended with `fingerprint`.
  ///
  /// A writer may have said just the time at which the store then recorded the event; what was kept
  /// does not tell whether it was said.
  ///
  /// - Parameter keyed: what a sealed stream makes of a fingerprint.
  func mayHave(_ fingerprint: Int64, keyed: (Int64) -> Int64 = { $0 }) -> Bool {
    keyed(self.fingerprint) == fingerprint
      || timestamp == recordedAt && keyed(self.fingerprint(saying: timestamp)) == fingerprint
  }
}

extension EventDraft {
  /// An event as it was appended, as far as it can be known from what was kept of it.
  init(_ event: EventView) {
    self.init(
      id: event.id, type: event.type, data: event.data, metadata: event.metadata,
      timestamp: event.timestamp, recordedAt: event.recordedAt)
  }
}

extension NewEvent {
  /// Calls `body` with this event as a draft, valid for the call only.
  public func withDraft<R>(_ body: (EventDraft) throws -> R) rethrows -> R {
    try data.withUnsafeBytes { data in
      try metadata.withUnsafeBytes { metadata in
        try body(
          EventDraft(
            id: id, type: type, data: data, metadata: metadata, timestamp: timestamp,
            recordedAt: recordedAt))
      }
    }
  }
}
