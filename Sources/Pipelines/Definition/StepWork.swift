public import Archive

/// What a step does, with its options.
public enum StepWork: Sendable {
  case rollup
  case uptimeReport(UptimeStep)
  case activityReport(ActivityStep)
  case archive(ArchiveStepOptions)
  case verify(megabytes: Int64)
  case retention(policies: [ArchivePolicy])
  case deliver(DeliverStep)

  static let names = [
    "rollup", "uptime-report", "activity-report", "archive", "verify", "retention",
    "deliver",
  ]

  /// Whether it is about the whole store as it is, and not about the night: once a run is enough,
  /// however many nights are caught up.
  var looksAtAll: Bool {
    switch self {
    case .verify, .retention: true
    case .rollup, .uptimeReport, .activityReport, .archive, .deliver: false
    }
  }

  init(_ name: String, _ yaml: YAMLMapping) throws {
    switch name {
    case "rollup": self = .rollup
    case "uptime-report": self = .uptimeReport(try UptimeStep(yaml))
    case "activity-report": self = .activityReport(try ActivityStep(yaml))
    case "archive": self = .archive(try ArchiveStepOptions(yaml))
    case "verify":
      let megabytes = try yaml.integer("megabytes", in: 1...1_000_000_000) ?? 1024
      self = .verify(megabytes: Int64(megabytes))
    case "deliver": self = .deliver(try DeliverStep(yaml))
    case "retention": self = .retention(policies: try ArchivePolicy.list(yaml))
    default:
      throw yaml.wrong("step", expected: "one of " + Self.names.joined(separator: ", "))
    }
  }
}
