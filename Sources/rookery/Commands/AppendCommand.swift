internal import ArgumentParser
internal import EventStore
internal import Reports
internal import Streams

struct AppendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "append",
    abstract: "Append one event to a stream.",
    discussion: """
      EXAMPLES
        rookery append service-uptime-http ServiceStatusChanged --data \\
          '{"serviceName":"http","status":"down","timestamp":"2026-01-31T08:30:00Z"}'
        rookery append orders-7 OrderPlaced --data '{"total":12}' --expect none
      """)

  @OptionGroup var options: StoreOptions
  @Argument var stream: String
  @Argument(help: "The event's type, such as UserDataUpdated.") var type: String
  @Option(help: ArgumentHelp("The event's data.", valueName: "json")) var data: String
  @Option(help: ArgumentHelp("The event's metadata.", valueName: "json")) var metadata: String?
  @Option(
    help: ArgumentHelp(
      "What you believe of the stream: any, none, exists, or its last revision.",
      valueName: "revision"))
  var expect: String = "any"
  @Option(help: ArgumentHelp("A UUID; appending it again adds nothing.", valueName: "uuid"))
  var eventID: String?
  @Option(help: ArgumentHelp("When it happened, RFC 3339.", valueName: "time"))
  var timestamp: String?
  @Flag(help: "Print the result as JSON.") var json = false

  func run() throws {
    let settings = try options.load()
    let name = try StreamName(stream)
    guard let expected = ExpectedRevision(expect) else {
      throw ValidationError("--expect must be any, none, exists or a revision.")
    }
    let event = try makeEvent()
    let store = try settings.open(settings.principal == .system ? .createIfMissing : .readWrite)
    try settings.check(.write, name, try store.read { try $0.stream(name) })
    let result = try store.append(
      AppendRequest(name, expected: expected, events: [event], principal: settings.principal))
    if json {
      let value: JSONValue = [
        "stream": .string(stream), "revision": .int(result.last.rawValue),
        "eventId": .string(event.id.description), "repeated": .bool(result.isRepeated),
      ]
      Output.print(value.document)
    } else {
      Output.print(
        "\(stream) revision \(result.last)" + (result.isRepeated ? " (already there)" : ""))
    }
  }

  private func makeEvent() throws -> NewEvent {
    try EventSchema.check(typeName: type)
    var event = NewEvent(
      id: .random(), type: type, data: Array(data.utf8), metadata: Array((metadata ?? "").utf8))
    try JSONText.check(event.data, field: "--data")
    if metadata != nil { try JSONText.check(event.metadata, field: "--metadata") }
    try event.data.withUnsafeBytes { try EventSchema.validate(type: type, data: $0) }
    if let eventID {
      guard let id = EventID(eventID) else {
        throw SchemaViolation(field: "--event-id", reason: "must be a UUID")
      }
      event.id = id
    }
    if let timestamp { event.timestamp = try time(timestamp, field: "--timestamp") }
    if timestamp == nil {
      event.timestamp = event.data.withUnsafeBytes { KnownEventType.time(of: type, data: $0) }
    }
    return event
  }

  private func time(_ text: String, field: String) throws -> Timestamp {
    do { return try Timestamp(rfc3339: text) } catch {
      throw SchemaViolation(field: field, reason: error.reason, code: .invalidTimestamp)
    }
  }
}

/// JSON given on the command line.
enum JSONText {
  /// - Throws: `SchemaViolation` unless `bytes` are one JSON document.
  static func check(_ bytes: [UInt8], field: String) throws {
    let validator = JSONValidator()
    if let problem = bytes.withUnsafeBytes({ validator.problem(in: $0) }) {
      throw SchemaViolation(
        field: field, reason: "must be valid JSON (\(problem))", code: .invalidJSON)
    }
  }
}
