/// The tables that an uptime report is written as in CSV.
public enum UptimeTable: String, CaseIterable, Sendable {
  case services, days, incidents, bars, steps, comparison, corrections, restatements

  /// What follows the report's name in the name of a file.
  public var fileEnding: String { self == .services ? ".csv" : "-\(rawValue).csv" }
}

extension UptimeReport {
  public func csv(_ table: UptimeTable) -> String {
    switch table {
    case .services: servicesCSV()
    case .days: daysCSV()
    case .incidents: incidentsCSV()
    case .bars: barsCSV()
    case .steps: stepsCSV()
    case .comparison: comparisonCSV()
    case .corrections: correctionsCSV()
    case .restatements: restatementsCSV()
    }
  }
}
