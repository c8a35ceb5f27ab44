internal import Archive
internal import ArgumentParser
internal import EventStore
internal import Foundation
internal import History
internal import Pipelines
internal import Reports
internal import Segments
internal import Streams

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Bring events back, hot and cold, for an audit.",
    discussion: """
      Into a fresh store or an earlier copy, unless --hot says otherwise. Ids, revisions, positions, times and bytes
      are those of the original; every segment that is relied on is read whole and verified, the
      copy is read back and compared, and a report of what was checked is printed and written to
      STORE.report.json. The archive itself is not changed. The same command goes on where an
      interrupted or killed one stopped; of a bundle nothing is left, and it starts again.

      A stream has no gaps. Of --since and --until each stream comes from its first event of that
      period to its last; what lies between and happened at another time is counted. In the copy
      such a stream begins at its first restored revision; what is before it is not there.

      With --hot the events come back into the store itself for the time of --for, newest first;
      their segments stay the record of truth, and the archiver takes the rows away again after
      that time. An archived stream stays read-only. '--hot --for 0' ends a restore at the next
      archive run.

      With --bundle FILE.tar.zst the events come as NDJSON in one file that proves itself: manifests,
      checksums, signatures, an index.html, and a VERIFY.txt whose commands check it with awk, tar,
      zstd, sha256sum, jq and openssl alone. Of a period it has exactly the events of that period. Where
      only a part of a chunk is asked for, the whole chunk goes along to prove it; --only-selected
      leaves it out.

      EXAMPLES
        rookery restore user-42-loans --into audit.db
        rookery restore --user 42 --since 2026-01-01T00:00:00Z --reason 'case 2026-17'
        rookery restore --pattern 'service-uptime-*' --into audit.db --json
        rookery restore --user 42 --bundle case-17.tar.zst --reason 'case 2026-17'
        rookery restore user-42-loans --hot --for 30d --reason 'case 2026-17'
        rookery read user-42-loans --store audit.db
      """)

  @OptionGroup var options: StoreOptions
  @OptionGroup(title: "WHAT") var selected: SelectionOptions
  @Option(
    help: ArgumentHelp(
      "The store to restore into; STREAM.restored.db or restored.db here if not given.",
      valueName: "store"))
  var into: String?
  @Option(help: ArgumentHelp("Write an audit bundle.", valueName: "file.tar.zst"))
  var bundle: String?
  @Flag(help: "Leave out of the bundle what is beside the selected events in their chunks.")
  var onlySelected = false
  @Flag(help: "Back into the store itself, for a while.") var hot = false
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long --hot keeps them, as 30d or 12h.", valueName: "time"))
  var period: String = "30d"
  @Option(help: "Why, for the audit stream and the report.")
  var reason: String = "restored by an operator"
  @Flag(help: "Print the restore report as JSON.") var json = false

  func validate() throws {
    guard [hot, into != nil, bundle != nil].filter({ $0 }).count <= 1 else {
      throw ValidationError("--hot, --into and --bundle exclude each other.")
    }
    guard bundle?.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) ?? true else {
      throw ValidationError("--bundle must not contain control characters.")
    }
    guard !hot || (selected.to == nil && selected.until == nil) else {
      throw ValidationError(
        "--hot takes no --to or --until: events come back from the end, without a gap.")
    }
    guard TimeSpan.microseconds(of: period) != nil else {
      throw ValidationError("--for must be a length of time such as 0, 12h or 30d.")
    }
  }

  func run() throws {
    let settings = try options.load()
    let selection = try selected.selection()
    let source = try RestoreSource(settings, selection)
    Interruption.watch()
    if let bundle {
      try writeBundle(bundle, source, settings)
    } else {
      try hot ? restoreHot(source) : restoreIntoStore(source)
    }
  }

  private var occasion: RestoreReport.Occasion {
    get throws {
      RestoreReport.Occasion(
        principal: try options.load().principal, reason: reason, time: .now(),
        version: Version.text)
    }
  }

  private func restoreIntoStore(_ source: RestoreSource) throws {
    let target =
      into ?? (source.names.count == 1 ? "\(source.names[0]).restored.db" : "restored.db")
    try EventStore.checkCopy(at: target, of: source.store.id)
    let copy = try EventStore(
      path: target, mode: .createIfMissing, maxEventBytes: source.store.maxEventBytes)
    try source.audit(into: target, reason)
    var line = ProgressLine("restore")
    let report = try Restorer(history: source.history).restore(
      source.selection, into: copy, on: occasion, only: source.isAllowed, stop: Interruption.stop
    ) { done, total in
      line.update(done: done, total: total) { "\(Int(Double(done) / $0)) events a second" }
    }
    line.finish()
    try finish(report, target, report.json([("into", .string(target))]).document)
  }

  private func writeBundle(
    _ path: String, _ source: RestoreSource, _ settings: Settings
  ) throws {
    let templates = try Templates.load(settings.configuration.templates)
    let bundle = AuditBundle(
      history: source.history, hasContext: !onlySelected, signer: try settings.signer())
    let name = URL(fileURLWithPath: path).lastPathComponent
    try source.audit(into: path, reason)
    var line = ProgressLine("bundle")
    let (report, file) = try bundle.write(
      source.selection, to: path, on: occasion, only: source.isAllowed,
      documents: { report in
        [
          AuditBundle.Document(
            name: "report.json", text: report.json([("bundle", .string(name))]).document),
          AuditBundle.Document(
            name: "index.html", text: try report.html(templates, bundle: name)),
        ]
      },
      stop: Interruption.stop,
      progress: { done, total in
        line.update(done: done, total: total) { "\(Int(Double(done) / $0)) events a second" }
      })
    line.finish()
    let result: [(String, JSONValue)] = [
      ("bundle", .string(path)), ("bundleBytes", .int(file.bytes)),
      ("bundleSHA256", .string(file.sha256.description)), ("files", .int(file.members)),
    ]
    try finish(report, path, report.json(result).document)
    if !json { Output.print("SHA-256 of the bundle: \(file.sha256)") }
  }

  /// Keeps the report beside what was made, and prints it.
  private func finish(_ report: RestoreReport, _ target: String, _ document: String) throws {
    try Data(document.utf8).write(
      to: URL(fileURLWithPath: target + ".report.json"), options: .atomic)
    Output.print(json ? document : report.text(target))
    if !report.isSound { throw ExitCode(Exit.integrity) }
  }

  private func restoreHot(_ source: RestoreSource) throws {
    let now = Timestamp.now()
    let expiry = Timestamp(
      microseconds: now.microseconds + (TimeSpan.microseconds(of: period) ?? 0))
    let restorer = HotRestorer(
      store: source.store, folder: source.history.folder, now: now)
    let firsts = try Restorer(history: source.history).firstRevisions(source.selection)
    let reports = try firsts.filter { source.isAllowed($0.record) }.map { item in
      var line = ProgressLine(item.record.name.rawValue)
      let report = try restorer.restore(
        item.record.name, from: item.first, until: expiry, by: source.principal, reason: reason,
        stop: Interruption.stop
      ) { done, total in
        line.update(done: done, total: total) { "\(Int(Double(done) / $0)) events a second" }
      }
      line.finish()
      return report
    }
    Output.print(json ? reports.json(until: expiry).document : reports.text(until: expiry))
  }
}

