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
  @OptionGroup var policies: PolicyOptions
  @Option(help: "How long rows stay after their segment was verified.") var grace: String?
  @Flag(help: "Print what would move, why, and what that frees; change nothing.") var dryRun = false
  @Flag(help: "The clock is right, although it is far from when the store was last used.")
  var evenSo = false
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard grace.map({ TimeSpan.microseconds(of: $0) != nil }) ?? true else {
      throw ValidationError("--grace must be a length of time such as 0, 12h or 1d.")
    }
  }

  func run() throws {
    let settings = try options.loadForSystem()
    let (policies, pipelineGrace) = try policies.load(sayingWhen: true)
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
