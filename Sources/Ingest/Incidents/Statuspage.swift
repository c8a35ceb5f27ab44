internal import Streams

/// Atlassian Statuspage: `incidents.json` and `scheduled-maintenances.json` of its API.
enum Statuspage {
  static let lists = ["incidents", "scheduled_maintenances"]

  /// Each update that says which components are in what state is a fact for each, at the time the
  /// page shows for it. An incident whose updates say none holds for its components from start to
  /// end, as bad as its impact.
  static func read(
    _ incident: IncidentFields, _ facts: inout IncidentFacts
  ) throws(Rejection) {
    let id = try incident.required("id")
    var hasComponents = false
    for update in incident.objects("incident_updates").reversed() {
      let components = update.objects("affected_components")
      hasComponents = hasComponents || !components.isEmpty
      // What is announced has not happened; a post-mortem looks back.
      guard let status = update.text("status"), status != "scheduled", status != "postmortem"
      else { continue }
      let (shown, recorded) = try times(of: update)
      for component in components {
        facts.facts.append(
          IncidentFacts.Fact(
            service: try component.required("name"), status: try component.required("new_status"),
            timestamp: shown.rfc3339, recordedAt: recorded?.rfc3339, incidents: [id],
            update: try update.required("id"), title: incident.text("name")))
      }
    }
    if !hasComponents { try readWhole(incident, id, &facts) }
  }

  /// When it happened, as far as the page says, and when that was written if that was later.
  private static func times(
    of update: IncidentFields
  ) throws(Rejection) -> (shown: Timestamp, recorded: Timestamp?) {
    let created = try update.time("created_at", by: TimeReading())
    guard let shown = try update.time("display_at", by: TimeReading()) ?? created else {
      throw Rejection(.invalidTimestamp, field: "display_at", "is missing")
    }
    return (shown, created.flatMap { $0 > shown ? $0 : nil })
  }

  private static func readWhole(
    _ incident: IncidentFields, _ id: String, _ facts: inout IncidentFacts
  ) throws(Rejection) {
    let status = try incident.required("status")
    guard status != "scheduled", let state = try state(incident) else { return }
    let components = incident.names("components")
    guard !components.isEmpty else {
      throw Rejection(
        .invalidEvent, field: "components", "names none, so that no service is known")
    }
    let times = TimeReading()
    let start = try incident.time("scheduled_for", "started_at", "created_at", by: times)
    guard let start else { throw Rejection(.invalidTimestamp, field: "started_at", "is missing") }
    let isOver = ["resolved", "postmortem", "completed"].contains(status)
    var end = try incident.time("resolved_at", by: times)
    if end == nil, isOver { end = try incident.time("scheduled_until", by: times) }
    guard end != nil || !isOver else {
      throw Rejection(.invalidTimestamp, field: "resolved_at", "is missing")
    }
    if let end, end <= start {
      throw Rejection(.invalidTimestamp, field: "resolved_at", "is not after its start")
    }
    facts.spans += components.map {
      IncidentFacts.Span(service: $0, state: state, start: start, end: end, incident: id)
    }
  }

  /// Nil for an incident that impaired nothing.
  private static func state(
    _ incident: IncidentFields
  ) throws(Rejection) -> IncidentFacts.Span.State? {
    switch try incident.required("impact") {
    case "none": nil
    case "minor", "major": .degraded
    case "critical": .down
    case "maintenance": .maintenance
    default: throw Rejection(.invalidEvent, field: "impact", "is no impact of Statuspage")
    }
  }
}
