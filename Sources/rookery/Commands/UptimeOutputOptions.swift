internal import ArgumentParser
internal import Foundation
internal import Pipelines
internal import Reports

/// In which form an uptime report is written, and where to.
struct UptimeOutputOptions: ParsableArguments {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, csv, html, pdf
  }

  @Option(help: "text, json, csv, html or pdf.") var format: Format = .text
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
    let data = try data(report, templates)
    if let output { return try ReportFile.write(data, to: output) }
    var standard = Output()
    data.withUnsafeBytes { standard.write($0) }
    standard.close()
  }

  private func data(_ report: UptimeReport, _ templates: String?) throws -> Data {
    switch json ? .json : format {
    case .text: return Data(report.text().utf8)
    case .json: return Data(report.json().utf8)
    case .csv: return Data(report.csv(table).utf8)
    case .html: return Data(try report.html(try Templates.load(templates)).utf8)
    case .pdf:
      let browser = try Browser.find()
      let page = try report.html(try Templates.load(templates))
      Interruption.watch()
      return try browser.pdf(of: page, stop: Interruption.stop)
    }
  }
}
