internal import ArgumentParser
internal import EventStore
internal import History
internal import Reports
internal import Streams

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Restore a stream, hot and cold, into a fresh store for an audit.",
    discussion: """
      Ids, revisions, positions, times and bytes are those of the original; the copy is read back
      and compared. The archive itself is not changed.

      EXAMPLES
        rookery restore user-42-loans --into audit.db
        rookery read user-42-loans --store audit.db
      """)

  @OptionGroup var options: StoreOptions
  @Argument var stream: String
  @Option(
    help: ArgumentHelp(
      "The store to restore into; STREAM.restored.db here if not given.", valueName: "store"))
  var into: String?
  @Flag(help: "Print the restore report as JSON.") var json = false

  func run() throws {
    let settings = try options.load()
    let name = try StreamName(stream)
    let target = into ?? "\(stream).restored.db"
    let store = try settings.open()
    try settings.check(.administer, name, try store.read { try $0.stream(name) })
    if Rights.mustAudit(settings.principal, reading: name) {
      try store.auditRead(of: name.rawValue, by: settings.principal)
    }
    _ = try store.read { try $0.readableStream(name) }
    let copy = try EventStore(
      path: target, mode: .createIfMissing, maxEventBytes: store.maxEventBytes)
    guard copy.id != store.id else {
      throw ValidationError("--into must be another store than the one restored from.")
    }
    var line = ProgressLine("restore")
    let report = try Restorer(history: History(store: store, folder: settings.archiveFolder))
      .restore(name, into: copy) { done, total in
        line.update(done: done, total: total) { "\(Int(Double(done) / $0)) events a second" }
      }
    line.finish()
    Output.print(json ? report.json(target).document : report.text(target))
  }
}

extension Restorer.Report {
  fileprivate func json(_ target: String) -> JSONValue {
    [
      "stream": .string(stream.rawValue), "into": .string(target), "events": .int(events),
      "fromSegments": .int(cold), "bytes": .int(bytes), "sha256": .string(digest),
      "identical": .bool(true),
    ]
  }

  fileprivate func text(_ target: String) -> String {
    """
    \(stream): \(events) events restored into \(target), \(cold) of them from segments.
    Read back and compared: SHA-256 of the event lines \(digest)
    Look at them: rookery read \(stream) --store \(target)

    """
  }
}
