internal import ArgumentParser
internal import EventStore
internal import History
internal import Streams

struct ReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Print the events of one stream or of many, hot or archived.",
    discussion: """
      With --json each event is one line, as 'rookery ingest' takes it. Bytes that can't stand in such
      a line, because they are not JSON or have line ends, are in data_b64 or metadata_b64. With
      --hot-only the archive is not opened: reading begins with the first revision that is not in the
      archive only, and standard error tells what was left out.

      With --pattern the events of all streams that match, and that may be read, come in the order in
      which the store got them; --from is then a position. The store's own streams match only a
      pattern that begins with $.

      EXAMPLES
        rookery read -n 10 service-uptime-http          the latest ten events
        rookery read user-42-loans --from 100 --limit 20
        rookery read service-uptime-http --since 2026-01-01T00:00:00Z --json
        rookery read --pattern 'user-*-loans' -n 100    the latest of all loans
        rookery read --pattern '*' --from 90311 --json  everything from a position on
      """)

  @OptionGroup var options: StoreOptions
  @Argument var stream: String?
  @Option(help: "All streams whose names match, by position.") var pattern: String?
  @Option(help: "The first revision or position, or with --backward the last.") var from: Int64?
  @Flag(help: "Newest first.") var backward = false
  @Option(help: "At most so many events.") var limit: Int64?
  @Option(name: [.customShort("n"), .long], help: "Only the latest so many events.")
  var last: Int64?
  @Option(help: "Only events of this type.") var type: String?
  @Option(help: "Only events that happened at this time or later.") var since: String?
  @Option(help: "Only events that happened before this time.") var until: String?
  @Flag(help: "Leave out what is in the archive only.") var hotOnly = false
  @Flag(help: "Print one JSON object a line.") var json = false

  func validate() throws {
    guard (stream == nil) != (pattern == nil) else {
      throw ValidationError("Give the name of a stream, or else --pattern.")
    }
    for (name, value) in [("--from", from), ("--limit", limit), ("--last", last)] {
      if let value, value < 0 { throw ValidationError("\(name) must not be negative.") }
    }
    if last != nil, from != nil || backward || limit != nil {
      throw ValidationError("-n stands alone: it can't be used with --from, --limit, --backward.")
    }
  }

  func run() throws {
    let filter = try EventFilter(type: type, since: since, until: until)
    if let pattern { return try print(matching: pattern, filter) }
    if let stream { try print(try StreamName(stream), filter) }
  }

  private func print(_ name: StreamName, _ filter: EventFilter) throws {
    let settings = try options.load()
    let mustAudit = Rights.mustAudit(settings.principal, reading: name)
    let store = try Self.open(settings, audited: mustAudit)
    let history = History(store: store, folder: settings.archiveFolder)
    try settings.check(.read, name, try store.read { try $0.stream(name) })
    if mustAudit, !store.isReadOnly {
      try store.auditRead(of: name.rawValue, by: settings.principal)
    }
    let record = try store.read { try $0.readableStream(name) }
    var printer = EventPrinter(json: json)
    do {
      if let range = try range(of: record, history, filter) {
        try print(range, of: name, history, filter, &printer)
      }
    } catch {
      // What was served before the damage is sound.
      printer.close()
      throw error
    }
    printer.close()
  }

  /// What can't be written, as a copy on a medium for an auditor, can still be read.
  static func open(_ settings: Settings, audited: Bool) throws -> EventStore {
    guard audited else { return try settings.open(.readOnly) }
    do { return try settings.open() } catch let error as StoreError
      where error.code == .storeReadOnly
    {
      let store = try settings.open(.readOnly)
      Terminal.say("The store can't be written: it is not recorded that user data was read.")
      return store
    }
  }

  private func print(
    _ range: ClosedRange<Int64>, of name: StreamName, _ history: History, _ filter: EventFilter,
    _ printer: inout EventPrinter
  ) throws {
    var left = limit ?? .max
    try history.forEachEvent(of: name, in: range, backward: backward) { event in
      guard filter.matches(event) else { return true }
      printer.print(event, of: name)
      left -= 1
      return left > 0
    }
  }

  // MARK: - Which revisions

  /// The revisions to look at; nil when there are none.
  private func range(
    of record: StreamRecord, _ history: History, _ filter: EventFilter
  ) throws -> ClosedRange<Int64>? {
    let oldestHot = max(record.prunedTo + 1, record.firstRevision)
    let whole = try range(of: record, from: record.firstRevision, history, filter)
    guard hotOnly, let whole, whole.lowerBound < oldestHot else { return whole }
    let left = whole.clamped(to: 0...max(0, oldestHot - 1))
    Terminal.say(
      "Revisions \(left.lowerBound) to \(left.upperBound) of \(record.name) are in the archive only: "
        + "left out.")
    return try range(of: record, from: oldestHot, history, filter)
  }

  /// Those from `oldest` on. Without a filter no more than are wanted, as the archive is read ahead
  /// of what is printed.
  private func range(
    of record: StreamRecord, from oldest: Int64, _ history: History, _ filter: EventFilter
  ) throws -> ClosedRange<Int64>? {
    let newest = record.events - 1
    guard oldest <= newest, limit != 0, last != 0 else { return nil }
    if let last {
      guard filter.isActive else { return max(oldest, newest - min(last - 1, newest))...newest }
      return try latest(last, of: record.name, in: oldest...newest, history, filter)
    }
    let start = backward ? min(from ?? newest, newest) : max(from ?? 0, oldest)
    guard (oldest...newest).contains(start) else { return nil }
    guard let limit, !filter.isActive else { return backward ? oldest...start : start...newest }
    return backward
      ? max(oldest, start - min(limit - 1, start))...start
      : start...(start + min(limit - 1, newest - start))
  }

  /// Walks back to the first of the latest events; they are then printed forward, and none is kept.
  private func latest(
    _ count: Int64, of name: StreamName, in range: ClosedRange<Int64>, _ history: History,
    _ filter: EventFilter
  ) throws -> ClosedRange<Int64>? {
    var left = count
    var first: Int64?
    try history.forEachEvent(of: name, in: range, backward: true) { event in
      guard filter.matches(event) else { return true }
      first = event.revision.rawValue
      left -= 1
      return left > 0
    }
    return first.map { $0...range.upperBound }
  }
}

/// Which events are wanted.
struct EventFilter: Sendable {
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
