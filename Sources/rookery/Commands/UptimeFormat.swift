internal import ArgumentParser
internal import Reports

/// The forms of an uptime report that go to standard output.
enum UptimeFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, csv, html, markdown, badge, atom, icalendar, prometheus

  func document(_ report: UptimeReport, templates: String?) throws -> String {
    switch self {
    case .text: report.text()
    case .json: report.json()
    case .csv: report.servicesCSV()
    case .html: try report.html(try Templates.load(templates))
    case .markdown: report.markdown()
    case .badge: report.badge()
    case .atom: report.atom()
    case .icalendar: report.calendar()
    case .prometheus: report.prometheus()
    }
  }
}
