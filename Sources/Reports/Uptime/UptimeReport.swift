public import Analytics
public import Streams

/// Everything an uptime report says, in whatever form it is written.
public struct UptimeReport: Sendable {
  public var title: String
  public var zone: ReportZone
  /// The period's name in the calendar, where it was asked for by that; nil for other periods.
  public var period: ReportPeriod?
  /// Services and groups whose details a page shows, however good they are.
  public var details: Set<String> = []
  /// What the figures were asked for: the period, as-of, and the choices they rest on.
  public var options: UptimeOptions
  public var madeAt: Timestamp
  /// The store position the report was made at; nil when it was made from a file of facts.
  public var throughPosition: Position?
  /// The head of the archive's chain when it was made, `SEQ:HASH`: who keeps the report can tell an
  /// archive that was rewritten since. Nil when it is not published here, or there is no segment.
  public var archiveHead: String?
  public var services: [UptimeFigures]
  public var groups: [UptimeFigures]
  /// All services as one, where that was asked for.
  public var overall: UptimeFigures?
  /// Of the whole input, including what belongs to no service (lines that can't be read).
  public var warnings: UptimeWarnings
  /// The command that gives the same figures as data.
  public var checkCommand: String

  /// - Parameter warnings: when nil, those of `overall`, or without it the sum over `services`. Give
  ///   them where several services come from one history: what can't be blamed on one of them is
  ///   counted on each.
  public init(
    title: String, zone: ReportZone, options: UptimeOptions, madeAt: Timestamp,
    throughPosition: Position?, services: [UptimeFigures], groups: [UptimeFigures] = [],
    overall: UptimeFigures? = nil, warnings: UptimeWarnings? = nil,
    checkCommand: String = "rookery report uptime --format json"
  ) {
    self.title = title
    self.zone = zone
    self.options = options
    self.madeAt = madeAt
    self.throughPosition = throughPosition
    self.services = services
    self.groups = groups
    self.overall = overall
    self.warnings = warnings ?? overall?.warnings ?? UptimeWarnings(sum: services.map(\.warnings))
    self.checkCommand = checkCommand
  }

  /// Digits of a percentage, 0…9: more would be noise.
  var decimals: Int { min(max(options.decimals, 0), 9) }

  /// Overall, groups and services, in this order, with the kind of each.
  var entries: [(kind: UptimeEntry.Kind, figures: UptimeFigures)] {
    (overall.map { [(.overall, $0)] } ?? []) + groups.map { (.group, $0) }
      + services.map { (.service, $0) }
  }
}

extension UptimeWarnings {
  init(sum all: [UptimeWarnings]) {
    self.init()
    for one in all {
      outOfOrder += one.outOfOrder
      duplicates += one.duplicates
      conflicts += one.conflicts
      rejected += one.rejected
      clampedSkew += one.clampedSkew
      future += one.future
      unknownStatus += one.unknownStatus
    }
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
