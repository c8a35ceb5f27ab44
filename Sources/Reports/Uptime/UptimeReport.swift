public import Analytics
public import Streams

/// Everything an uptime report says, in whatever form it is written.
public struct UptimeReport: Sendable {
  public var title: String
  public var zone: ReportZone
  /// The period, half open.
  public var start: Timestamp
  public var end: Timestamp
  /// Nothing after this instant is counted.
  public var asOf: Timestamp
  public var madeAt: Timestamp
  /// The store position the report was made at; nil when it was made from a file of facts.
  public var throughPosition: Position?
  public var services: [UptimeFigures]
  public var groups: [UptimeFigures]
  /// All services as one, where that was asked for.
  public var overall: UptimeFigures?
  /// Of the whole input, including what belongs to no service (lines that can't be read).
  public var warnings: UptimeWarnings
  public var options: Options

  /// - Parameter warnings: the sum over `services` when nil.
  public init(
    title: String, zone: ReportZone, start: Timestamp, end: Timestamp, asOf: Timestamp,
    madeAt: Timestamp, throughPosition: Position?, services: [UptimeFigures],
    groups: [UptimeFigures] = [], overall: UptimeFigures? = nil, warnings: UptimeWarnings? = nil,
    options: Options = Options()
  ) {
    self.title = title
    self.zone = zone
    self.start = start
    self.end = end
    self.asOf = asOf
    self.madeAt = madeAt
    self.throughPosition = throughPosition
    self.services = services
    self.groups = groups
    self.overall = overall
    self.warnings = warnings ?? services.reduce(into: UptimeWarnings()) { $0.add($1.warnings) }
    self.options = options
  }

  /// Whether the period is not over yet.
  var isRunning: Bool { asOf < end }

  /// Overall, groups and services, in this order, with the kind of each.
  var entries: [(kind: String, figures: UptimeFigures)] {
    (overall.map { [("overall", $0)] } ?? []) + groups.map { ("group", $0) }
      + services.map { ("service", $0) }
  }
}

extension UptimeReport {
  /// The choices the figures rest on, shown with them.
  public struct Options: Hashable, Sendable {
    /// Digits after the point of a percentage, 0…9; cut, not rounded.
    public var decimals: Int {
      didSet { decimals = min(max(decimals, 0), 9) }
    }
    /// The share of degraded time that counts as bad, 0…1.
    public var degradedWeight: Fraction
    public var staleAfterSeconds: Int64?
    public var mergeGapSeconds: Int64
    public var minIncidentSeconds: Int64
    /// The share promised, for example 999/1000.
    public var sloTarget: Fraction?
    public var maintenance: [Maintenance]
    /// The command that gives the same figures as data.
    public var checkCommand: String

    public init(
      decimals: Int = 3, degradedWeight: Fraction = Fraction(0), staleAfterSeconds: Int64? = nil,
      mergeGapSeconds: Int64 = 0, minIncidentSeconds: Int64 = 0, sloTarget: Fraction? = nil,
      maintenance: [Maintenance] = [],
      checkCommand: String = "rookery report uptime --format json"
    ) {
      self.decimals = min(max(decimals, 0), 9)
      self.degradedWeight = degradedWeight
      self.staleAfterSeconds = staleAfterSeconds
      self.mergeGapSeconds = mergeGapSeconds
      self.minIncidentSeconds = minIncidentSeconds
      self.sloTarget = sloTarget
      self.maintenance = maintenance
      self.checkCommand = checkCommand
    }
  }

  /// A planned window, half open.
  public struct Maintenance: Hashable, Sendable {
    /// Nil for all services.
    public var service: String?
    public var start: Timestamp
    public var end: Timestamp

    public init(service: String?, start: Timestamp, end: Timestamp) {
      self.service = service
      self.start = start
      self.end = end
    }
  }
}

extension UptimeWarnings {
  mutating func add(_ other: UptimeWarnings) {
    outOfOrder += other.outOfOrder
    duplicates += other.duplicates
    conflicts += other.conflicts
    rejected += other.rejected
    clampedSkew += other.clampedSkew
    future += other.future
    unknownStatus += other.unknownStatus
  }

  /// Each count with its name in data files.
  var named: [(name: String, count: Int)] {
    [
      ("outOfOrder", outOfOrder), ("duplicates", duplicates), ("conflicts", conflicts),
      ("rejected", rejected), ("clampedSkew", clampedSkew), ("future", future),
      ("unknownStatus", unknownStatus),
    ]
  }
}

extension ServiceState {
  /// The word of the uptime semantics.
  var word: String {
    switch self {
    case .unknown: "unknown"
    case .up: "up"
    case .degraded: "degraded"
    case .down: "down"
    case .maintenance: "maintenance"
    }
  }
}
