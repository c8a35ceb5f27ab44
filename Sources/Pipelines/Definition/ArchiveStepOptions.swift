public import Archive

/// The options of `archive`.
public struct ArchiveStepOptions: Sendable {
  public var policies: [ArchivePolicy]
  /// How long hot rows stay after their segment was verified; µs.
  public var grace: Int64
  /// The zstd level.
  public var level: Int32

  init(_ yaml: YAMLMapping) throws {
    policies = try ArchivePolicy.list(yaml)
    grace = try yaml.duration("grace") ?? 0
    level = Int32(try yaml.integer("level", in: 1...22) ?? 9)
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
