internal import Archive
internal import ArgumentParser
internal import EventStore
internal import GRDB
internal import Pipelines
internal import Reports
internal import Streams

struct StreamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "Look at one stream, or change its state.",
    subcommands: [
      Show.self, Describe.self, ArchiveOne.self, Reopen.self, Delete.self, Hold.self,
    ])

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print everything known about a stream but its events.",
      discussion: "EXAMPLES\n  rookery stream show service-uptime-http")

    @OptionGroup var options: StoreOptions
    @Argument var stream: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.load()
      let name = try StreamName(stream)
      let shown = try settings.open(.readOnly).read { snapshot in
        let record = try snapshot.stream(name)
        try settings.check(.read, name, record)
        guard let record else { throw StoreError.streamNotFound(name) }
        return try ShownStream(record, snapshot)
      }
      Output.print(json ? shown.json.document : shown.text)
    }
  }

  struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set a stream's description, data, metadata or permissions.",
      discussion: """
        EXAMPLES
          rookery stream describe user-42-loans --description 'Loans of user 42'
          rookery stream describe status-board --permissions '{"read":["*"]}'
        """)

    @OptionGroup var options: StoreOptions
    @Argument var stream: String
    @Flag(help: "Print what the stream is then as JSON.") var json = false
    @Option var description: String?
    @Option(help: ArgumentHelp("", valueName: "json")) var data: String?
    @Option(help: ArgumentHelp("", valueName: "json")) var metadata: String?
    @Option(
      help: ArgumentHelp("Who may read, write, administer: {\"read\":[\"*\"]}.", valueName: "json"))
    var permissions: String?

    func validate() throws {
      guard [description, data, metadata, permissions].contains(where: { $0 != nil }) else {
        throw ValidationError(
          "Give at least one of --description, --data, --metadata, --permissions.")
      }
    }

    func run() throws {
      for (field, text) in [
        ("--data", data), ("--metadata", metadata), ("--permissions", permissions),
      ] {
        if let text { try JSONText.check(Array(text.utf8), field: field) }
      }
      try options.change(stream, json: json) { store, name, principal in
        try store.describe(
          name, description: description, data: data, metadata: metadata,
          permissions: permissions, by: principal)
      }
    }
  }

  struct ArchiveOne: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "archive",
      abstract: "Archive one stream now, whatever its age: it becomes read-only.",
      discussion: """
        Where its segments go, whether they are encrypted or signed, and how long the stream must
        be kept is what the first policy says that matches its name. --without-policy puts them
        into the archive folder as they are, signed if there is a key, and promises nothing.

        EXAMPLES
          rookery stream archive user-42-loans --pipeline pipelines/nightly.yaml
          rookery stream archive user-42-loans --policy 'user-*:encrypt=true,retainFor=3650d'
          rookery stream archive orders-7 --without-policy
        """)

    @OptionGroup var options: StoreOptions
    @Argument var stream: String
    @OptionGroup var policies: PolicyOptions
    @Flag(help: "Plain, into the archive folder, to be kept for no set time.")
    var withoutPolicy = false
    @Option(
      help: "How long its rows stay in the store after that, as 0 or 1d; as the pipeline says.")
    var grace: String?
    @Option(help: "Why, for the audit stream.") var reason: String = "archived by an operator"
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
      guard grace.map({ TimeSpan.microseconds(of: $0) != nil }) ?? true else {
        throw ValidationError("--grace must be a length of time such as 0, 12h or 1d.")
      }
      guard withoutPolicy != policies.areGiven else {
        throw ValidationError("Give --pipeline or --policy, or else --without-policy.")
      }
    }

    func run() throws {
      let settings = try options.load()
      let step =
        withoutPolicy
        ? ArchiveStepOptions(policies: [plain(settings)]) : try policies.load(sayingWhen: false)
      let grace = grace.flatMap { TimeSpan.microseconds(of: $0) } ?? step.grace
      try options.administer(stream) { store, name, principal in
        guard let policy = try store.read({ try Planner.policy(for: name, in: step.policies, $0) })
        else {
          throw ValidationError("No policy matches \(name): give one, or --without-policy.")
        }
        let archiver = Archiver(
          store: store, folder: settings.archiveFolder, now: .now(), version: Version.text,
          signer: try settings.signer(), principal: principal, reason: reason)
        let summary = try archiver.run(grace: grace, releasingOnlyNew: true) { snapshot in
          try Planner.plan(
            wholeStream: try snapshot.readableStream(name), reason: reason, policy: policy,
            snapshot)
        }
        // A stream whose events were all rolled off before, or that has none, has nothing to move.
        if try summary.problems.isEmpty
          && store.read({ try $0.readableStream(name) }).status == .active
        {
          try store.archive(name, by: principal, reason: reason)
        }
        Output.print(json ? summary.json.document : "\(name): \(summary.text)")
        if let incomplete = summary.incompleteness { throw incomplete }
      }
    }

    private func plain(_ settings: Settings) -> ArchivePolicy {
      ArchivePolicy(
        streams: "*",
        settings: SegmentSettings(
          level: policies.level, isSigned: settings.configuration.signingKey != nil))
    }
  }

  struct Reopen: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let an archived stream take events again.",
      discussion: "EXAMPLES\n  rookery stream reopen user-42-loans --reason 'user came back'")

    @OptionGroup var options: StoreOptions
    @Argument var stream: String
    @Flag(help: "Print what the stream is then as JSON.") var json = false
    @Option(help: "Why, for the audit stream.") var reason: String

    func run() throws {
      try options.change(stream, json: json) { try $0.reopen($1, by: $2, reason: reason) }
    }
  }

  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete an archived stream; its name is never used again.",
      discussion: """
        A tombstone stays, which says when, why and by whom. The segments that hold its events are
        read whole before; one in which every stream is deleted is removed, and only its place in
        the chain stays. One that holds other streams as well is rewritten without this one's events.

        EXAMPLES
          rookery stream delete user-42-loans --reason 'account closed'
          rookery stream delete user-42-loans --early --reason 'court order 2026-9'
        """)

    @OptionGroup var options: StoreOptions
    @Argument var stream: String
    @Flag(help: "Print what the stream is then as JSON.") var json = false
    @Option(help: "Why; readers of the tombstone see it.") var reason: String
    @Flag(help: "Before its retention is over. A legal hold still forbids it.") var early = false
    @Flag(help: "The clock is right, although it is far from when the store was last used.")
    var evenSo = false

    func run() throws {
      let settings = try options.load()
      try options.change(stream, json: json) { store, name, principal in
        try ClockCheck(store, maxGap: settings.clockGap).pass(.now(), evenSo: evenSo)
        let archiver = Archiver(
          store: store, folder: settings.archiveFolder, now: .now(), version: Version.text,
          signer: try settings.signer(), principal: principal, reason: reason)
        let summary = try Disposal(archiver).delete(name, reason: reason, early: early)
        for file in summary.retired {
          Terminal.say("removed \(file): every stream in it is deleted")
        }
        for file in summary.rewritten { Terminal.say("rewrote \(file) without what is deleted") }
        for text in summary.unprotected { Terminal.say("rewritten without parity: \(text)") }
      }
    }
  }

  struct Hold: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Place or lift a legal hold, which forbids deleting.",
      discussion: """
        For holds on many streams, or on a segment, see 'rookery holds'.

        EXAMPLES
          rookery stream hold user-42-loans --reason 'case 2026-17'
          rookery stream hold user-42-loans --lift --reason 'case 2026-17 is closed'
        """)

    @OptionGroup var options: StoreOptions
    @Argument var stream: String
    @Flag(help: "Print what the stream is then as JSON.") var json = false
    @Option(help: "Why; whoever tries to delete sees it, and the audit stream keeps it.")
    var reason: String
    @Flag(help: "Lift the hold.") var lift = false

    func run() throws {
      try options.change(stream, json: json) { store, name, principal in
        if lift {
          try store.liftHold(on: name, reason: reason, by: principal)
        } else {
          try store.placeHold(on: name, reason: reason, by: principal)
        }
      }
    }
  }
}

