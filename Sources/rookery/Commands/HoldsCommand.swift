internal import Archive
internal import ArgumentParser
internal import EventStore
internal import GRDB
internal import Reports
internal import Streams

struct HoldsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "holds",
    abstract: "List legal holds, place and lift those on many streams or on a segment.",
    discussion: """
      What is held can't be deleted, by anyone, until every hold on it is lifted. A hold on a
      pattern is also one on every stream to come that matches; a hold on a segment is one on every
      stream in it.

      EXAMPLES
        rookery holds
        rookery holds place --streams 'user-42-*' --reason 'case 2026-17'
        rookery holds place --segment pack-3-g1 --reason 'audit of 2026'
        rookery holds lift --streams 'user-42-*' --reason 'case 2026-17 is closed'
      """,
    subcommands: [List.self, Place.self, Lift.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List all holds.", discussion: "EXAMPLES\n  rookery holds list --json")

    @OptionGroup var options: StoreOptions
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let store = try options.loadForSystem().open(.readOnly)
      let holds = try store.read { snapshot in
        try snapshot.legalHolds().map { try ShownHold($0, snapshot) }
          + snapshot.streams().filter { $0.ownHold != nil }.map(ShownHold.init)
      }
      if json {
        let value: JSONValue = ["holds": .array(holds.map(\.json))]
        return Output.print(value.document)
      }
      guard !holds.isEmpty else { return Output.print("Nothing is on hold.\n") }
      var table = TextTable([
        ("HOLDS", .left), ("NAME", .left), ("PLACED", .left), ("BY", .left), ("REASON", .left),
      ])
      for hold in holds {
        table.append([
          hold.kind, hold.name, hold.placedAt?.rfc3339 ?? "-", hold.placedBy ?? "-", hold.reason,
        ])
      }
      Output.print(table.text)
    }
  }

  struct Place: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forbid deleting.",
      discussion: "EXAMPLES\n  rookery holds place --streams 'user-42-*' --reason 'case 2026-17'")

    @OptionGroup var options: StoreOptions
    @OptionGroup var subject: HoldSubject
    @Option(help: "Why; whoever tries to delete sees it, and the audit stream keeps it.")
    var reason: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      let store = try settings.open()
      try store.placeHold(
        on: try subject.resolve(store), reason: reason, by: settings.principal)
      Output.print(json ? subject.json(isHeld: true, reason) : "Held: \(subject.text).\n")
    }
  }

  struct Lift: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lift a hold.",
      discussion: "EXAMPLES\n  rookery holds lift --segment pack-3-g1 --reason 'audit is over'")

    @OptionGroup var options: StoreOptions
    @OptionGroup var subject: HoldSubject
    @Option(help: "Why; the audit stream keeps it.") var reason: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      let store = try settings.open()
      try store.liftHold(on: try subject.resolve(store), reason: reason, by: settings.principal)
      Output.print(json ? subject.json(isHeld: false, reason) : "Lifted: \(subject.text).\n")
    }
  }
}

/// What a hold is on.
struct HoldSubject: ParsableArguments {
  @Option(help: ArgumentHelp("A glob of stream names.", valueName: "glob")) var streams: String?
  @Option(help: ArgumentHelp("A segment's id.", valueName: "segment")) var segment: String?

  func validate() throws {
    guard (streams == nil) != (segment == nil) else {
      throw ValidationError("Give either --streams or --segment.")
    }
  }

  var text: String { streams.map { "streams \($0)" } ?? segment.map { "segment \($0)" } ?? "" }

  func json(isHeld: Bool, _ reason: String) -> String {
    let value: JSONValue = [
      "kind": .string(streams == nil ? "segment" : "streams"),
      "name": .string(streams ?? segment ?? ""), "held": .bool(isHeld), "reason": .string(reason),
    ]
    return value.document
  }

  func resolve(_ store: EventStore) throws -> LegalHold.Subject {
    if let streams { return .streams(matching: streams) }
    let wanted = segment ?? ""
    let entries = try store.read { try Catalog.living($0.db) }
    guard let entry = entries.first(where: { $0.segmentID == wanted || $0.file == wanted }) else {
      throw ArchiveError.noSuchSegment(wanted)
    }
    return .segment(entry.archiveSeq)
  }
}

private struct ShownHold {
  var kind: String
  var name: String
  var placedAt: Timestamp?
  var placedBy: String?
  var reason: String

  init(_ hold: LegalHold, _ snapshot: Snapshot) throws {
    switch hold.subject {
    case .streams(let pattern): (kind, name) = ("streams", pattern)
    case .segment(let number):
      (kind, name) = ("segment", try Catalog.entry(snapshot.db, number)?.segmentID ?? "\(number)")
    }
    placedAt = hold.placedAt
    placedBy = hold.placedBy.description
    reason = hold.reason
  }

  init(_ record: StreamRecord) {
    (kind, name, reason) = ("stream", record.name.rawValue, record.ownHold ?? "")
  }

  var json: JSONValue {
    [
      "kind": .string(kind), "name": .string(name), "reason": .string(reason),
      "placedAt": .optional(placedAt, JSONValue.time),
      "placedBy": .optional(placedBy) { .string($0) },
    ]
  }
}
