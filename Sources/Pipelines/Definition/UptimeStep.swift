internal import Analytics
public import Reports

/// The options of `uptime-report`.
public struct UptimeStep: Sendable {
  /// Days of the period, the run's date being the last.
  public var days: Int64
  /// Instead: the period of this kind that ends with the run's date; there is none in other nights.
  public var period: ReportPeriod.Unit?
  /// Also as a PDF.
  public var pdf: Bool
  public var query: UptimeQuery

  init(_ yaml: YAMLMapping) throws {
    pdf = try yaml.flag("pdf") ?? false
    period = try Self.period(yaml)
    days = Int64(try yaml.integer("days", in: 1...PipelineDefinition.maxDays) ?? 90)
    query = UptimeQuery()
    query.title = try yaml.text("title") ?? query.title
    query.staleAfterSeconds = try yaml.duration("staleAfter").map { $0 / 1_000_000 }
    query.mergeGapSeconds = try yaml.duration("mergeGap").map { $0 / 1_000_000 } ?? 0
    query.minIncidentSeconds = try yaml.duration("minIncident").map { $0 / 1_000_000 } ?? 0
    if let weight = try yaml.text("degradedWeight") {
      guard let value = Fraction(decimal: weight), value >= .zero, value <= .one else {
        throw yaml.wrong("degradedWeight", expected: "a decimal number from 0 to 1")
      }
      query.degradedWeight = value
    }
    if let target = try yaml.text("sloTarget") {
      guard let value = Fraction(percent: target), value >= .zero, value <= .one else {
        throw yaml.wrong("sloTarget", expected: "a percentage from 0 to 100")
      }
      query.sloTarget = value
    }
    query.details = try yaml.texts("details") ?? []
    query.groups = try yaml.mappings("groups")?.map(Self.group) ?? []
  }

  private static func period(_ yaml: YAMLMapping) throws -> ReportPeriod.Unit? {
    guard let text = try yaml.text("period") else { return nil }
    guard let unit = ReportPeriod.Unit(rawValue: text) else {
      throw yaml.wrong("period", expected: "day, week, month, quarter or year")
    }
    guard try yaml.integer("days", in: 1...PipelineDefinition.maxDays) == nil else {
      throw yaml.wrong("period", expected: "given without days: the period says how many there are")
    }
    return unit
  }

  private static func group(_ yaml: YAMLMapping) throws -> UptimeQuery.Group {
    guard let rule = GroupRule(rawValue: try yaml.text("rule") ?? "worst") else {
      throw yaml.wrong("rule", expected: "worst or best")
    }
    let group = UptimeQuery.Group(
      name: try yaml.required(try yaml.text("name"), "name"),
      members: try yaml.required(try yaml.texts("members"), "members"), rule: rule)
    try yaml.refuseOtherKeys()
    return group
  }
}
