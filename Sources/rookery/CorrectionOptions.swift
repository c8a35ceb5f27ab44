internal import Analytics
internal import ArgumentParser
internal import EventStore
internal import History
internal import Pipelines
internal import Reports
internal import Streams

/// Which incident, or which range, of what.
struct IncidentSubject: ParsableArguments {
  @Option(help: "The service, by its name, its slug or its stream.") var service: String?
  @Option(help: "A group of the report, by its name.") var group: String?
  @Option(help: ArgumentHelp("An instant inside the incident.", valueName: "time"))
  var at: Timestamp?
  @Option(help: ArgumentHelp("First instant, instead of --at.", valueName: "time"))
  var from: Timestamp?
  @Option(help: ArgumentHelp("First instant after it.", valueName: "time")) var to: Timestamp?

  func validate() throws {
    guard (service == nil) != (group == nil) else {
      throw ValidationError("Give either --service or --group.")
    }
    guard (at == nil) != (from == nil), (from == nil) == (to == nil) else {
      throw ValidationError("Give either --at, or --from and --to.")
    }
    guard group == nil || at == nil else {
      throw ValidationError("Give --from and --to for a group: its incidents are its members'.")
    }
  }

  func correct(
    _ effect: Correction.Effect, _ options: StoreOptions, _ statement: StatementOptions
  ) throws {
    try statement.append(options, to: CorrectionLog.incidents) { snapshot, settings in
      let finder = try IncidentFinder(snapshot, for: settings.principal, now: .now())
      let name = try group ?? finder.service(called: service ?? "")
      let range = try at.map { try finder.incident(of: name, at: $0) }
      guard let start = range?.lowerBound ?? from, let end = range?.upperBound ?? to else {
        throw ValidationError("Give either --at, or --from and --to.")
      }
      return .correct(effect, service: name, start: start, end: end)
    }
  }
}

/// What every statement has, whatever it says.
struct StatementOptions: ParsableArguments {
  @Option(help: "Why; every report that it touches shows it.") var reason: String
  @Option(help: ArgumentHelp("A UUID; the same again adds nothing.", valueName: "uuid"))
  var eventID: String?
  @Flag(help: "Print JSON.") var json = false

  /// Appends what `make` says to `stream`, and prints where it is.
  func append(
    _ options: StoreOptions, to stream: StreamName,
    _ make: (HistorySnapshot, Settings) throws -> CorrectionStatement
  ) throws {
    let settings = try options.load()
    let store = try settings.open()
    try settings.check(.write, stream, try store.read { try $0.stream(stream) })
    let id = try eventID.map(Self.id) ?? .random()
    let statement = try History(store: store, folder: settings.archiveFolder).read { snapshot in
      try make(snapshot, settings)
    }
    let event = try statement.event(id: id, reason: reason, principal: settings.principal)
    let result = try store.append(
      AppendRequest(stream, events: [event], principal: settings.principal))
    Output.print(text(statement, id, stream, result))
  }

  private func text(
    _ statement: CorrectionStatement, _ id: EventID, _ stream: StreamName, _ result: AppendResult
  ) -> String {
    var range: Range<Timestamp>?
    var service: String?
    if case .correct(_, let name, let start, let end) = statement {
      (service, range) = (name, start..<end)
    }
    guard !json else {
      let value: JSONValue = [
        "id": .string(id.description), "type": .string(statement.type),
        "stream": .string(stream.rawValue), "revision": .int(result.last.rawValue),
        "service": .optional(service, JSONValue.string),
        "start": .optional(range?.lowerBound, JSONValue.time),
        "end": .optional(range?.upperBound, JSONValue.time),
        "repeated": .bool(result.isRepeated),
      ]
      return value.document
    }
    let what =
      range.map {
        " of \(service ?? "all services"), \($0.lowerBound.rfc3339) to \($0.upperBound.rfc3339)"
      } ?? ""
    return "\(statement.type)\(what): \(stream) revision \(result.last), id \(id)"
      + (result.isRepeated ? " (already there)" : "")
  }

  private static func id(_ text: String) throws -> EventID {
    guard let id = EventID(text) else {
      throw SchemaViolation(field: "--event-id", reason: "must be a UUID")
    }
    return id
  }
}

/// The corrections of one stream, for the list commands.
struct CorrectionList {
  let stream: StreamName
  let service: String?

  func print(_ settings: Settings, json: Bool) throws {
    let store = try settings.open(.readOnly)
    try settings.check(.read, stream, try store.read { try $0.stream(stream) })
    let corrections = try History(store: store, folder: settings.archiveFolder).read {
      try CorrectionLog.read($0, for: settings.principal)
    }
    let listed = corrections.all().filter {
      $0.source.stream == stream
        && (service == nil || $0.service == service || $0.service == nil)
    }
    if json {
      let value: JSONValue = ["corrections": .array(listed.map(\.json))]
      return Output.print(value.document)
    }
    guard !listed.isEmpty else { return Output.print("None.\n") }
    Output.print(table(listed))
  }

  private func table(_ listed: [Correction]) -> String {
    var table = TextTable([
      ("ID", .left), ("OF", .left), ("FROM", .left), ("TO", .left), ("SAYS", .left),
      ("STANDS", .left), ("BY", .left), ("WHY", .left), ("EVENT", .left),
    ])
    for correction in listed {
      table.append([
        correction.id.description, correction.service ?? "all services", correction.start.rfc3339,
        correction.end.rfc3339, correction.says, standing(correction), correction.principal,
        correction.reason, correction.place,
      ])
    }
    return table.text
  }

  private func standing(_ correction: Correction) -> String {
    guard let withdrawal = correction.withdrawal else { return "yes" }
    return (correction.isStanding ? "until \(correction.standingEnd.rfc3339)" : "no")
      + ": \(withdrawal.reason)"
  }
}
