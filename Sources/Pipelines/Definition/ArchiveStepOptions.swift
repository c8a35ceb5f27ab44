public import Archive
internal import Segments

/// The options of `archive`.
public struct ArchiveStepOptions: Sendable {
  public var policies: [ArchivePolicy]
  /// How long hot rows stay after their segment was verified; µs.
  public var grace: Int64
  /// Bytes of older segments that a run gives the mirror copies their policies ask for by now.
  public var copyBudget: Int64

  public init(policies: [ArchivePolicy]) {
    self.policies = policies
    grace = 0
    copyBudget = Archiver.copyBudget
  }

  init(_ yaml: YAMLMapping) throws {
    let level = try yaml.integer("level", in: 1...22)
    policies = try ArchivePolicy.list(yaml, level: level.map(Int32.init) ?? SegmentLimits.level)
    grace = try yaml.duration("grace") ?? 0
    copyBudget = try yaml.bytes("copyBudget", in: 1...Int64.max) ?? Archiver.copyBudget
  }
}
