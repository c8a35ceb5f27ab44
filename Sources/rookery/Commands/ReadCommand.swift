internal import ArgumentParser
internal import EventStore
internal import History
internal import Streams

struct ReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Print the events of a stream, hot or archived.",
    discussion: """
      With --json each event is one line, as 'rookery ingest' takes it.

      EXAMPLES
        rookery read -n 10 service-uptime-http          the latest ten events
        rookery read user-42-loans --from 100 --limit 20
        rookery read service-uptime-http --since 2026-01-01T00:00:00Z --json
      """)

  @OptionGroup var options: StoreOptions
  @Argument var stream: String
  @Option(help: "The first revision, or with --backward the last.") var from: Int64?
  @Flag(help: "Newest first.") var backward = false
  @Option(help: "At most so many events.") var limit: Int64?
  @Option(name: [.customShort("n"), .long], help: "Only the latest so many events.")
  var last: Int64?
  @Option(help: "Only events of this type.") var type: String?
  @Option(help: "Only events that happened at this time or later.") var since: String?
  @Option(help: "Only events that happened before this time.") var until: String?
  @Flag(help: "Print one JSON object a line.") var json = false

  func validate() throws {
    for (name, value) in [("--from", from), ("--limit", limit), ("--last", last)] {
      if let value, value < 0 { throw ValidationError("\(name) must not be negative.") }
    }
    if last != nil, from != nil || backward || limit != nil {
      throw ValidationError("-n stands alone: it can't be used with --from, --limit, --backward.")
    }
  }

  func run() throws {
    let settings = try options.load()
    let name = try StreamName(stream)
    let filter = try EventFilter(type: type, since: since, until: until)
    let mustAudit = Rights.mustAudit(settings.principal, reading: name)
    let store = try settings.open(mustAudit ? .readWrite : .readOnly)
    let history = History(store: store, folder: settings.archiveFolder)
    try settings.check(.read, name, try store.read { try $0.stream(name) })
    if mustAudit { try store.auditRead(of: name.rawValue, by: settings.principal) }
    try history.read { snapshot in
      let record = try snapshot.hot.readableStream(name)
      var printer = EventPrinter(stream: name, json: json)
      do {
        if let last {
          try printLatest(last, record, snapshot, filter, &printer)
        } else {
          try print(record, snapshot, filter, &printer)
        }
      } catch {
        // What was served before the damage is sound.
        printer.close()
        throw error
      }
      printer.close()
    }
  }

  private func print(
    _ record: StreamRecord, _ snapshot: HistorySnapshot, _ filter: EventFilter,
    _ printer: inout EventPrinter
  ) throws {
    guard limit != 0 else { return }
    var left = limit ?? .max
    let range = backward ? 0...(from ?? .max) : (from ?? 0)...Int64.max
    try snapshot.forEachEvent(of: record, in: range, backward: backward) { event in
      guard filter.matches(event) else { return true }
      printer.print(event)
      left -= 1
      return left > 0
    }
  }

  /// Walks back to the first of the latest events, then prints forward: nothing is kept.
  private func printLatest(
    _ count: Int64, _ record: StreamRecord, _ snapshot: HistorySnapshot, _ filter: EventFilter,
    _ printer: inout EventPrinter
  ) throws {
    guard count > 0, record.events > 0 else { return }
    var first = max(0, record.events - count)
    if filter.isActive {
      var left = count
      first = record.events
      try snapshot.forEachEvent(of: record, backward: true) { event in
        guard filter.matches(event) else { return true }
        first = event.revision.rawValue
        left -= 1
        return left > 0
      }
    }
    guard first < record.events else { return }
    try snapshot.forEachEvent(of: record, in: first...Int64.max) { event in
      if filter.matches(event) { printer.print(event) }
      return true
    }
  }
}

/// Which events are wanted.
struct EventFilter {
  private let type: String?
  private let since: Timestamp?
  private let until: Timestamp?

  init(type: String?, since: String?, until: String?) throws {
    self.type = type
    self.since = try since.map { try Self.time($0, "--since") }
    self.until = try until.map { try Self.time($0, "--until") }
  }

  var isActive: Bool { type != nil || since != nil || until != nil }

  func matches(_ event: EventView) -> Bool {
    if let type, event.type != type { return false }
    if let since, event.timestamp < since { return false }
    if let until, event.timestamp >= until { return false }
    return true
  }

  private static func time(_ text: String, _ option: String) throws -> Timestamp {
    do { return try Timestamp(rfc3339: text) } catch {
      throw ValidationError("\(option) \(error.reason).")
    }
  }
}
