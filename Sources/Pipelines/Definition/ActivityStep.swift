/// The options of `activity-report`.
public struct ActivityStep: Sendable {
  /// Days of the period, the run's date being the last.
  public var days: Int64
  public var query: ActivityQuery

  init(_ yaml: YAMLMapping) throws {
    days = Int64(try yaml.integer("days", in: 1...PipelineDefinition.maxDays) ?? 28)
    query = ActivityQuery()
    query.title = try yaml.text("title") ?? query.title
    query.cohortWeeks = try yaml.integer("cohortWeeks", in: 0...520) ?? query.cohortWeeks
  }
}