extension StoreOptions {
  /// As ``administer(_:_:)``, and prints what the stream is then.
  func change(
    _ stream: String, json: Bool, _ body: (EventStore, StreamName, Principal) throws -> Void
  ) throws {
    try administer(stream) { store, name, principal in
      try body(store, name, principal)
      guard let record = try store.read({ try $0.stream(name) }) else { return }
      Output.print(
        json
          ? record.json.document
          : "\(name) is \(record.status.rawValue)" + (record.hold.map { ", held: \($0)" } ?? ""))
    }
  }

  /// Checks the right to administer a stream, then does it.
  func administer(
    _ stream: String, _ body: (EventStore, StreamName, Principal) throws -> Void
  ) throws {
    let settings = try load()
    let name = try StreamName(stream)
    let store = try settings.open()
    try settings.check(.administer, name, try store.read { try $0.stream(name) })
    guard !name.isReserved else {
      throw PermissionDenied(principal: settings.principal, action: .administer, stream: name)
    }
    try body(store, name, settings.principal)
  }
}

/// A stream's row, its counts and where its revisions are.
private struct ShownStream {
  let record: StreamRecord
  let counts: [(type: String, events: Int64, bytes: Int64)]
  let ranges: [(first: Int64, last: Int64, entry: CatalogEntry?, keepsEvents: Bool)]