/// What is restored: streams, and which of their events.
struct SelectionOptions: ParsableArguments {
  @Argument(help: "Streams, by name.") var stream: [String] = []
  @Option(help: ArgumentHelp("Streams whose name matches, as 'user-*'.", valueName: "glob"))
  var pattern: String?
  @Option(help: ArgumentHelp("All streams of a user.", valueName: "id")) var user: String?
  @Option(help: "The first revision.") var from: Int64?
  @Option(help: "The last revision.") var to: Int64?
  @Option(help: ArgumentHelp("Events that happened then or later.", valueName: "time"))
  var since: String?
  @Option(help: ArgumentHelp("Events that happened before.", valueName: "time"))
  var until: String?

  func validate() throws {
    guard [!stream.isEmpty, pattern != nil, user != nil].filter({ $0 }).count == 1 else {
      throw ValidationError("Restore what? Name streams, or give --pattern, or --user.")
    }
    guard (from ?? 0) >= 0, (from ?? 0) <= to ?? .max else {
      throw ValidationError("--from must not be negative, nor above --to.")
    }
  }

  func selection() throws -> RestoreSelection {
    let streams: RestoreSelection.Streams =
      if let pattern {
        .matching(pattern)
      } else if let user {
        .user(user)
      } else {
        .named(try stream.map { try StreamName($0) })
      }
    return RestoreSelection(
      streams, revisions: (from ?? 0)...(to ?? .max),
      since: try since.map { try Self.time($0, "--since") },
      until: try until.map { try Self.time($0, "--until") })
  }

