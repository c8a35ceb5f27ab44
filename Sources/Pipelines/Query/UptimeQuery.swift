public import Analytics
public import Reports
public import Streams

/// What an uptime report is asked for, as an options object, flags or a pipeline step says it.
public struct UptimeQuery: Sendable {
  /// Several services seen as one.
  public struct Group: Sendable, Hashable {
    public var name: String
    public var members: [String]
    public var rule: GroupRule

    public init(name: String, members: [String], rule: GroupRule) {
      self.name = name
      self.members = members
      self.rule = rule
    }
  }

  /// The period: instants, or local dates of the zone (`to` is the day after the last).
  public var start: Timestamp?
  public var end: Timestamp?
  public var from: CivilDate?
  public var to: CivilDate?
  /// A period of the calendar, instead of those four.
  public var period: PeriodChoice?
  public var timezone = "UTC"
  public var asOf: Timestamp?
  /// Only this service, by its name, its slug or its stream.
  public var service: String?
  public var degradedWeight = Fraction.zero
  public var staleAfterSeconds: Int64?
  public var maintenance: [MaintenanceWindow] = []
  public var mergeGapSeconds: Int64 = 0
  public var minIncidentSeconds: Int64 = 0
  public var skewSeconds: Int64 = 300
  public var throughPosition: Position?
  /// The figures of the facts alone.
  public var withoutCorrections = false
  /// Compare with what the store held by then, whether or not anything was published of it.
  public var publishedAt: Position?
  public var sloTarget: Fraction?
  public var decimals = 3
  public var groups: [Group] = []
  /// Services whose details a page shows, however good they are.
  public var details: [String] = []
  public var title = "Uptime"

  public init() {}

  /// Days of the period when none is given: the last ones, today included.
  static let defaultDays: Int64 = 90

  /// The options of the fold, with the period's instants and local days.
  ///
  /// A period that is not over at `now` is judged on what has elapsed, unless `asOf` says
  /// otherwise.
  ///
  /// - Throws: `ReportZoneError`; ``QueryError`` when the period is empty.
  public func options(now: Timestamp) throws -> (UptimeOptions, ReportZone) {
    let zone = try ReportZone(timezone)
    let asked = try askedPeriod(zone, now: now)
    let (start, end) = (asked.start, asked.end)
    var options = UptimeOptions(start: start, end: end, asOf: asOf ?? min(end, now))
    options.degradedWeight = degradedWeight
    options.staleAfterSeconds = staleAfterSeconds
    options.maintenance = maintenance
    options.mergeGapSeconds = mergeGapSeconds
    options.minIncidentSeconds = minIncidentSeconds
    options.skewSeconds = skewSeconds
    options.throughPosition = throughPosition
    options.sloTarget = sloTarget
    options.decimals = decimals
    options.days = zone.localDays(
      from: zone.localDate(of: start),
      to: zone.localDate(of: Timestamp(microseconds: end.microseconds - 1)).adding(days: 1))
    options.views = zone.views(
      from: start, to: end, asOf: options.asOf, previous: asked.previous)
    return (options, zone)
  }
}

/// Why a report can't be made as asked.
public enum QueryError: CodedError, Equatable {
  case emptyPeriod(Timestamp, Timestamp)
  case notAnObject
  case wrongValue(field: String, expected: String)
  case unknownField(String)
  case periodTwice

  public var code: ErrorCode { .invalidOption }

  public var message: String {
    switch self {
    case .emptyPeriod(let start, let end):
      "The period from \(start.rfc3339) to \(end.rfc3339) is empty or not within 1970 to 2199."
    case .notAnObject: "The options are not a JSON object."
    case .wrongValue(let field, let expected): "Option \(field) must be \(expected)."
    case .unknownField(let field): "There is no option \(field)."
    case .periodTwice: "A period is named, and another is given by its days or instants."
    }
  }

  public var remedy: String {
    switch self {
    case .emptyPeriod: "Give a start before the end."
    case .periodTwice: "Give either period, or from, to, start and end."
    default: "See 'rookery report uptime --help' for the options."
    }
  }
}
