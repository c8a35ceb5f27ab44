internal import Streams

extension LineParser {
  private struct FactFields {
    var serviceName, service, status, timestamp, recordedAt, eventID, type: JSONSlice?

    var hasServiceName: Bool { serviceName.map { $0.kind != .null } ?? false }
    var name: JSONSlice? { hasServiceName ? serviceName : service }
  }

  /// A service's status, as monitors and status pages export it, becomes `ServiceStatusChanged` in
  /// `service-uptime-{slug}`.
  ///
  /// `serviceName`, `status`, `timestamp`, `eventId`, `responseMs`, `duration` and `metadata` go
  /// to the event's data, verbatim; every other key to its metadata, but `type` and `recordedAt`.
  /// `service` is another word for `serviceName`; beside it, it is one of the other keys.
  mutating func factLine(
    _ line: UnsafeRawBufferPointer, _ payloads: inout [UInt8]
  ) throws(Rejection) -> ParsedEvent {
    do throws(Rejection) {
      return try fact(line, &payloads)
    } catch {
      throw Rejection(
        error.code, field: error.field, error.reason, service: Self.factFields(line).name?.string)
    }
  }

  private mutating func fact(
    _ line: UnsafeRawBufferPointer, _ payloads: inout [UInt8]
  ) throws(Rejection) -> ParsedEvent {
    guard JSONMembers.kind(of: line) == .object else {
      throw Rejection(.invalidEvent, "is not a JSON object")
    }
    let fields = Self.factFields(line)
    if let type = fields.type, type.string != KnownEventType.serviceStatusChanged {
      throw Rejection(.invalidEvent, field: "type", "must be ServiceStatusChanged, if given")
    }
    let stream = try streamName(
      try Self.text(fields.name, field: "serviceName"), field: "serviceName"
    ) { text throws(StreamNameError) in try StreamName.serviceUptime(text) }
    guard let timestamp = try Self.timestamp(fields.timestamp, field: "timestamp") else {
      throw Rejection(.invalidTimestamp, field: "timestamp", "is missing")
    }
    let recordedAt = try Self.timestamp(fields.recordedAt, field: "recordedAt")
    let data = Self.placeFact(line, fields, &payloads)
    try Self.check(data, payloads)
    let metadata = Self.placeRest(line, fields, &payloads)
    return ParsedEvent(
      stream: stream, id: id(fields.eventID),
      type: KnownEventType.serviceStatusChanged, data: data, metadata: metadata,
      timestamp: timestamp, recordedAt: recordedAt)
  }

  mutating func id(_ given: JSONSlice?) -> EventID {
    guard let given, given.kind != .null else { return identity.ofLine(isTimed: true) }
    return identity.delivered(given.rawString ?? given.bytes)
  }

  private static func check(_ data: Range<Int>, _ payloads: [UInt8]) throws(Rejection) {
    let violation: SchemaViolation? = payloads.withUnsafeBytes { bytes in
      do throws(SchemaViolation) {
        try EventSchema.validate(
          type: KnownEventType.serviceStatusChanged,
          data: UnsafeRawBufferPointer(rebasing: bytes[data]))
        return nil
      } catch {
        return error
      }
    }
    guard let violation else { return }
    throw Rejection(
      violation.code, field: String(violation.field.dropFirst("data.".count)), violation.reason)
  }

  private static func placeFact(
    _ line: UnsafeRawBufferPointer, _ fields: FactFields, _ payloads: inout [UInt8]
  ) -> Range<Int> {
    let start = payloads.count
    payloads.append(UInt8(ascii: "{"))
    if let name = fields.name { payloads.append(member: "serviceName", name.bytes) }
    JSONMembers.forEach(in: line) { key, value in
      guard isFactData(key), value.kind != .null else { return }
      payloads.append(member: key, value.bytes)
    }
    payloads.append(UInt8(ascii: "}"))
    return start..<payloads.count
  }

  private static func placeRest(
    _ line: UnsafeRawBufferPointer, _ fields: FactFields, _ payloads: inout [UInt8]
  ) -> Range<Int> {
    payloads.place(membersOf: line) { key in
      !isFactData(key) && !key.equals("serviceName") && !key.equals("type")
        && !key.equals("recordedAt") && (!key.equals("service") || fields.hasServiceName)
    }
  }

  private static func isFactData(_ key: UnsafeRawBufferPointer) -> Bool {
    key.equals("status") || key.equals("timestamp") || key.equals("eventId")
      || key.equals("responseMs") || key.equals("duration") || key.equals("metadata")
  }

  private static func factFields(_ line: UnsafeRawBufferPointer) -> FactFields {
    var fields = FactFields()
    JSONMembers.forEach(in: line) { key, value in
      if key.equals("serviceName") {
        fields.serviceName = value
      } else if key.equals("service") {
        fields.service = value
      } else if key.equals("status") {
        fields.status = value
      } else if key.equals("timestamp") {
        fields.timestamp = value
      } else if key.equals("recordedAt") {
        fields.recordedAt = value
      } else if key.equals("eventId") {
        fields.eventID = value
      } else if key.equals("type") {
        fields.type = value
      }
    }
    return fields
  }
}
