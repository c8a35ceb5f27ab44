public import Analytics
internal import EventStore
public import History
public import Streams

/// Finds what a person means by a service and an instant.
public struct IncidentFinder {
  private let sources: [FactSource]
  private let options: UptimeOptions

  /// - Parameter now: an incident that is open then ends then, as far as anybody knows.
  public init(_ snapshot: HistorySnapshot, for principal: Principal, now: Timestamp) throws {
    sources = try FactSource.all(snapshot, for: principal, full: false)
    var options = UptimeOptions(start: .earliest, end: now)
    options.corrections = try CorrectionLog.read(snapshot, for: principal)
    self.options = options
  }

  /// The exact names of all services, by name.
  public var services: [String] { sources.flatMap(\.history.services).sorted() }

  /// The exact name of the service that is called so, or that has such a slug or stream.
  ///
  /// - Throws: ``CorrectionError`` `.unknownService`.
  public func service(called name: String) throws(CorrectionError) -> String {
    let found = sources.flatMap { source in
      source.history.services.filter { source.isMeant(by: name, service: $0) }
    }
    if found.contains(name) { return name }
    guard found.count == 1, let service = found.first else {
      throw .unknownService(name, known: Array(services.prefix(20)))
    }
    return service
  }

  /// From when until when the incident lasted that `service` had at `instant`, as a report without a
  /// merge gap tells it, corrections included.
  ///
  /// - Throws: ``CorrectionError`` `.noIncident`, with those before and after it.
  public func incident(
    of service: String, at instant: Timestamp
  ) throws(CorrectionError) -> Range<Timestamp> {
    let histories = sources.filter { $0.history.services.contains(service) }.map(\.history)
    let incidents = histories.flatMap { $0.figures(of: service, options).incidents }
      .sorted { $0.start < $1.start }
    if let met = incidents.last(where: { $0.start <= instant }), instant < met.end ?? options.end {
      return met.start..<(met.end ?? options.end)
    }
    let before = incidents.last { $0.start <= instant }
    let after = incidents.first { $0.start > instant }
    throw .noIncident(
      service: service, at: instant, nearest: [before, after].compactMap { $0?.start })
  }
}

extension Corrections {
  /// The correction whose event id starts with `text`, at least 8 characters of it.
  ///
  /// - Throws: ``CorrectionError`` when there is none or more than one, or it was taken back.
  public func standing(
    called text: String, where isKind: (Correction.Effect) -> Bool
  ) throws(CorrectionError) -> Correction {
    let wanted = text.lowercased()
    let found = all().filter { isKind($0.effect) && $0.id.description.hasPrefix(wanted) }
    guard wanted.utf8.count >= 8, let correction = found.first else {
      throw .unknownCorrection(text)
    }
    guard found.count == 1 else { throw .ambiguous(text) }
    guard correction.isStanding else { throw .withdrawnAlready(correction.id) }
    return correction
  }
}
