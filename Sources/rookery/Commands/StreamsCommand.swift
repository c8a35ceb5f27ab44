internal import ArgumentParser
internal import EventStore
internal import Reports
internal import Streams

struct StreamsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "streams",
    abstract: "List streams: state, events, first, last, bytes, hot or cold.",
    discussion: """
      EXAMPLES
        rookery streams
        rookery streams 'user-*-loans' --json
      """)

  @OptionGroup var options: StoreOptions
  @Argument(help: "A glob of names: * ? [abc].") var pattern: String = "*"
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let settings = try options.load()
    let records = try settings.open(.readOnly).read { try $0.streams(matching: pattern) }
      .filter { $0.allows(settings.principal, to: .read) }
    if json {
      let value: JSONValue = ["streams": .array(records.map(\.json))]
      Output.print(value.document)
      return
    }
    var table = TextTable([
      ("STREAM", .left), ("STATUS", .left), ("EVENTS", .right), ("BYTES", .right),
      ("FIRST", .left), ("LAST", .left), ("HOT", .right), ("COLD", .right),
    ])
    for record in records {
      table.append([
        record.name.rawValue, record.status.rawValue, String(record.events),
        String(record.bytes), record.firstAt?.rfc3339 ?? "-", record.lastAt?.rfc3339 ?? "-",
        String(record.hotCount), String(record.coldCount),
      ])
    }
    Output.print(table.text)
  }
}

extension StreamRecord {
  /// A tombstone has no events left to be hot or cold.
  var hotCount: Int64 { status == .deleted ? 0 : hotEvents }
  var coldCount: Int64 { status == .deleted ? 0 : prunedTo + 1 - firstRevision }

  var json: JSONValue {
    [
      "stream": .string(name.rawValue), "description": .string(description),
      "status": .string(status.rawValue), "events": .int(events), "bytes": .int(bytes),
      "first": .optional(firstAt, JSONValue.time), "last": .optional(lastAt, JSONValue.time),
      "hot": .int(hotCount), "cold": .int(coldCount), "createdAt": .time(createdAt),
      "hold": .optional(hold) { .string($0) },
      "retainUntil": .optional(retainUntil, JSONValue.time),
      "restoredUntil": .optional(restoredUntil, JSONValue.time),
      "deleted": .optional(tombstone) { stone in
        [
          "at": .time(stone.deletedAt), "by": .string(stone.deletedBy.description),
          "reason": .string(stone.reason),
        ]
      },
    ]
  }
}
