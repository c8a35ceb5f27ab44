internal import Archive
internal import ArgumentParser
internal import EventStore
internal import Pipelines
internal import Reports
internal import Streams

struct ArchiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Move what is cold into segments, verify them, release the rows.",
    discussion: """
      The policies are those of the archive step of a pipeline file; --policy may be given instead.
      It is safe to interrupt or kill at any time: running it again completes what was begun.

      EXAMPLES
        rookery archive --pipeline pipelines/nightly.yaml --dry-run
        rookery archive --policy 'user-*:coldAfter=90d' --policy 'service-uptime-*:keepHot=60d'
        rookery archive --policy 'user-*:coldAfter=90d,segmentSize=64MiB,compression=19'
      """)

  @OptionGroup var options: StoreOptions
  @Option(
    help: ArgumentHelp(
      "GLOB:coldAfter=TIME, keepHot=TIME and other keys of a policy, with commas; may be repeated.",
      valueName: "policy"))
  var policy: [String] = []
  @Option(help: ArgumentHelp("A pipeline whose archive step has the policies.", valueName: "file"))
  var pipeline: String?
  @Option(help: "How long rows stay after their segment was verified.") var grace: String?
  @Option(help: "The zstd level of a --policy without 'compression', 1 to 22.")
  var level: Int32 = 9
  @Flag(help: "Print what would move, why, and what that frees; change nothing.") var dryRun = false
  @Flag(help: "The clock is right, although it is far from when the store was last used.")
  var evenSo = false
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard (1...22).contains(level) else { throw ValidationError("--level must be 1 to 22.") }
    guard grace.map({ TimeSpan.microseconds(of: $0) != nil }) ?? true else {
      throw ValidationError("--grace must be a length of time such as 0, 12h or 1d.")
    }
  }

  func run() throws {
    let settings = try options.loadForSystem()
    let (policies, pipelineGrace) = try policies()
    let planner = Planner(policies: policies, now: .now())
    let store = try settings.open(dryRun ? .readOnly : .readWrite)
    let archiver = Archiver(
      store: store, folder: settings.archiveFolder, now: planner.now, version: Version.text,
      signer: try settings.signer())
    let grace = grace.flatMap { TimeSpan.microseconds(of: $0) } ?? pipelineGrace
    if dryRun {
      warnOfClock(store, settings, planner.now)
      let forecast = try archiver.forecast(grace: grace, plan: { try planner.plan($0) })
      return Output.print(json ? forecast.json.document : forecast.text)
    }
    try ClockCheck(store, maxGap: settings.clockGap).pass(planner.now, evenSo: evenSo)
    var line = ProgressLine("archive")
    let summary = try archiver.run(
      grace: grace, plan: { try planner.plan($0) },
      progress: { done, total in
        line.update(done: done, total: total) { "\(Int(Double(done) / $0 / 1_000_000)) MB/s" }
      })
    line.finish()
    Output.print(json ? summary.json.document : summary.text)
    if !summary.quarantined.isEmpty { throw ExitCode(Exit.integrity) }
  }

  /// A dry run goes on by a clock that a run would refuse.
  private func warnOfClock(_ store: EventStore, _ settings: Settings, _ now: Timestamp) {
    guard !evenSo else { return }
    do {
      try ClockCheck(store, maxGap: settings.clockGap).check(now)
    } catch {
      Terminal.say("A run would be refused: \(error)")
    }
  }

  private func policies() throws -> ([ArchivePolicy], grace: Int64) {
    if !policy.isEmpty { return (try policy.map(parse), 0) }
    guard let pipeline else {
      throw ValidationError("What is cold? Give --policy, or --pipeline with an archive step.")
    }
    guard let options = try PipelineDefinition.load(pipeline, timezone: "UTC").archive else {
      throw ValidationError("\(pipeline) has no archive step.")
    }
    return (options.policies, options.grace)
  }

  private func parse(_ text: String) throws -> ArchivePolicy {
    do {
      let policy = try ArchivePolicy(option: text, level: level)
      guard policy.coldAfter != nil || policy.keepHot != nil else {
        throw ValidationError("--policy must say coldAfter or keepHot.")
      }
      return policy
    } catch let error as ConfigurationError {
      throw ValidationError("\(error.message) \(error.remedy)")
    }
  }
}

extension Archiver.Summary {
  var json: JSONValue {
    [
      "segments": .array(segments.map(JSONValue.string)), "events": .int(events),
      "rawBytes": .int(rawBytes), "bytes": .int(bytes), "released": .int(released),
      "quarantined": .array(quarantined.map(JSONValue.string)),
      "copies": .array(copies.map(JSONValue.string)),
      "unprotected": .array(unprotected.map(JSONValue.string)),
    ]
  }

  var text: String {
    var lines = [
      "\(events) events (\(rawBytes) bytes) into \(segments.count) segments (\(bytes) bytes); "
        + "\(released) rows released"
    ]
    lines += copies.map { "copied and read back: \($0)" }
    lines += quarantined.map { "quarantined, nothing released: \($0)" }
    lines += unprotected.map { "archived without parity: \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }
}
