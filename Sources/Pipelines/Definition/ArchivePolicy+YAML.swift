public import Archive
public import Segments

extension ArchivePolicy {
  /// 64 KiB to 16 GiB: less makes more files than events, more a file that nobody can move.
  static let segmentSizes: ClosedRange<Int64> = (64 << 10)...(16 << 30)

  /// The list under `policies`.
  ///
  /// - Parameter level: the zstd level of a policy without `compression`.
  static func list(
    _ yaml: YAMLMapping, level: Int32 = SegmentLimits.level
  ) throws -> [ArchivePolicy] {
    try yaml.required(try yaml.mappings("policies"), "policies").map {
      try ArchivePolicy($0, level: level)
    }
  }

  /// A policy on the command line: a glob, a colon, and the keys of a policy in a pipeline:
  /// `user-*:coldAfter=90d,segmentSize=64MiB`.
  ///
  /// - Throws: ``ConfigurationError`` naming the key.
  public init(option: String, level: Int32 = SegmentLimits.level) throws {
    let parts = option.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else {
      throw ConfigurationError.wrongValue(
        file: "--policy", key: "'\(option)'", expected: "GLOB:coldAfter=90d or GLOB:keepHot=60d")
    }
    let pairs = try parts[1].split(separator: ",").map { pair in
      let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2 else {
        throw ConfigurationError.wrongValue(
          file: "--policy", key: "'\(pair)'", expected: "a key and its value, as coldAfter=90d")
      }
      return (key: sides[0], value: sides[1])
    }
    try self.init(
      try YAMLMapping(pairs: [("streams", parts[0])] + pairs, file: "--policy"), level: level)
  }

  private init(_ yaml: YAMLMapping, level: Int32) throws {
    self.init(
      streams: try yaml.required(try yaml.text("streams"), "streams"),
      coldAfter: try yaml.duration("coldAfter"), keepHot: try yaml.duration("keepHot"),
      retainFor: try yaml.duration("retainFor"), settings: try SegmentSettings(yaml, level: level))
    if let every = try yaml.duration("rollOffEvery") {
      guard every > 0 else { throw yaml.wrong("rollOffEvery", expected: "more than 0") }
      rollOffEvery = every
    }
    try yaml.refuseOtherKeys()
  }
}

extension SegmentSettings {
  fileprivate init(_ yaml: YAMLMapping, level: Int32) throws {
    self.init(
      segmentBytes: try yaml.bytes("segmentSize", in: ArchivePolicy.segmentSizes)
        ?? Self.segmentBytes,
      level: try yaml.integer("compression", in: 1...22).map(Int32.init) ?? level,
      target: try yaml.text("target"), mirror: try yaml.text("mirror"),
      isSigned: try yaml.flag("sign") ?? false, isEncrypted: try yaml.flag("encrypt") ?? false,
      parityPercent: try yaml.percent("parity", in: 1...100) ?? 0)
  }
}
