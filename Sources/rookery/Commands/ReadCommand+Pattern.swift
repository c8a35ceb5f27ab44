internal import EventStore
internal import History
internal import Streams

extension ReadCommand {
  /// Prints the events of all streams that match, in the order in which the store got them.
  func print(matching pattern: String, _ filter: EventFilter) throws {
    let settings = try options.load()
    let principal = settings.principal
    let store = try Self.open(settings, audited: principal == .system)
    let records = try store.read { try $0.streams(matching: pattern) }.filter {
      $0.tombstone == nil && (!$0.name.isReserved || pattern.hasPrefix("$"))
        && $0.allows(principal, to: .read)
    }
    guard !records.isEmpty else {
      Terminal.say("There is no stream '\(pattern)' that \(principal) may read.")
      return
    }
    let isOfUsers = records.contains { Rights.mustAudit(principal, reading: $0.name) }
    if isOfUsers, !store.isReadOnly { try store.auditRead(of: pattern, by: principal) }
    if hotOnly { sayWhatIsLeftOut(records) }
    let selection = ScanSelection(
      matching: pattern, isHotOnly: hotOnly, streams: { $0.allows(principal, to: .read) },
      events: filter.matches)
    var printer = EventPrinter(json: json, isOfMany: true)
    do {
      try print(
        selection, History(store: store, folder: settings.archiveFolder), &printer)
    } catch {
      // What was served before the damage is sound.
      printer.close()
      throw error
    }
    printer.close()
  }

  private func print(
    _ selection: ScanSelection, _ history: History, _ printer: inout EventPrinter
  ) throws {
    var left = limit ?? .max
    guard left > 0, let positions = try positions(selection, history) else { return }
    try history.forEachEvent(at: positions, selection, backward: backward) { stream, event in
      printer.print(event, of: stream)
      left -= 1
      return left > 0
    }
  }

  /// The positions to look at; nil when there are none.
  private func positions(
    _ selection: ScanSelection, _ history: History
  ) throws -> ClosedRange<Int64>? {
    guard let last else { return backward ? 0...(from ?? .max) : (from ?? 0)...Int64.max }
    guard last > 0 else { return nil }
    var left = last
    var positions: ClosedRange<Int64>?
    try history.forEachEvent(selection, backward: true) { _, event in
      let position = event.position.rawValue
      positions = position...(positions?.upperBound ?? position)
      left -= 1
      return left > 0
    }
    return positions
  }

  private func sayWhatIsLeftOut(_ records: [StreamRecord]) {
    let cold = records.map { max(0, $0.prunedTo + 1 - $0.firstRevision) }.filter { $0 > 0 }
    guard !cold.isEmpty else { return }
    Terminal.say(
      "\(cold.reduce(0, +)) events of \(cold.count) streams are in the archive only: left out.")
  }
}
