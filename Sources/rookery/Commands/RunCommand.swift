internal import Analytics
internal import ArgumentParser
internal import EventStore
internal import Foundation
internal import Pipelines
internal import Reports
internal import Streams

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a pipeline for every night that was missed, or for one date.",
    discussion: """
      Without --date: every night up to yesterday that was not done (the first time, from the
      first event on). Of a night that failed only the steps are run that were not done. Of many
      nights, only the last one verifies, deletes what is due, and is mailed. Every step may be
      repeated; what was delivered is not delivered again, unless --redeliver says so.

      EXAMPLES
        rookery run pipelines/nightly.yaml
        rookery run pipelines/nightly.yaml --date 2026-01-31 --only uptime-report
        rookery run pipelines/nightly.yaml --date 2026-01-31 --only deliver --redeliver
      """)

  @OptionGroup var options: StoreOptions
  @Argument(help: "The pipeline's YAML file.") var pipeline: String
  @Option(help: ArgumentHelp("Only this night.", valueName: "date")) var date: String?
  @Option(help: ArgumentHelp("Only this step.", valueName: "step")) var only: String?
  @Flag(help: "Deliver the reports of --date again, whoever has them already.")
  var redeliver = false
  @Flag(help: "The clock is right, although it is far from when the store was last used.")
  var evenSo = false
  @Flag(help: "Print the runs as JSON.") var json = false

  func run() throws {
    let settings = try options.loadForSystem()
    let date = try date.map { text in
      guard let date = CivilDate(text) else {
        throw ValidationError("--date must be a date such as 2026-01-31.")
      }
      return date
    }
    guard !redeliver || date != nil else {
      throw ValidationError("--redeliver needs --date: which night is to be sent again?")
    }
    let definition = try PipelineDefinition.load(
      pipeline, timezone: settings.configuration.timezone ?? "UTC")
    let runner = PipelineRunner(
      definition,
      PipelineContext(
        store: try settings.open(), folder: settings.archiveFolder,
        reportsPath: settings.places.reports,
        templatesPath: (try? Templates.path(settings.configuration.templates))
          ?? "reports/templates",
        version: Version.text, signingKey: settings.configuration.signingKey,
        clockGap: settings.clockGap, isClockRight: evenSo,
        environment: ProcessInfo.processInfo.environment))
    Interruption.watch()
    var line = ProgressLine(definition.name)
    let outcome = try runner.run(
      date: date, only: only, redeliver: redeliver, stop: Interruption.stop
    ) { run, done, total in
      line.update(done: Int64(done), total: Int64(total)) { _ in run.date.description }
    }
    line.finish()
    try report(outcome)
  }

  private func report(_ outcome: PipelineRunner.Outcome) throws {
    if json {
      let value: JSONValue = ["runs": .array(outcome.runs.map(\.json))]
      Output.print(value.document)
    } else {
      for run in outcome.runs { Output.print(run.summary) }
      if outcome.isUpToDate { Output.print("No night is missing.") }
    }
    for run in outcome.runs {
      for step in run.steps where step.result == .failed {
        Terminal.say("\(run.date) \(step.name): \(step.detail)")
      }
    }
    if outcome.foundDamage { throw ExitCode(Exit.integrity) }
    if outcome.hasFailed { throw ExitCode(Exit.failed) }
    if outcome.wasInterrupted { throw ExitCode(Interruption.exitCode) }
  }
}

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Show what ran, for which date, how long, with what result.",
    discussion: "EXAMPLES\n  rookery runs\n  rookery runs --limit 5 --json")

  @OptionGroup var options: StoreOptions
  @Option(help: "The newest so many.") var limit: Int = 20
  @Option(help: "Only runs of this pipeline.") var pipeline: String?
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let store = try options.loadForSystem().open(.readOnly)
    let runs = try RunLedger(store).runs(limit: max(0, limit), pipeline: pipeline)
    if json {
      let value: JSONValue = ["runs": .array(runs.map(\.json))]
      Output.print(value.document)
      return
    }
    var table = TextTable([
      ("RUN", .right), ("PIPELINE", .left), ("DATE", .left), ("RESULT", .left),
      ("STARTED", .left), ("SECONDS", .right), ("STEPS", .left),
    ])
    for run in runs {
      table.append([
        String(run.id), run.pipeline, run.date.description, run.result.rawValue,
        run.startedAt.rfc3339, run.seconds, run.stepsText,
      ])
    }
    Output.print(table.text)
    printDeliveries(of: runs)
  }

  private func printDeliveries(of runs: [RunRecord]) {
    let deliveries = runs.flatMap(\.deliveries)
    guard !deliveries.isEmpty else { return }
    var table = TextTable(
      [
        ("RUN", .right), ("DATE", .left), ("DELIVERED TO", .left), ("RESULT", .left),
        ("TRIES", .right), ("DETAIL", .left),
      ], widestCell: 60)
    for delivery in deliveries {
      table.append([
        String(delivery.run), delivery.date.description, delivery.destination,
        delivery.state.rawValue, String(delivery.attempts), delivery.detail,
      ])
    }
    Output.print("\n" + table.text)
  }
}

extension RunRecord {
  var seconds: String {
    guard let endedAt else { return "-" }
    return Fraction(
      Int128(endedAt.microseconds - startedAt.microseconds), over: 1_000_000
    ).truncated(decimals: 3)
  }

  var stepsText: String {
    steps.map { $0.result == .done ? $0.name : "\($0.name) \($0.result.rawValue)" }
      .joined(separator: ", ")
  }

  /// A line for each step, under the date.
  var summary: String {
    let head = "\(date) \(pipeline): \(result.rawValue) in \(seconds) s"
    return ([head] + steps.map { "  \($0.name): \($0.detail)" }).joined(separator: "\n")
  }

  var json: JSONValue {
    [
      "run": .int(id), "pipeline": .string(pipeline), "date": .string(date.description),
      "result": .string(result.rawValue), "startedAt": .time(startedAt),
      "endedAt": .optional(endedAt, JSONValue.time),
      "steps": .array(
        steps.map { step in
          [
            "step": .string(step.name), "result": .string(step.result.rawValue),
            "startedAt": .time(step.startedAt),
            "endedAt": .optional(step.endedAt, JSONValue.time),
            "detail": .string(step.detail),
          ]
        }),
      "deliveries": .array(deliveries.map(\.json)),
    ]
  }
}

extension Delivery {
  fileprivate var json: JSONValue {
    [
      "date": .string(date.description), "step": .int(step), "destination": .string(destination),
      "result": .string(state.rawValue), "round": .int(round), "tries": .int(attempts),
      "detail": .string(detail), "changedAt": .time(changedAt),
    ]
  }
}
