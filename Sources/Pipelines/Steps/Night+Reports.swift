internal import Analytics
internal import EventStore
internal import History
internal import Reports
internal import Streams

extension Night {
  func reportUptime(_ step: UptimeStep) throws -> String {
    var query = step.query
    query.timezone = definition.zone.name
    query.from = date.adding(days: 1 - step.days)
    query.to = date.adding(days: 1)
    query.asOf = clock
    var report = try context.history.read { try query.report($0, now: clock) }
    report.madeAt = now
    let folder = try ReportFolder(context.reportsPath, date)
    try folder.write("uptime.html", report.html(templates.get()))
    try folder.write("uptime.txt", report.text())
    try folder.write("uptime.json", report.json())
    try folder.write("uptime.csv", report.servicesCSV())
    try folder.write("uptime-days.csv", report.daysCSV())
    try folder.write("uptime-incidents.csv", report.incidentsCSV())
    try folder.write("uptime-corrections.csv", report.correctionsCSV())
    try folder.write("uptime-restatements.csv", report.restatementsCSV())
    try publish(folder)
    // Last: nothing is said to be published that is not there.
    let publication = query.publication(of: report, path: folder.path + "/uptime.html")
    try context.store.write { try publication.record($0) }
    return "\(report.services.count) services: \(folder.path)/uptime.html"
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
