internal import Foundation
internal import Streams

extension LineParser {
  private struct Fields {
    var stream, type, data, metadata, eventID, timestamp, recordedAt: JSONSlice?
    var encodedData, encodedMetadata: JSONSlice?
    var unknown: String?
  }

  /// One event a line, as `rookery ingest` takes it.
  ///
  /// `data_b64` and `metadata_b64` are bytes that `data` and `metadata` could not be, and hold where
  /// both are given. `revision` and `position`, which `rookery read --json` prints, are passed over;
  /// any other field is refused, because dropping it would lose it.
  mutating func eventLine(
    _ line: UnsafeRawBufferPointer, at start: Int, _ payloads: inout [UInt8]
  ) throws(Rejection) -> ParsedEvent {
    let fields = try Self.fields(of: line)
    let stream = try streamName(
      try Self.text(fields.stream, field: "stream"), field: "stream"
    ) { text throws(StreamNameError) in try StreamName(text) }
    guard !stream.isReserved else {
      throw Rejection(.permissionDenied, field: "stream", "names with '$' belong to the store")
    }
    let type = try typeName(try Self.text(fields.type, field: "type"))
    let data = try placeData(fields, line, at: start, &payloads)
    let time = try payloads.withUnsafeBytes { bytes in
      Result { () throws(Rejection) in
        try check(UnsafeRawBufferPointer(rebasing: bytes[data]), of: type)
      }
    }.get()
    let timestamp = try Self.timestamp(fields.timestamp, field: "timestamp") ?? time
    let recordedAt = try Self.recordedAt(fields.recordedAt)
    let id =
      if let given = fields.eventID, given.kind != .null {
        LineIdentity.given(try Self.text(given, field: "eventId"))
      } else {
        identity.ofLine(isTimed: timestamp != nil)
      }
    let metadata =
      if let encoded = fields.encodedMetadata {
        try Self.decode(encoded, field: "metadata_b64", &payloads)
      } else if let given = fields.metadata, given.kind != .null {
        Self.range(of: given, in: line, at: start)
      } else {
        start..<start
      }
    return ParsedEvent(
      stream: stream, id: id, type: type, data: data, metadata: metadata, timestamp: timestamp,
      recordedAt: recordedAt)
  }

  private func placeData(
    _ fields: Fields, _ line: UnsafeRawBufferPointer, at start: Int, _ payloads: inout [UInt8]
  ) throws(Rejection) -> Range<Int> {
    if let encoded = fields.encodedData {
      return try Self.decode(encoded, field: "data_b64", &payloads)
    }
    guard let data = fields.data else {
      throw Rejection(.invalidEvent, field: "data", "is missing")
    }
    return Self.range(of: data, in: line, at: start)
  }

  /// - Returns: when it happened, as far as the data of a known type tells.
  private func check(
    _ data: UnsafeRawBufferPointer, of type: String
  ) throws(Rejection) -> Timestamp? {
    guard EventSchema.isKnown(type) else { return nil }
    if let problem = validator.problem(in: data) {
      throw Rejection(.invalidJSON, field: "data", "is not valid JSON (\(problem))")
    }
    do { try EventSchema.validate(type: type, data: data) } catch {
      throw Rejection(error.code, field: error.field, error.reason)
    }
    return KnownEventType.time(of: type, data: data)
  }

  private static func range(
    of slice: JSONSlice, in line: UnsafeRawBufferPointer, at start: Int
  ) -> Range<Int> {
    let offset = slice.bytes.baseAddress.flatMap { line.baseAddress?.distance(to: $0) } ?? 0
    return (start + offset)..<(start + offset + slice.bytes.count)
  }

  private static func decode(
    _ slice: JSONSlice, field: String, _ payloads: inout [UInt8]
  ) throws(Rejection) -> Range<Int> {
    guard let raw = slice.rawString, let bytes = Data(base64Encoded: Data(raw)) else {
      throw Rejection(.invalidEvent, field: field, "must be a base64 string")
    }
    let start = payloads.count
    payloads.append(contentsOf: bytes)
    return start..<payloads.count
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
      } else if key.equals("data_b64") {
        fields.encodedData = value
      } else if key.equals("metadata_b64") {
        fields.encodedMetadata = value
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
