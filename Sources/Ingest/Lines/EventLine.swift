internal import Streams

extension LineParser {
  private struct Fields {
    var stream, type, data, metadata, eventID, timestamp, recordedAt: JSONSlice?
    var unknown: String?
  }

  /// One event a line, as `rookery ingest` takes it.
  ///
  /// `revision` and `position`, which `rookery read --json` prints, are passed over; any other
  /// field is refused, because dropping it would lose it.
  mutating func eventLine(
    _ line: UnsafeRawBufferPointer, at start: Int
  ) throws(Rejection) -> ParsedEvent {
    let fields = try Self.fields(of: line)
    let stream = try streamName(
      try Self.text(fields.stream, field: "stream"), field: "stream"
    ) { text throws(StreamNameError) in try StreamName(text) }
    guard !stream.isReserved else {
      throw Rejection(.permissionDenied, field: "stream", "names with '$' belong to the store")
    }
    let type = try typeName(try Self.text(fields.type, field: "type"))
    guard let data = fields.data else {
      throw Rejection(.invalidEvent, field: "data", "is missing")
    }
    do { try EventSchema.validate(type: type, data: data.bytes) } catch {
      throw Rejection(error.code, field: error.field, error.reason)
    }
    let timestamp =
      try Self.timestamp(fields.timestamp, field: "timestamp")
      ?? KnownEventType.time(of: type, data: data.bytes)
    let recordedAt = try Self.timestamp(fields.recordedAt, field: "recordedAt")
    let id =
      if let given = fields.eventID, given.kind != .null {
        LineIdentity.given(try Self.text(given, field: "eventId"))
      } else {
        identity.ofLine(isTimed: timestamp != nil)
      }
    func range(of slice: JSONSlice) -> Range<Int> {
      let offset = slice.bytes.baseAddress.flatMap { line.baseAddress?.distance(to: $0) } ?? 0
      return (start + offset)..<(start + offset + slice.bytes.count)
    }
    let metadata = fields.metadata.flatMap { $0.kind == .null ? nil : range(of: $0) }
    return ParsedEvent(
      stream: stream, id: id, type: type, data: range(of: data),
      metadata: metadata ?? start..<start, timestamp: timestamp, recordedAt: recordedAt)
  }

  private static func fields(of line: UnsafeRawBufferPointer) throws(Rejection) -> Fields {
    var fields = Fields()
    let isObject = JSONMembers.forEach(in: line) { key, value in
      if key.equals("stream") {
        fields.stream = value
      } else if key.equals("type") {
        fields.type = value
      } else if key.equals("data") {
        fields.data = value
      } else if key.equals("metadata") {
        fields.metadata = value
      } else if key.equals("eventId") {
        fields.eventID = value
      } else if key.equals("timestamp") {
        fields.timestamp = value
      } else if key.equals("recordedAt") {
        fields.recordedAt = value
      } else if !key.equals("revision"), !key.equals("position") {
        fields.unknown = JSONSlice.text(of: key)
      }
    }
    guard isObject else { throw Rejection(.invalidEvent, "is not a JSON object") }
    if let unknown = fields.unknown {
      throw Rejection(.invalidEvent, field: unknown, "is not a field of an event line")
    }
    return fields
  }
}
