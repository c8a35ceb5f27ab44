/// The tables of an activity report as data, one a CSV file.
public enum ActivityTable: String, CaseIterable, Sendable {
  case summary, days, windows, cohorts, breakdown, distribution, sessions, hours

  /// In a folder of reports.
  public var fileName: String { "activity-\(rawValue).csv" }
}
