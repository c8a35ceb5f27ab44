internal import ArgumentParser
internal import EventStore
internal import Ingest
internal import Pipelines
internal import Reports
internal import Streams

/// What every bulk load takes, and the load itself.
struct LoadOptions: ParsableArguments {
  @Argument(help: "What to load; - is standard input.")
  var files: [String]

  @Option(help: ArgumentHelp("Where to write what is refused.", valueName: "file"))
  var rejects: String?

  @Option(
    help: """
      Tells inputs apart that are alike: lines without ids, or two instances of one tool.
      """)
  var source: String = ""

  @Flag(help: "Print the result as JSON.")
  var json = false

  enum Input {
    case own(LineFormat)
    case foreign(ImportFormat)
  }

  func run(_ input: Input, settings: Settings) async throws {
    Interruption.watch()
    let store = try settings.open(.createIfMissing)
    let ingest =
      switch input {
      case .own(let format): Ingest(into: store, format: format, source: source)
      case .foreign(let format): Ingest(into: store, importing: format, source: source)
      }
    let inUse =
      files + [settings.configuration.file].compactMap(\.self)
      + ["", "-wal", "-shm"].map { settings.storePath + $0 }
    let rejectsFile = try rejects.map { try RejectsFile(path: $0, apartFrom: inUse) }
    var total = IngestSummary()
    var shown = 0
    for file in files where !total.wasInterrupted {
      var line = ProgressLine(file)
      let summary = try await ingest.load(
        file,
        reject: { lines in
          try rejectsFile?.write(lines)
          for reject in lines where rejectsFile == nil && shown < 10 {
            Terminal.say("\(reject.file):\(reject.line): \(reject.rejection)")
            shown += 1
          }
        },
        progress: { summary in
          line.update(done: summary.bytesRead, total: summary.totalBytes) { elapsed in
            "\(summary.lines) events, \(Int(Double(summary.lines) / elapsed)) a second"
          }
          return !Interruption.isRequested
        })
      line.finish()
      total.add(summary)
    }
    printResult(total, input)
    if total.wasInterrupted { throw ExitCode(Interruption.exitCode) }
    if total.rejected > 0 { throw ExitCode(Exit.rejectedInput) }
  }

  private func printResult(_ summary: IngestSummary, _ input: Input) {
    let noun = if case .own = input { "lines" } else { "records" }
    Output.print(json ? summary.json.document : summary.text(noun))
    if summary.rejected > 0 {
      Terminal.say(
        rejects.map { "What was refused is in \($0), each as \"raw\": correct it and load that." }
          ?? "Give --rejects FILE to keep what is refused.")
    }
    if summary.wasInterrupted { Terminal.say("Interrupted. Run it again to go on.") }
  }
}

extension IngestSummary {
  fileprivate var reasonsByCount: [(key: String, value: Int)] {
    reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
  }

  fileprivate func text(_ noun: String) -> String {
    var text =
      "\(lines) \(noun): \(appended) appended, \(duplicates) already there, \(rejected) rejected"
    if let earliest, let latest { text += "\nfrom \(earliest.rfc3339) to \(latest.rfc3339)" }
    if passedOver > 0 { text += "\n\(passedOver) passed over: they say nothing of a status" }
    for (reason, count) in reasonsByCount { text += "\nrejected: \(count) \(reason)" }
    return text
  }

  fileprivate var json: JSONValue {
    [
      "lines": .int(lines), "appended": .int(appended), "duplicates": .int(duplicates),
      "rejected": .int(rejected), "passedOver": .int(passedOver),
      "reasons": .array(
        reasonsByCount.map { ["reason": .string($0.key), "count": .int($0.value)] }),
      "from": earliest.map { .string($0.rfc3339) } ?? .null,
      "to": latest.map { .string($0.rfc3339) } ?? .null, "interrupted": .bool(wasInterrupted),
    ]
  }
}
