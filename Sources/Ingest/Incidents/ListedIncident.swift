internal import Streams

/// Incidents as status pages made of files list them (Jenkins, cState): services, a severity, and
/// from when to when.
enum ListedIncident {
  static let lists = ["incidents", "issues", "pinnedIssues", "pages"]

  /// Planned is maintenance, whatever its severity; a notice that is not planned says nothing.
  static func read(
    _ incident: IncidentFields, times: TimeReading, _ facts: inout IncidentFacts
  ) throws(Rejection) {
    guard let id = incident.text("incidentId", "id", "permalink", "title") else {
      throw Rejection(.invalidEvent, field: "incidentId", "is missing")
    }
    guard let state = try state(incident) else { return }
    let start = try incident.time("start", "createdAt", by: times)
    guard let start else { throw Rejection(.invalidTimestamp, field: "start", "is missing") }
    let end = try incident.time("end", "resolvedAt", by: times)
    if end == nil, incident.flag("resolved") {
      throw Rejection(.invalidTimestamp, field: "end", "is missing, and it is resolved")
    }
    if let end, end <= start {
      throw Rejection(.invalidTimestamp, field: "end", "is not after start")
    }
    facts.spans += incident.names("affected", "services", "components").map {
      IncidentFacts.Span(service: $0, state: state, start: start, end: end, incident: id)
    }
  }

  private static func state(
    _ incident: IncidentFields
  ) throws(Rejection) -> IncidentFacts.Span.State? {
    let severity = try incident.required("severity")
    if incident.flag("planned") { return .maintenance }
    switch severity {
    case "down", "outage", "critical": return .down
    case "disrupted", "degraded", "partial": return .degraded
    case "maintenance": return .maintenance
    case "notice": return nil
    default:
      throw Rejection(
        .invalidEvent, field: "severity", "must be down, disrupted, maintenance or notice")
    }
  }
}
