internal import ArgumentParser
internal import Foundation
internal import Pipelines
internal import Reports

/// The forms of an uptime report.
enum UptimeFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, csv, html, pdf, markdown, badge, atom, icalendar, prometheus

  /// - Parameter table: which one a CSV is.
  func document(_ report: UptimeReport, _ table: UptimeTable, templates: String?) throws -> Data {
    switch self {
    case .text: Data(report.text().utf8)
    case .json: Data(report.json().utf8)
    case .csv: Data(report.csv(table).utf8)
    case .html: Data(try report.html(try Templates.load(templates)).utf8)
    case .pdf: try Self.pdf(report, templates)
    case .markdown: Data(report.markdown().utf8)
    case .badge: Data(report.badge().utf8)
    case .atom: Data(report.atom().utf8)
    case .icalendar: Data(report.calendar().utf8)
    case .prometheus: Data(report.prometheus().utf8)
    }
  }

  private static func pdf(_ report: UptimeReport, _ templates: String?) throws -> Data {
    let browser = try Browser.find()
    let page = try report.html(try Templates.load(templates))
    Interruption.watch()
    return try browser.pdf(of: page, stop: Interruption.stop)
  }
}
