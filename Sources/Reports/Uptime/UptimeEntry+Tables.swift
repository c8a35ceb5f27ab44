internal import Analytics
internal import Streams

extension UptimeEntry {
  func oddDays(_ days: [DayFigures]) -> [UptimePage.OddDays] {
    let odd = days.filter { $0.durations.elapsed > 0 && $0.durations.up != $0.durations.elapsed }
    guard !odd.isEmpty else { return [] }
    let rows = odd.map { day in
      UptimePage.Day(
        date: day.date.description, availability: words.percent(day.availability),
        downtime: Wording.duration(milliseconds: day.durations.down),
        coverage: words.percent(day.durations.coverage),
        events: words.revisions(day.revisions) ?? "none")
    }
    return [UptimePage.OddDays(count: Wording.count(odd.count, "day"), days: rows)]
  }

  var incidentTables: [UptimePage.IncidentTable] {
    guard !figures.incidents.isEmpty else { return [] }
    let rows = figures.incidents.reversed().map { incident in
      UptimePage.IncidentTable.Row(
        start: words.start(incident), end: words.end(incident),
        length: Wording.duration(milliseconds: incident.downMilliseconds),
        cause: words.cause(incident), ending: words.ending(incident),
        events: words.revisions(
          incident.firstRevision?.rawValue, incident.lastRevision?.rawValue) ?? "–")
    }
    return [UptimePage.IncidentTable(zone: words.report.zone.name, incidents: rows)]
  }
}
