internal import ArgumentParser
internal import Foundation
internal import Pipelines
internal import Reports

/// In which form an uptime report is written, and where to.
struct UptimeOutputOptions: ParsableArguments {
  @Option(
    help: """
      text, json, csv, html, pdf, markdown, badge (SVG), atom, icalendar or prometheus (textfile).
      """)
  var format: UptimeFormat = .text
  @Flag(help: "The same as --format json.") var json = false
  @Option(
    help: ArgumentHelp(
      "Which table of the CSV: \(UptimeOutputOptions.tables).", valueName: "table"),
    transform: UptimeOutputOptions.table)
  var table: UptimeTable = .services
  @Option(
    name: .shortAndLong, help: ArgumentHelp("A file instead of standard output.", valueName: "file")
  )
  var output: String?

  private static let tables = UptimeTable.allCases.map(\.rawValue).joined(separator: ", ")

  private static func table(_ name: String) throws -> UptimeTable {
    guard let table = UptimeTable(rawValue: name) else {
      throw ValidationError("--table must be one of \(tables).")
    }
    return table
  }

  func validate() throws {
    guard format != .pdf || json || output != nil else {
      throw ValidationError("A PDF goes into a file: give --output FILE.")
    }
  }

  func write(_ report: UptimeReport, templates: String?) throws {
    let data = try (json ? .json : format).document(report, table, templates: templates)
    if let output { return try ReportFile.write(data, to: output) }
    var standard = Output()
    data.withUnsafeBytes { standard.write($0) }
    standard.close()
  }
}
