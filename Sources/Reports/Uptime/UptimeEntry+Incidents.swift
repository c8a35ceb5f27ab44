internal import Analytics
internal import Streams

extension UptimeEntry {
  /// - Parameter left: how many rows the page still bears; what is shown is taken from it.
  func incidentTables(_ limits: UptimePageLimits, _ left: inout Int) -> [UptimePage.IncidentTable] {
    guard !figures.incidents.isEmpty else { return [] }
    let shown = figures.incidents.suffix(min(limits.incidentsInDetail, left))
    left -= shown.count
    return [
      UptimePage.IncidentTable(
        zone: words.report.zone.name, incidents: shown.reversed().map(row),
        hidden: hiddenNote(figures.incidents.count - shown.count))
    ]
  }

  private func hiddenNote(_ count: Int) -> [String] {
    guard count > 0 else { return [] }
    return [
      "\(Wording.count(count, "more incident")), earlier than these: all are in the JSON and in the "
        + "CSV of the incidents."
    ]
  }

  private func row(_ incident: Incident) -> UptimePage.IncidentTable.Row {
    UptimePage.IncidentTable.Row(
      anchor: ReportAnchor.incident(incident, of: id), start: words.start(incident),
      end: words.end(incident), length: Wording.duration(milliseconds: incident.lengthMilliseconds),
      downtime: Wording.duration(milliseconds: incident.downMilliseconds),
      masked: incident.maskedDownMilliseconds == 0
        ? "–" : Wording.duration(milliseconds: incident.maskedDownMilliseconds),
      cause: words.cause(incident), ending: words.ending(incident),
      events: words.revisions(
        incident.firstRevision?.rawValue, incident.lastRevision?.rawValue)
        ?? (kind == .service ? "–" : "those of its members"),
      commands: command(incident).map { [$0] } ?? [])
  }

  private func command(_ incident: Incident) -> String? {
    guard let stream = figures.stream, let first = incident.firstRevision?.rawValue else {
      return nil
    }
    let read = "rookery read \(stream.shellWord) --from \(first)"
    guard let last = incident.lastRevision?.rawValue, last >= first else { return read }
    return "\(read) --limit \(last - first + 1)"
  }
}
