internal import ArgumentParser
internal import EventStore
internal import Glibc
internal import Pipelines
internal import Reports
internal import Streams

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the store, the catalog, the segments, the disk, the nights and cron.",
    discussion: """
      Exit code 5 if the integrity of the history is in doubt, 1 if something else needs care.

      EXAMPLES
        rookery doctor
        rookery doctor --pipeline pipelines/nightly.yaml
        rookery doctor --json
        rookery doctor --migrate      after this program was upgraded
      """)

  @OptionGroup var options: StoreOptions
  @Flag(help: "Bring an older store up to this program's version first.") var migrate = false
  @Option(
    help: ArgumentHelp(
      "A pipeline whose archive policies are looked at, too.", valueName: "file"))
  var pipeline: String?
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let settings = try options.loadForSystem()
    let store = try settings.open(migrate ? .readWrite : .readOnly)
    let policies = try pipeline.flatMap {
      try PipelineDefinition.load($0, timezone: "UTC").archive?.policies
    }
    let findings = try Doctor(
      store: store, folder: settings.archiveFolder, policies: policies ?? []
    ).examine(now: .now())
    if json {
      let value: JSONValue = ["findings": .array(findings.map(\.json))]
      Output.print(value.document)
    } else {
      for finding in findings { Output.print(finding.text) }
    }
    if findings.contains(where: { $0.grade == .damage }) { throw ExitCode(Exit.integrity) }
    if findings.contains(where: { $0.grade == .problem }) { throw ExitCode(Exit.failed) }
  }
}

extension Doctor.Finding {
  fileprivate var json: JSONValue {
    [
      "check": .string(check), "grade": .string(grade.rawValue), "says": .string(says),
      "remedy": .optional(remedy) { .string($0) },
    ]
  }

  fileprivate var text: String {
    let mark =
      switch grade {
      case .good: "ok      "
      case .note: "note    "
      case .problem: "PROBLEM "
      case .damage: "DAMAGE  "
      }
    return "\(mark) \(check): \(says)" + (remedy.map { "\n          \($0)" } ?? "")
  }
}
