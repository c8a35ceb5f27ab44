internal import Analytics
internal import GRDB
internal import Reports
internal import Streams

extension UptimeQuery {
  /// What the report is compared with: the position that was asked for, else the first publication of
  /// the same period by the same rules.
  func publication(of report: UptimeReport, _ db: Database) throws -> Publication? {
    guard let position = report.throughPosition else { return nil }
    let key = publicationKey(of: report)
    guard let publishedAt else { return try Publication.first(of: key, before: position, db) }
    return Publication(
      key: key, groupRules: groupRules, asOf: report.options.asOf,
      position: min(publishedAt, position), madeAt: report.madeAt, archiveHead: nil, path: "")
  }

  /// The report as it is to be recorded once it was published as the file at `path`.
  func publication(of report: UptimeReport, path: String) -> Publication {
    Publication(
      key: publicationKey(of: report), groupRules: groupRules, asOf: report.options.asOf,
      position: report.throughPosition ?? Position(-1), madeAt: report.madeAt,
      archiveHead: report.archiveHead, path: path)
  }

  /// As published against as restated: the figures of then, from what the store held then.
  func restatement(
    of published: Publication, in report: UptimeReport, _ sources: [FactSource]
  ) -> UptimeRestatement {
    var then = report.options
    then.throughPosition = published.position
    then.asOf = published.asOf
    var (before, after) = (reading(sources, then), report.reading)
    if published.groupRules != groupRules { (before.groups, after.groups) = ([], []) }
    var late = LateEvents()
    late.add(report.options.corrections, to: report, after: published.position)
    for source in sources {
      for figures in report.services where figures.stream == source.stream?.rawValue {
        late.add(
          source.history.lateFacts(
            of: figures.service, after: published.position, then: then, now: report.options,
            limit: LateEvents.limit), of: source)
      }
    }
    return UptimeRestatement(
      position: published.position, asOf: published.asOf,
      publication: publishedAt == nil
        ? .init(
          madeAt: published.madeAt, archiveHead: published.archiveHead, path: published.path) : nil,
      comparison: UptimeComparison(before: before, after: after), events: late.events,
      eventCount: late.count)
  }

  private func publicationKey(of report: UptimeReport) -> Publication.Key {
    Publication.Key(
      kind: "uptime", start: report.options.start, end: report.options.end, zone: report.zone.name,
      rules: rules)
  }
}

/// The events that came after a publication, the first of them by name.
private struct LateEvents {
  static let limit = 20

  private(set) var events: [UptimeRestatement.LateEvent] = []
  private(set) var count = 0

  /// Corrections that were made or taken back since, of ranges that touch the period.
  mutating func add(_ corrections: Corrections, to report: UptimeReport, after position: Position) {
    let names = Set(report.entries.map(\.figures.service) + report.groupRules.flatMap(\.members))
    let period = report.options.start..<min(report.options.end, report.options.asOf)
    let touching = corrections.all(through: report.options.throughPosition).filter {
      $0.start < period.upperBound && $0.end > period.lowerBound
        && $0.service.map(names.contains) ?? true
    }
    for correction in touching {
      if correction.source.position > position {
        add(correction.source, correction, says: correction.says)
      }
      if let withdrawal = correction.withdrawal, withdrawal.source.position > position {
        add(
          withdrawal.source, correction,
          says: (withdrawal.from == nil ? "taken back: " : "ended: ") + correction.says)
      }
    }
  }

  private mutating func add(_ source: EventReference, _ correction: Correction, says: String) {
    add(
      .init(
        stream: source.stream.rawValue, revision: source.revision.rawValue, time: correction.start,
        service: correction.service, says: says))
  }

  mutating func add(_ late: LateFacts, of source: FactSource) {
    guard let stream = source.stream?.rawValue else { return }
    for fact in late.facts {
      add(
        .init(
          stream: stream, revision: fact.revision, time: fact.time, service: late.service,
          says: fact.state.word))
    }
    count += late.count - late.facts.count
  }

  private mutating func add(_ event: UptimeRestatement.LateEvent) {
    count += 1
    if events.count < Self.limit { events.append(event) }
  }
}
