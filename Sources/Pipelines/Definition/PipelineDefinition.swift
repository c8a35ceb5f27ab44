internal import Foundation
public import Reports
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
  public var zone: ReportZone
  /// How many missed nights are caught up at most.
  public var catchUp: Int
  public var steps: [Step]

  /// The options of the first archive step; nil when there is none.
  public var archive: ArchiveStepOptions? {
    for step in steps {
      if case .archive(let options) = step.work { return options }
    }
    return nil
  }

  /// How many deliver steps come before the step at `ordinal`: other steps may be put in, and nothing is
  /// sent again for it.
  func deliverSteps(before ordinal: Int) -> Int {
    steps[..<ordinal].count { step in
      if case .deliver = step.work { true } else { false }
    }
  }

  /// A hundred years: more is a slip of the pen.
  static let maxDays = 36_525

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
    guard let zone = try? ReportZone(try document.text("timezone") ?? timezone) else {
      throw document.wrong("timezone", expected: "an IANA name such as Europe/Berlin, or UTC")
    }
    let definition = PipelineDefinition(
      name: try document.text("name") ?? fileName,
      zone: zone,
      catchUp: try document.integer("catchUp", in: 0...maxDays) ?? 400, steps: try steps.map(step))
    try document.refuseOtherKeys()
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