  private static func time(_ text: String, _ option: String) throws -> Timestamp {
    do { return try Timestamp(rfc3339: text) } catch {
      throw ValidationError("\(option) \(error.reason).")
    }
  }
}

/// The store that is restored from, and whether this may be done.
private struct RestoreSource {
  let store: EventStore
  let history: History
  let selection: RestoreSelection
  let principal: Principal
  let names: [StreamName]

  /// - Throws: `PermissionDenied` for a stream that was named; what only matches is left out.
  init(_ settings: Settings, _ selection: RestoreSelection) throws {
    store = try settings.open()
    history = History(store: store, folder: settings.archiveFolder)
    self.selection = selection
    principal = settings.principal
    if case .named(let names) = selection.streams {
      for name in names {
        try settings.check(.administer, name, try store.read { try $0.stream(name) })
      }
    }
    names = try store.read { try selection.records($0) }
      .filter { [principal = settings.principal] in $0.allows(principal, to: .administer) }
      .map(\.name)
    guard !names.isEmpty else { throw RestoreError.nothingSelected }
  }

  func isAllowed(_ record: StreamRecord) -> Bool { record.allows(principal, to: .administer) }

  /// Records who takes a copy, why, and that the system read what users own.
  func audit(into target: String, _ reason: String) throws {
    try store.auditRestore(of: names, into: target, by: principal, reason: reason)
    for name in names where Rights.mustAudit(principal, reading: name) {
      try store.auditRead(of: name.rawValue, by: principal)
    }
  }
}

extension [HotRestorer.Report] {
  fileprivate func json(until expiry: Timestamp) -> JSONValue {
    [
      "into": .string("hot store"), "until": .time(expiry),
      "events": .int(reduce(0) { $0 + $1.events }),
      "streams": .array(
        map { report in
          [
            "stream": .string(report.stream.rawValue), "events": .int(report.events),
            "first": .int(report.first), "chunks": .int(report.chunks),
            "erased": .array(
              report.erased.map { ["first": .int($0.lowerBound), "last": .int($0.upperBound)] }),
            "segments": .array(report.segments.map(\.json)),
          ]
        }),
    ]
  }

  fileprivate func text(until expiry: Timestamp) -> String {
    var table = TextTable([
      ("STREAM", .left), ("ROWS", .right), ("FROM", .right), ("CHUNKS", .right),
      ("SEGMENTS", .right),
    ])
    for report in self {
      table.append([
        report.stream.rawValue, String(report.events), String(report.first),
        String(report.chunks), String(report.segments.count),
      ])
    }
    let erased = filter { !$0.erased.isEmpty }.map { report in
      let parts = report.erased.map { "\($0.lowerBound) to \($0.upperBound)" }
      return
        "\(report.stream): revisions \(parts.joined(separator: ", ")) are erased, their key is "
        + "destroyed; they and all before them stay in their segments.\n"
    }
    return table.text + erased.joined()
      + "Restored until \(expiry.rfc3339). Every segment was read whole and verified.\n"
  }
}
