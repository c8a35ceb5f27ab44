internal import Streams

extension LineParser {
  private struct ActivityFields {
    var user, timestamp, recordedAt, eventID, category, action, kind: JSONSlice?
  }

  /// What a user did, as access logs and histories export it, becomes `UserDataUpdated` in
  /// `user-{user}-activity`.
  ///
  /// `user` (as `userId`), `timestamp`, `category`, `action` and `kind` go to the event's data,
  /// verbatim; every other key to its metadata, but `recordedAt`.
  mutating func activityLine(
    _ line: UnsafeRawBufferPointer, _ payloads: inout [UInt8]
  ) throws(Rejection) -> ParsedEvent {
    guard JSONMembers.kind(of: line) == .object else {
      throw Rejection(.invalidEvent, "is not a JSON object")
    }
    let fields = Self.activityFields(line)
    let user = try Self.text(fields.user, field: "user")
    let stream = try streamName(user, field: "user") { text throws(StreamNameError) in
      try StreamName("user-\(text)-\(UserCategory.activity.rawValue)")
    }
    guard let timestamp = try Self.timestamp(fields.timestamp, field: "timestamp") else {
      throw Rejection(.invalidTimestamp, field: "timestamp", "is missing")
    }
    let recordedAt = try Self.timestamp(fields.recordedAt, field: "recordedAt")
    if let category = fields.category, category.kind != .string, category.kind != .null {
      throw Rejection(.invalidEvent, field: "category", "must be a string")
    }
    let (data, metadata) = Self.place(line, fields, &payloads)
    return ParsedEvent(
      stream: stream, id: id(fields.eventID),
      type: KnownEventType.userDataUpdated, data: data, metadata: metadata, timestamp: timestamp,
      recordedAt: recordedAt)
  }

  private static func place(
    _ line: UnsafeRawBufferPointer, _ fields: ActivityFields, _ payloads: inout [UInt8]
  ) -> (data: Range<Int>, metadata: Range<Int>) {
    let start = payloads.count
    payloads.append(UInt8(ascii: "{"))
    let data: [(StaticString, JSONSlice?)] = [
      ("userId", fields.user), ("timestamp", fields.timestamp), ("category", fields.category),
      ("action", fields.action), ("kind", fields.kind),
    ]
    for (key, value) in data {
      if let value, value.kind != .null { payloads.append(member: key, value.bytes) }
    }
    payloads.append(UInt8(ascii: "}"))
    let end = payloads.count
    return (start..<end, payloads.place(membersOf: line) { !isActivityField($0) })
  }

  private static func isActivityField(_ key: UnsafeRawBufferPointer) -> Bool {
    key.equals("user") || key.equals("timestamp") || key.equals("recordedAt")
      || key.equals("category") || key.equals("action") || key.equals("kind")
  }

  private static func activityFields(_ line: UnsafeRawBufferPointer) -> ActivityFields {
    var fields = ActivityFields()
    JSONMembers.forEach(in: line) { key, value in
      if key.equals("user") {
        fields.user = value
      } else if key.equals("timestamp") {
        fields.timestamp = value
      } else if key.equals("recordedAt") {
        fields.recordedAt = value
      } else if key.equals("eventId") {
        fields.eventID = value
      } else if key.equals("category") {
        fields.category = value
      } else if key.equals("action") {
        fields.action = value
      } else if key.equals("kind") {
        fields.kind = value
      }
    }
    return fields
  }
}
