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
      It is safe to interrupt or kill at any time: running it again completes what was begun. A
      segment or a target that fails stops no other; it is named, and the exit code is that of the
      first failure. Segments that were archived before their policy had its 'mirror' get their
      copy, oldest first, up to --copy-budget a run.

      EXAMPLES
        rookery archive --pipeline pipelines/nightly.yaml --dry-run
        rookery archive --policy 'user-*:coldAfter=90d' --policy 'service-uptime-*:keepHot=60d'
        rookery archive --policy 'user-*:coldAfter=90d,segmentSize=64MiB,compression=19'
      """)

  @OptionGroup var options: StoreOptions
  @OptionGroup var policies: PolicyOptions
  @Option(help: "How long rows stay after their segment was verified.") var grace: String?
  @Option(
    help: ArgumentHelp(
      "How many bytes of older segments get a missing mirror copy in one run.", valueName: "size"))
  var copyBudget: String?
  @Flag(help: "Print what would move, why, and what that frees; change nothing.") var dryRun = false
  @Flag(help: "The clock is right, although it is far from when the store was last used.")
  var evenSo = false
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard grace.map({ TimeSpan.microseconds(of: $0) != nil }) ?? true else {
      throw ValidationError("--grace must be a length of time such as 0, 12h or 1d.")
    }
    guard copyBudget.map({ (ByteSize.bytes(of: $0) ?? 0) > 0 }) ?? true else {
      throw ValidationError("--copy-budget must be a size such as 500MiB or 16GiB.")
    }
  }

  func run() throws {
    let settings = try options.loadForSystem()
    let options = try stepOptions()
    let planner = Planner(policies: options.policies, now: .now())
    let store = try settings.open(dryRun ? .readOnly : .readWrite)
    let archiver = Archiver(
      store: store, folder: settings.archiveFolder, now: planner.now, version: Version.text,
      signer: try settings.signer())
    if dryRun {
      warnOfClock(store, settings, planner.now)
      let forecast = try archiver.forecast(
        grace: options.grace, copyBudget: options.copyBudget, plan: { try planner.plan($0) })
      return Output.print(json ? forecast.json.document : forecast.text)
    }
    try ClockCheck(store, maxGap: settings.clockGap).pass(planner.now, evenSo: evenSo)
    var line = ProgressLine("archive")
    let summary = try archiver.run(
      grace: options.grace, copyBudget: options.copyBudget, plan: { try planner.plan($0) },
      progress: { done, total in
        line.update(done: done, total: total) { "\(Int(Double(done) / $0 / 1_000_000)) MB/s" }
      })
    line.finish()
    Output.print(json ? summary.json.document : summary.text)
    if !summary.quarantined.isEmpty { throw ExitCode(Exit.integrity) }
    if let incomplete = summary.incompleteness { throw incomplete }
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

  /// What the policies' place says, unless an option says otherwise.
  private func stepOptions() throws -> ArchiveStepOptions {
    var options = try policies.load(sayingWhen: true)
    if let grace = grace.flatMap({ TimeSpan.microseconds(of: $0) }) { options.grace = grace }
    if let bytes = copyBudget.flatMap({ ByteSize.bytes(of: $0) }) { options.copyBudget = bytes }
    return options
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
      "copiesLeft": .int(copiesLeft),
      "deferred": .array(
        deferred.sorted { $0.key < $1.key }.map {
          ["target": .string($0.key), "streams": .int($0.value)]
        }),
      "problems": .array(
        problems.map { problem in
          [
            "segment": .optional(problem.segment, JSONValue.string),
            "target": .optional(problem.target, JSONValue.string),
            "code": .string(problem.error.code.rawValue), "says": .string(problem.error.message),
          ]
        }),
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
    if copiesLeft > 0 { lines.append("\(copiesLeft) older segments get their copy in later runs") }
    lines += problems.map { problem in
      guard let target = problem.target, let segment = problem.segment else {
        return "failed: \(problem.error.message)"
      }
      return "pending, its rows stay: \(segment) at \(target): \(problem.error.message)"
    }
    lines += deferred.sorted { $0.key < $1.key }.map {
      "not begun, as \($0.key) is away: \($0.value) \($0.value == 1 ? "stream" : "streams")"
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
