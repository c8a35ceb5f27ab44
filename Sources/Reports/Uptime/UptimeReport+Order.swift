internal import Analytics

extension Array where Element == UptimeFigures {
  /// Lowest availability first, then the longest downtime, then the least coverage, then by name;
  /// those without data last.
  var worstFirst: [UptimeFigures] { sorted { $0.isWorse(than: $1) } }
}

extension UptimeReport {
  /// The incidents of all services, the newest first; of several at once by name.
  var newestIncidents: [(figures: UptimeFigures, incident: Incident)] {
    services.flatMap { figures in figures.incidents.map { (figures, $0) } }
      .sorted {
        ($1.incident.start, $0.figures.service) < ($0.incident.start, $1.figures.service)
      }
  }

  /// How many of them a text shows; data files have all.
  static var incidentsListed: Int { 20 }
}

extension UptimeFigures {
  fileprivate func isWorse(than other: UptimeFigures) -> Bool {
    if let order = Self.precedes(availability, other.availability) { return order }
    if durations.down != other.durations.down { return durations.down > other.durations.down }
    if let order = Self.precedes(coverage, other.coverage) { return order }
    return service < other.service
  }

  /// Whether `a` comes first; nil when the two are equal.
  private static func precedes(_ a: Fraction?, _ b: Fraction?) -> Bool? {
    guard a != b else { return nil }
    guard let a, let b else { return b == nil }
    return a < b
  }
}
