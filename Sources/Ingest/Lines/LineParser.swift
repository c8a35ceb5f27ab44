internal import EventStore
internal import Streams

/// What the lines of an input are.
public enum LineFormat: String, Sendable {
  /// `{"stream","type","data","metadata"?,"eventId"?,"timestamp"?,"recordedAt"?}`
  case events
  /// `{"serviceName"|"service","status","timestamp",…}`: see ``FactLine``.
  case facts
  /// `{"user","timestamp",…}`: see ``ActivityLine``.
  case activity
}

/// Turns lines into events of a batch. Names and types are made once for each distinct text.
struct LineParser {
  let format: LineFormat
  let maxEventBytes: Int
  let validator = JSONValidator()
  var identity: LineIdentity
  private var names: [[UInt8]: StreamName] = [:]
  private var lastName: (bytes: [UInt8], name: StreamName)?
  private var lastType: (bytes: [UInt8], text: String)?

  init(format: LineFormat, source: String, path: String, maxEventBytes: Int) {
    self.format = format
    self.maxEventBytes = maxEventBytes
    identity = LineIdentity(source: source, path: path)
  }

  /// Appends the event of `record` to `batch`.
  ///
  /// - Throws: ``Rejection``; the batch is as before.
  mutating func parse(
    _ record: Record, into batch: inout ParsedBatch
  ) throws(Rejection) {
    if let problem = validator.problem(in: record.bytes) {
      throw record.isTranslated
        ? Rejection(.invalidEvent, "is not valid UTF-8")
        : Rejection(.invalidJSON, "is not valid JSON (\(problem))")
    }
    identity.member = record.member
    identity.line = record.number
    identity.bytes = record.raw
    let raw = batch.payloads.place(record.bytes)
    do throws(Rejection) {
      var event = try event(of: record.bytes, at: raw.lowerBound, &batch.payloads)
      if case .given(let id) = record.id { event.id = id }
      let bytes = event.data.count + event.metadata.count
      guard bytes <= maxEventBytes else {
        throw Rejection(
          .eventTooLarge, "the event has \(bytes) bytes; \(maxEventBytes) are allowed")
      }
      event.member = record.member
      event.line = record.number
      event.raw = raw
      event.fingerprint = batch.payloads.withUnsafeBytes { event.draft(in: $0).fingerprint }
      batch.events.append(event)
    } catch {
      batch.payloads.removeLast(batch.payloads.count - raw.lowerBound)
      throw error
    }
  }

  /// The event of the line that lies at `start` in the payloads.
  private mutating func event(
    of line: UnsafeRawBufferPointer, at start: Int, _ payloads: inout [UInt8]
  ) throws(Rejection) -> ParsedEvent {
    switch format {
    case .events: try eventLine(line, at: start)
    case .facts: try factLine(line, &payloads)
    case .activity: try activityLine(line, &payloads)
    }
  }

  mutating func streamName(
    _ raw: UnsafeRawBufferPointer, field: String,
    _ make: (String) throws(StreamNameError) -> StreamName
  ) throws(Rejection) -> StreamName {
    if let lastName, lastName.bytes.elementsEqual(raw) { return lastName.name }
    let bytes = Array(raw)
    let name: StreamName
    if let known = names[bytes] {
      name = known
    } else {
      do { name = try make(JSONSlice.text(of: raw)) } catch {
        throw Rejection(error.code, field: field, error.message)
      }
      if names.count < 100_000 { names[bytes] = name }
    }
    lastName = (bytes, name)
    return name
  }

  mutating func typeName(_ raw: UnsafeRawBufferPointer) throws(Rejection) -> String {
    if let lastType, lastType.bytes.elementsEqual(raw) { return lastType.text }
    let text = JSONSlice.text(of: raw)
    do { try EventSchema.check(typeName: text) } catch {
      throw Rejection(error.code, field: error.field, error.reason)
    }
    lastType = (Array(raw), text)
    return text
  }

  static func timestamp(_ slice: JSONSlice?, field: String) throws(Rejection) -> Timestamp? {
    guard let slice, slice.kind != .null else { return nil }
    guard let raw = slice.rawString else {
      throw Rejection(.invalidTimestamp, field: field, "must be a string")
    }
    do { return try Timestamp(rfc3339: raw) } catch {
      throw Rejection(.invalidTimestamp, field: field, error.reason)
    }
  }

  static func text(
    _ slice: JSONSlice?, field: String
  ) throws(Rejection) -> UnsafeRawBufferPointer {
    guard let slice else { throw Rejection(.invalidEvent, field: field, "is missing") }
    guard let raw = slice.rawString else {
      throw Rejection(.invalidEvent, field: field, "must be a string")
    }
    guard !raw.isEmpty else { throw Rejection(.invalidEvent, field: field, "must not be empty") }
    return raw
  }
}

extension JSONSlice {
  /// The text of a string's inside, escapes resolved.
  static func text(of raw: UnsafeRawBufferPointer) -> String {
    raw.contains(UInt8(ascii: "\\"))
      ? JSONEscapes.resolve(raw) : String(decoding: raw, as: UTF8.self)
  }
}

extension [UInt8] {
  /// Appends `bytes`; the range where they are now.
  mutating func place(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
    let start = count
    append(contentsOf: bytes)
    return start..<count
  }

  /// Appends an object of those members of `line` whose keys are wanted, verbatim; nothing when
  /// there is none.
  mutating func place(
    membersOf line: UnsafeRawBufferPointer, where isWanted: (UnsafeRawBufferPointer) -> Bool
  ) -> Range<Int> {
    let start = count
    JSONMembers.forEach(in: line) { key, value in
      guard isWanted(key) else { return }
      if count == start { append(UInt8(ascii: "{")) }
      append(member: key, value.bytes)
    }
    if count > start { append(UInt8(ascii: "}")) }
    return start..<count
  }

  mutating func append(_ text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends `"key":value`, after a comma unless an object has just begun.
  mutating func append(member key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    if last != UInt8(ascii: "{") { append(UInt8(ascii: ",")) }
    append(UInt8(ascii: "\""))
    append(contentsOf: key)
    append("\":")
    append(contentsOf: value)
  }

  mutating func append(member key: StaticString, _ value: UnsafeRawBufferPointer) {
    append(
      member: UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount), value)
  }
}
