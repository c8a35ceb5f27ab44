internal import Archive
internal import ArgumentParser
internal import Pipelines

/// Where archive policies are said: on the command line, or in a pipeline's archive step.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "GLOB:coldAfter=TIME, keepHot=TIME and other keys of a policy, with commas; may be repeated.",
      valueName: "policy"))
  var policy: [String] = []
  @Option(help: ArgumentHelp("A pipeline whose archive step has the policies.", valueName: "file"))
  var pipeline: String?
  @Option(help: "The zstd level of a --policy without 'compression', 1 to 22.")
  var level: Int32 = 9

  var areGiven: Bool { !policy.isEmpty || pipeline != nil }

  func validate() throws {
    guard (1...22).contains(level) else { throw ValidationError("--level must be 1 to 22.") }
  }

  /// The options of the pipeline's archive step, or those of the policies given.
  ///
  /// - Parameter sayingWhen: each policy given must say what is cold.
  func load(sayingWhen: Bool) throws -> ArchiveStepOptions {
    if !policy.isEmpty {
      return ArchiveStepOptions(policies: try policy.map { try parse($0, sayingWhen) })
    }
    guard let pipeline else {
      throw ValidationError("What is cold? Give --policy, or --pipeline with an archive step.")
    }
    guard let options = try PipelineDefinition.load(pipeline, timezone: "UTC").archive else {
      throw ValidationError("\(pipeline) has no archive step.")
    }
    return options
  }

  private func parse(_ text: String, _ sayingWhen: Bool) throws -> ArchivePolicy {
    do {
      let policy = try ArchivePolicy(option: text, level: level)
      guard !sayingWhen || policy.coldAfter != nil || policy.keepHot != nil else {
        throw ValidationError("--policy must say coldAfter or keepHot.")
      }
      return policy
    } catch let error as ConfigurationError {
      throw ValidationError("\(error.message) \(error.remedy)")
    }
  }
}
