internal import Analytics
internal import Archive
internal import EventStore
public import History
internal import Ingest
public import Reports
public import Streams

extension UptimeQuery {
  /// The report, from everything in the store.
  ///
  /// - Parameters:
  ///   - principal: who asks; streams it may not read are left out.
  ///   - full: folds every event, hot and cold, and uses no rollup: the same figures, slower.
  ///   - now: when it is made.
  /// - Complexity: O(facts of the services); with rollups the events since the last one.
  public func report(
    _ snapshot: HistorySnapshot, for principal: Principal = .system, full: Bool = false,
    now: Timestamp
  ) throws -> UptimeReport {
    let sources = try FactSource.all(snapshot, for: principal, full: full)
    let corrections =
      withoutCorrections ? Corrections() : try CorrectionLog.read(snapshot, for: principal)
    let next = try snapshot.hot.nextPosition.rawValue
    let position = throughPosition ?? (next > 0 ? Position(next - 1) : nil)
    var report = try report(sources, corrections, now: now, position: position)
    report.archiveHead = try Catalog.chainHead(snapshot.hot.db)?.description
    report.checkCommand = command(for: report, principal: principal)
    if let published = try publication(of: report, snapshot.hot.db) {
      report.published = restatement(of: published, in: report, sources)
    }
    return report
  }

  /// The report, from a file of facts and nothing else.
  public func report(factsFile path: String, now: Timestamp) throws -> UptimeReport {
    var history = StatusHistory()
    let validator = JSONValidator()
    var arrival: Int64 = 0
    try InputLines.forEach(in: path) { line in
      history.receive(line: line, arrival: arrival, validator: validator)
      arrival += 1
    }
    var report = try report(
      [FactSource(stream: nil, history: history)], Corrections(), now: now,
      position: throughPosition)
    report.checkCommand = command(for: report, factsFile: path)
    return report
  }

  private func report(
    _ sources: [FactSource], _ corrections: Corrections, now: Timestamp, position: Position?
  ) throws -> UptimeReport {
    var (options, zone) = try options(now: now)
    options.corrections = corrections
    let reading = reading(sources, options)
    var report = UptimeReport(
      title: title, zone: zone, options: options, madeAt: now, throughPosition: position,
      services: reading.services, groups: reading.groups, overall: reading.overall)
    report.period = period?.period(today: zone.localDate(of: now))
    report.details = Set(details)
    report.groupRules = groups.map {
      UptimeReport.GroupDefinition(name: $0.name, rule: $0.rule, members: $0.members)
    }
    report.unreadableCorrections = corrections.unreadable(through: throughPosition)
    if !report.corrections.isEmpty {
      let facts = self.reading(sources, options.withoutCorrections)
      report.factsAlone = UptimeComparison(before: facts, after: reading)
    }
    return report
  }
}
