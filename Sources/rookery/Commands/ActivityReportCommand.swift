internal import Analytics
internal import ArgumentParser
internal import EventStore
internal import Foundation
internal import History
internal import Pipelines
internal import Reports
internal import Streams

enum ActivityFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, csv, html, markdown
}

struct ActivityReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activity",
    abstract: "What did users do?",
    discussion: """
      Counts of fewer than five actors are hidden, as in a published report, with what would give
      them away by subtraction, unless --actors says that the reader may see user data. Dates are
      local days of --tz; --to is the day after the last. Without a period: the last 28 days, today
      included. Exit code 5: --check found a difference.

      EXAMPLES
        rookery report activity
        rookery report activity --from 2026-01-01 --to 2026-02-01 --tz Europe/Berlin --format html
        rookery report activity --format csv --table hours > activity-hours.csv
        rookery report activity --check --format markdown
      """)

  @OptionGroup var options: StoreOptions
  @Option(help: ArgumentHelp("First day.", valueName: "date")) var from: String?
  @Option(help: ArgumentHelp("The day after the last.", valueName: "date")) var to: String?
  @Option(
    name: [.customLong("tz"), .customLong("timezone")],
    help: ArgumentHelp(
      "IANA zone of the days; else the configuration's, or UTC.", valueName: "zone"))
  var timezone: String?
  @Option(help: ArgumentHelp("Count nothing from then on.", valueName: "time")) var asOf: String?
  @Option(help: "Weeks of first actions to follow.") var cohortWeeks: Int = 12
  @Option(help: "text, json, csv, html or markdown.") var format: ActivityFormat = .text
  @Option(
    help: ArgumentHelp("The table of --format csv: \(Self.tables).", valueName: "name"),
    transform: Self.table)
  var table: ActivityTable?
  @Flag(help: "The same as --format json.") var json = false
  @Flag(help: "Name the most active users and hide nothing.") var actors = false
  @Flag(help: "Fold every event, hot and cold, and use no stored summary.") var full = false
  @Flag(help: "Do both, and fail with exit code 5 if they differ.") var check = false

  func validate() throws {
    guard table == nil || (format == .csv && !json) else {
      throw ValidationError("--table needs --format csv.")
    }
    guard (0...520).contains(cohortWeeks) else {
      throw ValidationError("--cohort-weeks must be 0 to 520.")
    }
  }

  func run() throws {
    let settings = try options.load()
    guard settings.principal == .system else {
      throw PermissionDenied(
        principal: settings.principal, action: .read, stream: try StreamName("user-*"))
    }
    let store = try settings.open()
    try store.auditRead(of: "user-*", by: settings.principal)
    let history = History(store: store, folder: settings.archiveFolder)
    let query = try query(settings)
    let now = Timestamp.now()
    let (report, other) = try history.read { snapshot in
      (
        try query.report(snapshot, full: full, now: now),
        check ? try query.report(snapshot, full: !full, now: now) : nil
      )
    }
    if let other, other.figures != report.figures {
      Terminal.say("rookery: The stored summaries and the events give different figures.")
      throw ExitCode(Exit.integrity)
    }
    try write(report, templates: settings.configuration.templates)
  }

  private func write(_ report: ActivityReport, templates: String?) throws {
    var output = Output()
    switch json ? .json : format {
    case .text: output.write(report.text())
    case .json: output.write(report.json())
    case .csv: output.write(report.csv(table ?? .days))
    case .html: output.write(try report.html(try Templates.load(templates)))
    case .markdown: output.write(report.markdown())
    }
    output.close()
  }

  private static let tables = ActivityTable.allCases.map(\.rawValue).joined(separator: ", ")

  private static func table(_ name: String) throws -> ActivityTable {
    guard let table = ActivityTable(rawValue: name) else {
      throw ValidationError("There is no table \(JSONEscapes.quote(name)); there are \(tables).")
    }
    return table
  }

  private func query(_ settings: Settings) throws -> ActivityQuery {
    var query = ActivityQuery()
    query.from = try from.map { try Self.date($0, "--from") }
    query.to = try to.map { try Self.date($0, "--to") }
    query.timezone = timezone ?? settings.configuration.timezone ?? query.timezone
    query.asOf = try asOf.map { text in
      guard let time = try? Timestamp(rfc3339: text) else {
        throw ValidationError("--as-of must be a time such as 2026-01-31T08:30:00Z.")
      }
      return time
    }
    query.cohortWeeks = cohortWeeks
    query.showActors = actors
    return query
  }

  private static func date(_ text: String, _ option: String) throws -> CivilDate {
    guard let date = CivilDate(text) else {
      throw ValidationError("\(option) must be a date such as 2026-01-31.")
    }
    return date
  }
}