  init(_ record: StreamRecord, _ snapshot: Snapshot) throws {
    self.record = record
    var totals: [String: (events: Int64, bytes: Int64)] = [:]
    for count in try snapshot.dayCounts(of: record.id) {
      totals[count.type, default: (0, 0)].events += count.events
      totals[count.type, default: (0, 0)].bytes += count.bytes
    }
    counts = totals.sorted { $0.key < $1.key }
      .map { (type: $0.key, events: $0.value.events, bytes: $0.value.bytes) }
    ranges = try Catalog.ranges(snapshot.db, of: record.id).map { range in
      let entry = try Catalog.entry(snapshot.db, range.archiveSeq)
      return (
        range.first, range.last, entry,
        try entry?.keepsEvents(of: record.name, snapshot.db) ?? false
      )
    }
  }

  var json: JSONValue {
    [
      "stream": record.json,
      "types": .array(
        counts.map {
          ["type": .string($0.type), "events": .int($0.events), "bytes": .int($0.bytes)]
        }),
      "segments": .array(
        ranges.map {
          [
            "first": .int($0.first), "last": .int($0.last),
            "file": .string($0.entry?.file ?? "-"),
            "retired": .optional($0.entry?.retired) { .string($0.rawValue) },
          ]
        }),
    ]
  }

  /// What is left of the events in a segment, where that is not simply all.
  private func note(on entry: CatalogEntry?, _ keepsEvents: Bool) -> String {
    guard let entry, record.tombstone != nil else { return "" }
    if entry.retired == .deleted { return ", which was removed" }
    return keepsEvents
      ? ", not served, until that segment is rewritten or removed"
      : ", from which they were taken out"
  }

  var text: String {
    var lines = [
      "stream       \(record.name)", "status       \(record.status.rawValue)",
      "description  \(record.description.isEmpty ? "-" : record.description)",
      "created      \(record.createdAt.rfc3339)",
      "events       \(record.events) (\(record.hotCount) hot, \(record.coldCount) cold)",
      "bytes        \(record.bytes)",
      "first, last  \(record.firstAt?.rfc3339 ?? "-"), \(record.lastAt?.rfc3339 ?? "-")",
    ]
    if let hold = record.hold { lines.append("legal hold   \(hold)") }
    if record.firstRevision > 0 {
      lines.append("begins       at revision \(record.firstRevision): the rest was not restored")
    }
    if let until = record.restoredUntil { lines.append("restored     until \(until.rfc3339)") }
    if let stone = record.tombstone {
      lines.append(
        "deleted      \(stone.deletedAt.rfc3339) by \(stone.deletedBy): \(stone.reason)")
    }
    for count in counts { lines.append("  \(count.type): \(count.events), \(count.bytes) bytes") }
    if let until = record.retainUntil { lines.append("retained     until \(until.rfc3339)") }
    for range in ranges {
      let place = "  \(range.first) to \(range.last) in \(range.entry?.file ?? "-")"
      lines.append(place + note(on: range.entry, range.keepsEvents))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
