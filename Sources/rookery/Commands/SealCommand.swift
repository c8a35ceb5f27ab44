internal import Archive
internal import ArgumentParser
internal import EventStore
internal import Reports
internal import Streams

struct SealCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seal",
    abstract: "Encrypt events of streams from their append on, each to its subject's key.",
    discussion: """
      A sealed stream's metadata and data are encrypted in the store, in every backup of it, and in its
      segments whatever their policy says. Names, ids, types, times and sizes stay readable. Every
      command reads as before, as long as it finds the keys ('subjectKeys' and 'operatorKey' in the
      configuration); 'rookery user forget' destroys those of a user, and so all copies.

      EXAMPLES
        rookery seal add 'user-*' --reason 'data of customers'
        rookery seal list
        rookery seal remove 'user-*' --reason 'synthetic data only'
      """,
    subcommands: [Add.self, List.self, Remove.self], defaultSubcommand: List.self)

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Seal streams, those to come as well, and the rows they have.",
      discussion: """
        Rows that are there are encrypted while others read and append, and what is left of them in the
        store and its log is overwritten. Killed, it goes on when it is run again.

        EXAMPLES
          rookery seal add 'user-*' --reason 'data of customers'
          rookery seal add 'user-42-*' --reason 'request of 2026-03-01' --json
        """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "A glob of stream names.") var pattern: String
    @Option(help: "Why; the audit stream keeps it.") var reason: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      let store = try settings.open()
      var line = ProgressLine("seal")
      let report = try store.seal(
        pattern, reason: reason, by: settings.principal,
        progress: { done in
          line.update(done: done, total: 0) { "\(done) events, \(Int(Double(done) / $0))/s" }
        })
      line.finish()
      let segments = try store.read { try Catalog.plainSegments($0.db, ofSealed: pattern) }
      Output.print(json ? report.json(pattern, segments) : report.text(pattern, segments))
      guard report.isLogEmpty else { throw ExitCode(Exit.failed) }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what is sealed.", discussion: "EXAMPLES\n  rookery seal list --json")

    @OptionGroup var options: StoreOptions
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let store = try options.loadForSystem().open(.readOnly)
      let seals = try store.read { snapshot in
        try snapshot.seals().map { seal in
          (seal, try snapshot.streams(matching: seal.pattern).filter(\.isSealed).count)
        }
      }
      if json {
        let value: JSONValue = ["seals": .array(seals.map { $0.json(streams: $1) })]
        return Output.print(value.document)
      }
      guard !seals.isEmpty else { return Output.print("Nothing is sealed.\n") }
      var table = TextTable([
        ("PATTERN", .left), ("STREAMS", .right), ("ADDED", .left), ("BY", .left), ("ROWS", .left),
        ("REASON", .left),
      ])
      for (seal, streams) in seals {
        table.append([
          seal.pattern, String(streams), seal.addedAt.rfc3339, seal.addedBy.description,
          seal.isComplete ? "sealed" : "to be sealed", seal.reason,
        ])
      }
      Output.print(table.text)
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop sealing what is appended; what is sealed stays sealed.",
      discussion: "EXAMPLES\n  rookery seal remove 'user-*' --reason 'synthetic data only'")

    @OptionGroup var options: StoreOptions
    @Argument(help: "The glob, as it was added.") var pattern: String
    @Option(help: "Why; the audit stream keeps it.") var reason: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      try settings.open().removeSeal(pattern, reason: reason, by: settings.principal)
      let value: JSONValue = ["pattern": .string(pattern), "sealed": .bool(false)]
      Output.print(json ? value.document : "Not sealed any more: streams \(pattern).\n")
    }
  }
}

extension Seal {
  fileprivate func json(streams: Int) -> JSONValue {
    [
      "pattern": .string(pattern), "streams": .int(Int64(streams)),
      "addedAt": .time(addedAt), "addedBy": .string(addedBy.description),
      "complete": .bool(isComplete), "reason": .string(reason),
    ]
  }
}

extension EventStore.SealReport {
  fileprivate func json(_ pattern: String, _ segments: [String]) -> String {
    let value: JSONValue = [
      "pattern": .string(pattern), "sealed": .bool(isLogEmpty), "streams": .int(Int64(streams)),
      "events": .int(events), "plainSegments": .array(segments.map(JSONValue.string)),
    ]
    return value.document
  }

  fileprivate func text(_ pattern: String, _ segments: [String]) -> String {
    var lines = ["Sealed: streams \(pattern), \(streams) now; \(events) rows were encrypted."]
    if !segments.isEmpty {
      lines.append(
        "\(segments.count) segments hold events from before unencrypted, as \(segments[0]); "
          + "forgetting a user rewrites the user's.")
    }
    if !isLogEmpty {
      lines.append("NOT DONE: a reader keeps the store's log. Run this again when it has ended.")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
