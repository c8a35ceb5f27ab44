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
  /// archive that was rewritten since. Nil when there is no segment.
  public var archiveHead: String?
  public var services: [UptimeFigures]
  public var groups: [UptimeFigures]
  /// All services as one, where that was asked for.
  public var overall: UptimeFigures?
  /// Of the whole input, including what belongs to no service (lines that can't be read).
  public var warnings: UptimeWarnings
  /// The command that gives the same figures as data.
  public var checkCommand: String
  /// How each of `groups` is made.
  public var groupRules: [GroupDefinition] = []
  /// The figures without any correction against those of this report; nil where none touches it.
  public var factsAlone: UptimeComparison?
  /// Events that were meant as corrections and could not be read.
  public var unreadableCorrections: [EventReference] = []
  /// What was published of this period before; nil when nothing was.
  public var published: UptimeRestatement?

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

  public var reading: UptimeReading {
    UptimeReading(overall: overall, groups: groups, services: services)
  }

  /// Overall, groups and services, in this order, with the kind of each.
  public var entries: [(kind: UptimeReading.Kind, figures: UptimeFigures)] { reading.entries }
}

extension UptimeReport {
  /// A group, and how the states of its members make its own.
  public struct GroupDefinition: Sendable {
    public var name: String
    public var rule: GroupRule
    public var members: [String]

    public init(name: String, rule: GroupRule, members: [String]) {
      self.name = name
      self.rule = rule
      self.members = members
    }
  }

  /// The corrections that are laid over any of its entries, by position.
  public var corrections: [Correction] {
    Set(entries.flatMap(\.figures.corrections)).sorted { $0.source.position < $1.source.position }
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
  package var word: String {
    switch self {
    case .unknown: "unknown"
    case .up: "up"
    case .degraded: "degraded"
    case .down: "down"
    case .maintenance: "maintenance"
    }
  }
}
