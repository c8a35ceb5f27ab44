internal import Analytics
internal import ArgumentParser
internal import EventStore
internal import Foundation
internal import History
internal import Pipelines
internal import Reports
internal import Streams

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make a report of uptime or user activity, of any period.",
    subcommands: [UptimeReportCommand.self, ActivityReportCommand.self])
}

enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, csv, html
}

struct UptimeReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uptime",
    abstract: "What was our uptime?",
    discussion: """
      Dates are local days of --tz; --to is the day after the last. --period month is the last
      month that is over, --period 2026-10 that one; so with day (2026-10-05), week (2026-W41),
      quarter (2026-Q3) and year (2026). Without a period: the last 90 days, today included.

      A PDF is made by headless Chromium: $ROOKERY_CHROMIUM, or chromium, chromium-browser or
      google-chrome in $PATH.

      Corrections ('rookery incident', 'rookery maintenance') are laid over the facts, and both
      figures are shown. Of a period that was published before, the figures as published stand
      beside those of now. The report ends with the command that makes it again.

      EXAMPLES
        rookery report uptime
        rookery report uptime --from 2026-01-01 --to 2026-02-01 --tz Europe/Berlin --format json
        rookery report uptime --period month --slo-target 99.9 --format pdf --output sla.pdf
        rookery report uptime --period 2026 --group web=http,websocket:worst --format csv
        rookery report uptime --period 2026-W41 --format csv --table incidents
        rookery report uptime --service http --slo-target 99.9 --format html > http.html
        rookery report uptime --from 2026-01-01 --to 2026-02-01 --published-at 48211
        rookery report uptime --facts status.ndjson --options options.json --format json
      """)

  @OptionGroup var options: StoreOptions
  @OptionGroup var period: UptimePeriodOptions
  @OptionGroup var output: UptimeOutputOptions
  @Option(
    help: ArgumentHelp("Use this file of facts and no store.", valueName: "file"))
  var facts: String?
  @Flag(help: "Fold every event, hot and cold, and use no stored summary.") var full = false
  @Flag(help: "Do both, and fail with exit code 5 if they differ.") var check = false

  func validate() throws {
    guard facts == nil || !(full || check) else {
      throw ValidationError("--facts uses no store: --full and --check say nothing there.")
    }
  }

  func run() throws {
    let configuration = try Configuration.load(
      options.config, environment: ProcessInfo.processInfo.environment)
    let query = try period.query(timezone: configuration.timezone ?? "UTC")
    if let facts {
      let report = try query.report(factsFile: facts, now: .now())
      try output.write(report, templates: configuration.templates)
      guard report.warnings.rejected == 0 else {
        Terminal.say("\(report.warnings.rejected) lines of \(facts) could not be read as facts.")
        throw ExitCode(Exit.rejectedInput)
      }
      return
    }
    let settings = try options.load()
    let store = try settings.open(.readOnly)
    let history = History(store: store, folder: settings.archiveFolder)
    let now = Timestamp.now()
    let (report, other) = try history.read { snapshot in
      (
        try query.report(snapshot, for: settings.principal, full: full, now: now),
        check
          ? try query.report(snapshot, for: settings.principal, full: !full, now: now) : nil
      )
    }
    if let other, other.json() != report.json() {
      Terminal.say("rookery: The stored summaries and the events give different figures.")
      throw ExitCode(Exit.integrity)
    }
    try output.write(report, templates: settings.configuration.templates)
  }
}

