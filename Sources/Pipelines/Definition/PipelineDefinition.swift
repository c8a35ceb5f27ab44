internal import Analytics
public import Archive
internal import Foundation
internal import Reports
internal import Streams

/// A pipeline as its YAML file describes it: named steps with their options, in order.
public struct PipelineDefinition: Sendable {
  public struct Step: Sendable {
    public var name: String
    /// Steps that must have been done in this run; a step also waits for nothing else.
    public var needs: [String]
    public var work: StepWork
  }

  public var name: String
  /// The zone whose nights are run, and of the reports.
  public var timezone: String
  /// How many missed nights are caught up at most.
  public var catchUp: Int
  public var steps: [Step]

  /// Reads `path`.
  ///
  /// - Parameter timezone: the zone when the file names none.
  /// - Throws: ``ConfigurationError`` naming the key.
  public static func load(_ path: String, timezone: String) throws -> PipelineDefinition {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationError.unreadable(path)
    }
    let document = try YAMLMapping(String(decoding: data, as: UTF8.self), file: path)
    let fileName = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let steps = try document.required(try document.mappings("steps"), "steps")
    let definition = PipelineDefinition(
      name: try document.text("name") ?? fileName,
      timezone: try document.text("timezone") ?? timezone,
      catchUp: try document.integer("catchUp") ?? 400, steps: try steps.map(step))
    try document.refuseOtherKeys()
    _ = try ReportZone(definition.timezone)
    try definition.checkNeeds(path)
    return definition
  }

  private static func step(_ yaml: YAMLMapping) throws -> Step {
    let name = try yaml.required(try yaml.text("step"), "step")
    let step = Step(
      name: name, needs: try yaml.texts("needs") ?? [], work: try StepWork(name, yaml))
    try yaml.refuseOtherKeys()
    return step
  }

  private func checkNeeds(_ path: String) throws {
    var earlier: Set<String> = []
    for step in steps {
      for need in step.needs where !earlier.contains(need) {
        throw ConfigurationError.wrongValue(
          file: path, key: "needs of \(step.name)", expected: "steps that come before it")
      }
      earlier.insert(step.name)
    }
  }
}

/// What a step does, with its options.
public enum StepWork: Sendable {
  case rollup
  case uptimeReport(UptimeStep)
  case activityReport(ActivityStep)
  case archive(ArchiveStepOptions)
  case verify(megabytes: Int64)
  case retention(policies: [ArchivePolicy])

  static let names = [
    "rollup", "uptime-report", "activity-report", "archive", "verify", "retention",
  ]

  init(_ name: String, _ yaml: YAMLMapping) throws {
    switch name {
    case "rollup": self = .rollup
    case "uptime-report": self = .uptimeReport(try UptimeStep(yaml))
    case "activity-report": self = .activityReport(try ActivityStep(yaml))
    case "archive": self = .archive(try ArchiveStepOptions(yaml))
    case "verify": self = .verify(megabytes: Int64(try yaml.integer("megabytes") ?? 1024))
    case "retention": self = .retention(policies: try ArchivePolicy.list(yaml))
    default:
      throw yaml.wrong("step", expected: "one of " + Self.names.joined(separator: ", "))
    }
  }
}

public struct UptimeStep: Sendable {
  /// Days of the period, the run's date being the last.
  public var days: Int64
  public var query: UptimeQuery

  init(_ yaml: YAMLMapping) throws {
    days = Int64(try yaml.integer("days") ?? 90)
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
    query.groups = try yaml.mappings("groups")?.map(Self.group) ?? []
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

public struct ActivityStep: Sendable {
  /// Days of the period, the run's date being the last.
  public var days: Int64
  public var query: ActivityQuery

  init(_ yaml: YAMLMapping) throws {
    days = Int64(try yaml.integer("days") ?? 28)
    query = ActivityQuery()
    query.title = try yaml.text("title") ?? query.title
    query.cohortWeeks = try yaml.integer("cohortWeeks") ?? query.cohortWeeks
  }
}

public struct ArchiveStepOptions: Sendable {
  public var policies: [ArchivePolicy]
  /// How long hot rows stay after their segment was verified; µs.
  public var grace: Int64
  /// The zstd level.
  public var level: Int32

  init(_ yaml: YAMLMapping) throws {
    policies = try ArchivePolicy.list(yaml)
    grace = try yaml.duration("grace") ?? 0
    level = Int32(try yaml.integer("level") ?? 9)
    guard (1...22).contains(level) else { throw yaml.wrong("level", expected: "from 1 to 22") }
  }
}

extension ArchivePolicy {
  static func list(_ yaml: YAMLMapping) throws -> [ArchivePolicy] {
    try yaml.required(try yaml.mappings("policies"), "policies").map { entry in
      var policy = ArchivePolicy(
        streams: try entry.required(try entry.text("streams"), "streams"),
        coldAfter: try entry.duration("coldAfter"), keepHot: try entry.duration("keepHot"),
        retainFor: try entry.duration("retainFor"))
      if let every = try entry.duration("rollOffEvery") {
        guard every > 0 else { throw entry.wrong("rollOffEvery", expected: "more than 0") }
        policy.rollOffEvery = every
      }
      try entry.refuseOtherKeys()
      return policy
    }
  }
}
