internal import Analytics
internal import EventStore
internal import Foundation
internal import History
internal import Reports
internal import Streams

extension Night {
  func reportUptime(_ step: UptimeStep) throws -> String {
    var query = step.query
    query.timezone = definition.zone.name
    var name = "uptime"
    if let unit = step.period {
      let period = ReportPeriod(unit, containing: date)
      guard period.last == date else { return "the \(unit.rawValue) \(period) is not over" }
      query.period = .named(period)
      name += "-\(period)"
    } else {
      query.from = date.adding(days: 1 - step.days)
      query.to = date.adding(days: 1)
    }
    query.asOf = clock
    var report = try context.history.read { try query.report($0, now: clock) }
    report.madeAt = now
    let folder = try ReportFolder(context.reportsPath, date)
    let page = try report.html(templates.get())
    try folder.write("\(name).html", page)
    try folder.write("\(name).txt", report.text())
    try folder.write("\(name).md", report.markdown())
    try folder.write("\(name).json", report.json())
    try folder.write("\(name).svg", report.badge())
    try folder.write("\(name).atom", report.atom())
    try folder.write("\(name).ics", report.calendar())
    try folder.write("\(name).prom", report.prometheus())
    for table in UptimeTable.allCases {
      try folder.write(name + table.fileEnding, report.csv(table))
    }
    try publish(folder)
    // Last of what must be: nothing is said to be published that is not there.
    let publication = query.publication(of: report, path: "\(date)/\(name).html")
    try context.store.write { try publication.record($0) }
    if step.pdf { try folder.write("\(name).pdf", try pdf(of: page)) }
    return "\(report.services.count) services: \(folder.path)/\(name).html"
  }

  private func pdf(of page: String) throws -> Data {
    do {
      return try Browser.find().pdf(of: page, stop: stop)
    } catch PrintError.interrupted {
      throw Stopped()
    }
  }

  /// A published report: small counts are hidden and nobody is named.
  func reportActivity(_ step: ActivityStep) throws -> String {
    var query = step.query
    query.timezone = definition.zone.name
    query.from = date.adding(days: 1 - step.days)
    query.to = date.adding(days: 1)
    query.asOf = clock
    var report = try context.history.read { try query.report($0, now: clock) }
    report.madeAt = now
    try context.store.auditRead(of: "user-*", by: .system)
    let folder = try ReportFolder(context.reportsPath, date)
    try folder.write("activity.html", report.html(templates.get()))
    try folder.write("activity.txt", report.text())
    try folder.write("activity.json", report.json())
    try folder.write("activity.md", report.markdown())
    for table in ActivityTable.allCases { try folder.write(table.fileName, report.csv(table)) }
    try publish(folder)
    return "\(report.figures.actors) actors: \(folder.path)/activity.html"
  }

  /// Many nights are listed once, by the last of them.
  private func publish(_ folder: ReportFolder) throws {
    try folder.becomeLatest()
    if isLast { try ReportIndex(context.reportsPath).write(templates.get()) }
  }
}