/// The options object's fields, each as a flag where it is a single value.
struct UptimePeriodOptions: ParsableArguments {
  @Option(
    name: .customLong("options"),
    help: ArgumentHelp("An options object, as JSON or in a file.", valueName: "json|file"))
  var objectOrFile: String?
  @Option(
    help: ArgumentHelp("day, week, month, quarter, year, or one by its name.", valueName: "period"))
  var period: String?
  @Option(help: ArgumentHelp("First day.", valueName: "date")) var from: String?
  @Option(help: ArgumentHelp("The day after the last.", valueName: "date")) var to: String?
  @Option(
    name: [.customLong("tz"), .customLong("timezone")],
    help: ArgumentHelp(
      "IANA zone of the days; else the configuration's, or UTC.", valueName: "zone"))
  var timezone: String?
  @Option(help: ArgumentHelp("First instant, instead of --from.", valueName: "time"))
  var start: String?
  @Option(help: ArgumentHelp("First instant after it, instead of --to.", valueName: "time"))
  var end: String?
  @Option(help: ArgumentHelp("Count nothing from then on.", valueName: "time")) var asOf: String?
  @Option(help: "Only this service.") var service: String?
  @Option(help: ArgumentHelp("How bad degraded is, 0 to 1.", valueName: "decimal"))
  var degradedWeight: String?
  @Option(help: "How long a fact is evidence.") var staleAfterSeconds: Int64?
  @Option(help: "An outage ends with more good time than this.") var mergeGapSeconds: Int64?
  @Option(help: "Shorter outages are no incidents.") var minIncidentSeconds: Int64?
  @Option(help: "How far clocks may run ahead.") var skewSeconds: Int64?
  @Option(
    name: [.customLong("through"), .customLong("through-position")],
    help: ArgumentHelp("Only what the store held by this position.", valueName: "position"))
  var throughPosition: Int64?
  @Option(
    help: ArgumentHelp(
      "Show what was said then beside what is said now; else as first published, if it was.",
      valueName: "position"))
  var publishedAt: Int64?
  @Flag(help: "The figures of the facts alone.") var withoutCorrections = false
  @Option(help: ArgumentHelp("The availability promised.", valueName: "percent"))
  var sloTarget: String?
  @Option(help: "Digits of a percentage, 0 to 9; cut, not rounded.") var decimals: Int64?
  @Option(
    help: ArgumentHelp(
      "Services seen as one: web=http,websocket:worst, or :best. May be repeated.",
      valueName: "name=members:rule"))
  var group: [String] = []
  @Option(
    help: ArgumentHelp(
      "Show its details on the page, however good. May be repeated.",
      valueName: "service"))
  var detail: [String] = []

  /// The file's object with the flags laid over it, read as one.
  ///
  /// - Parameter timezone: when neither names one.
  func query(timezone standard: String) throws -> UptimeQuery {
    var query = UptimeQuery()
    query.timezone = standard
    if let objectOrFile { try query.apply(try Self.object(objectOrFile)) }
    let texts = [
      ("period", period), ("from", from), ("to", to), ("timezone", timezone), ("start", start),
      ("end", end),
      ("asOf", asOf), ("service", service), ("degradedWeight", degradedWeight),
      ("sloTarget", sloTarget),
    ].compactMap { name, value in value.map { "\"\(name)\":" + JSONEscapes.quote($0) } }
    let numbers = [
      ("staleAfterSeconds", staleAfterSeconds), ("mergeGapSeconds", mergeGapSeconds),
      ("minIncidentSeconds", minIncidentSeconds), ("skewSeconds", skewSeconds),
      ("throughPosition", throughPosition), ("publishedAt", publishedAt), ("decimals", decimals),
    ].compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
    try query.apply(Array("{\((texts + numbers).joined(separator: ","))}".utf8))
    if withoutCorrections { query.withoutCorrections = true }
    query.groups += try group.map { try UptimeQuery.Group($0) }
    query.details += detail
    return query
  }

  private static func object(_ objectOrFile: String) throws -> [UInt8] {
    if objectOrFile.hasPrefix("{") { return Array(objectOrFile.utf8) }
    guard let data = FileManager.default.contents(atPath: objectOrFile) else {
      throw ConfigurationError.unreadable(objectOrFile)
    }
    return Array(data)
  }
}
