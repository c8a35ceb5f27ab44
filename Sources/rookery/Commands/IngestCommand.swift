internal import ArgumentParser
internal import EventStore
internal import Glibc
internal import Ingest
internal import Pipelines
internal import Reports
internal import Streams

struct IngestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Load events from NDJSON, plain or compressed.",
    discussion: """
      One event a line:
        {"stream","type","data","metadata"?,"eventId"?,"timestamp"?,"recordedAt"?}
      Files may be .zst, .gz, .xz, .bz2 or .tar.*. Loading a file again, also after it was
      killed, adds nothing twice. A line without eventId is known by its number and its bytes, and
      if it has no timestamp either, by its file's name; --source tells inputs apart besides.
      So correct a refused line where it stands, or load it from a file of its own.

      EXAMPLES
        rookery ingest events.ndjson.zst --rejects rejected.ndjson
        producer | rookery ingest -
      """)

  @OptionGroup var options: StoreOptions
  @OptionGroup var load: LoadOptions

  func run() async throws {
    try await load.run(format: .events, settings: try options.loadForSystem())
  }
}

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Load what other tools export.",
    subcommands: [Facts.self, Activity.self])

  struct Facts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load service status changes.",
      discussion: """
        Lines: {"serviceName"|"service","status","timestamp","eventId"?,"recordedAt"?,
        "responseMs"?,…}. They become ServiceStatusChanged events in service-uptime-{slug}; keys
        not named here go to the event's metadata. Arrival order is file order.

        EXAMPLES
          rookery import facts probes.ndjson.gz
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions

    func run() async throws {
      try await load.run(format: .facts, settings: try options.loadForSystem())
    }
  }

  struct Activity: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load what users did.",
      discussion: """
        Lines: {"user","timestamp","recordedAt"?,"category"?,"action"|"kind"?,…}. They become
        UserDataUpdated events in user-{user}-activity; keys not named here go to the event's
        metadata.

        EXAMPLES
          rookery import activity access-log.ndjson.gz
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions

    func run() async throws {
      try await load.run(format: .activity, settings: try options.loadForSystem())
    }
  }
}

/// What every bulk load takes, and the load itself.
struct LoadOptions: ParsableArguments {
  @Argument(help: "Files to load; - is standard input.")
  var files: [String]

  @Option(help: ArgumentHelp("Where to write the lines that are refused.", valueName: "file"))
  var rejects: String?

  @Option(help: "Tells inputs apart whose lines have no ids and are alike.")
  var source: String = ""

  @Flag(help: "Print the result as JSON.")
  var json = false

  func run(format: LineFormat, settings: Settings) async throws {
    Interruption.watch()
    // A mistyped name must not make a store, nor empty the rejects of the last time.
    try Ingest.check(files)
    let store = try settings.open(.createIfMissing)
    let rejectsFile = try rejects.map {
      try RejectsFile(path: $0, apartFrom: files + settings.filesInUse)
    }
    var total = IngestSummary()
    do {
      try await run(Ingest(into: store, format: format, source: source), rejectsFile, &total)
    } catch let error as IngestError {
      // What was stored before is as much a result as the error.
      printResult(total)
      throw error
    }
    printResult(total)
    if total.wasInterrupted { throw ExitCode(Interruption.exitCode) }
    if total.rejected > 0 { throw ExitCode(Exit.rejectedInput) }
  }

  /// - Parameter total: what was done, also when this throws.
  private func run(
    _ ingest: Ingest, _ rejectsFile: RejectsFile?, _ total: inout IngestSummary
  ) async throws {
    var shown = 0
    for file in files where !total.wasInterrupted {
      var line = ProgressLine(file)
      var current = IngestSummary()
      defer {
        line.finish()
        total.add(current)
      }
      current = try await ingest.load(
        file,
        reject: { lines in
          try rejectsFile?.write(lines)
          for reject in lines where rejectsFile == nil && shown < 10 {
            Terminal.say("\(reject.file):\(reject.line): \(reject.rejection)")
            shown += 1
          }
        },
        progress: { summary in
          current = summary
          line.update(done: summary.bytesRead, total: summary.totalBytes) { elapsed in
            "\(summary.lines) events, \(Int(Double(summary.lines) / elapsed)) a second"
          }
          return !Interruption.isRequested
        })
    }
  }

  private func printResult(_ summary: IngestSummary) {
    if json {
      let value: JSONValue = [
        "lines": .int(summary.lines), "appended": .int(summary.appended),
        "duplicates": .int(summary.duplicates), "rejected": .int(summary.rejected),
        "interrupted": .bool(summary.wasInterrupted),
      ]
      Output.print(value.document)
    } else {
      Output.print(
        "\(summary.lines) lines: \(summary.appended) appended, \(summary.duplicates) already "
          + "there, \(summary.rejected) rejected")
    }
    if summary.rejected > 0 {
      Terminal.say(
        rejects.map { "Refused lines are in \($0), each as \"raw\": correct them and load those." }
          ?? "Give --rejects FILE to keep the refused lines.")
    }
    if summary.wasInterrupted { Terminal.say("Interrupted. Run it again to go on.") }
  }
}

extension IngestSummary {
  fileprivate mutating func add(_ other: IngestSummary) {
    lines += other.lines
    appended += other.appended
    duplicates += other.duplicates
    rejected += other.rejected
    wasInterrupted = wasInterrupted || other.wasInterrupted
  }
}
