internal import Analytics
internal import EventStore
public import History
internal import Ingest
public import Reports
public import Streams

/// The facts of one stream (or one file), folded.
struct FactSource {
  var stream: StreamName?
  var history: StatusHistory
}

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
    let rollups = Rollups(snapshot)
    let rejected = try RejectedFacts(snapshot)
    var sources: [FactSource] = []
    for record in try snapshot.hot.streams(matching: "service-uptime-*")
    where record.status != .deleted && record.allows(principal, to: .read) {
      var history = try rollups.summary(StatusHistory.self, of: record, full: full)
      rejected.add(to: &history)
      sources.append(FactSource(stream: record.name, history: history))
    }
    let next = try snapshot.hot.nextPosition.rawValue
    return try report(
      sources, now: now, position: throughPosition ?? (next > 0 ? Position(next - 1) : nil))
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
    return try report(
      [FactSource(stream: nil, history: history)], now: now, position: throughPosition)
  }

  private func report(
    _ sources: [FactSource], now: Timestamp, position: Position?
  ) throws -> UptimeReport {
    let (options, zone) = try options(now: now)
    var services: [UptimeFigures] = []
    for source in sources {
      for name in source.history.services where isAsked(name, source.stream) {
        var figures = source.history.figures(of: name, options)
        figures.stream = source.stream?.rawValue
        services.append(figures)
      }
    }
    if let service, services.isEmpty {
      services = [(sources.first?.history ?? StatusHistory()).figures(of: service, options)]
    }
    services.sort { $0.service < $1.service }
    var report = UptimeReport(
      title: title, zone: zone, options: options, madeAt: now, throughPosition: position,
      services: services, groups: groups.map { figures(of: $0, sources, options) },
      overall: overall(sources, options), checkCommand: command(options, position: position))
    report.period = period?.period(today: zone.localDate(of: now))
    report.details = Set(details)
    return report
  }

  private func isAsked(_ name: String, _ stream: StreamName?) -> Bool {
    guard let service else { return true }
    return name == service || stream?.rawValue == service
      || stream?.rawValue == "service-uptime-\(service)"
  }

  private func figures(
    of group: Group, _ sources: [FactSource], _ options: UptimeOptions
  ) -> UptimeFigures {
    let known = Set(sources.flatMap(\.history.services))
    var parts = sources.map { source in
      ServiceGroup.Part(
        group.members.filter { source.history.services.contains($0) }, in: source.history)
    }
    // A member nobody has heard of is not left out: it is unknown.
    parts.append(
      ServiceGroup.Part(group.members.filter { !known.contains($0) }, in: StatusHistory()))
    return ServiceGroup(
      name: group.name, rule: group.rule, parts: parts.filter { !$0.services.isEmpty }
    ).figures(options)
  }

  /// All services as one that needs every one of them; nil where that says nothing more.
  private func overall(_ sources: [FactSource], _ options: UptimeOptions) -> UptimeFigures? {
    let parts = sources.map { ServiceGroup.Part($0.history.services, in: $0.history) }
      .filter { !$0.services.isEmpty }
    guard service == nil, parts.reduce(0, { $0 + $1.services.count }) > 1 else { return nil }
    return ServiceGroup(name: "All services", rule: .worst, parts: parts).figures(options)
  }
}
