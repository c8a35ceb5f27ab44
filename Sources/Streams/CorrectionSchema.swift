/// Types of the events that correct what facts say. They are appended like any other event, to
/// `system-incidents` and `system-maintenance`, and nothing is ever edited.
extension KnownEventType {
  public static let incidentAnnotated = "IncidentAnnotated"
  public static let incidentReclassified = "IncidentReclassified"
  public static let incidentExcluded = "IncidentExcluded"
  public static let incidentCorrectionWithdrawn = "IncidentCorrectionWithdrawn"
  public static let maintenancePlanned = "MaintenancePlanned"
  public static let maintenanceCancelled = "MaintenanceCancelled"
}

extension EventSchema {
  /// The fields of a correction; nil for any other type.
  ///
  /// `serviceName` is a service's or a group's; without it a window is for every service. `id` is
  /// the event id of what is withdrawn.
  static func correctionFields(of type: String) -> [Field]? {
    switch type {
    case KnownEventType.incidentAnnotated:
      [service, Field("text", .nonEmptyText, required: true), Field("link", .link)] + range + who
    case KnownEventType.incidentReclassified:
      [service, Field("status", .state, required: true)] + range + who
    case KnownEventType.incidentExcluded: [service] + range + who
    case KnownEventType.maintenancePlanned: [Field("serviceName", .nonEmptyText)] + range + who
    case KnownEventType.incidentCorrectionWithdrawn: [withdrawn] + who
    case KnownEventType.maintenanceCancelled: [withdrawn, Field("from", .timestamp)] + who
    default: nil
    }
  }

  private static let service = Field("serviceName", .nonEmptyText, required: true)
  private static let withdrawn = Field("id", .eventID, required: true)
  private static let range = [
    Field("start", .timestamp, required: true), Field("end", .timestamp, required: true),
  ]
  private static let who = [
    Field("reason", .nonEmptyText, required: true), Field("principal", .nonEmptyText),
  ]

  /// The words of the uptime semantics; a correction uses no other tool's.
  static let states: [StaticString] = ["up", "degraded", "down", "maintenance", "unknown"]

  /// A range ends after it starts, by the millisecond: figures know nothing finer.
  static func checkRange(
    _ fields: [Field], _ values: [JSONSlice?]
  ) throws(SchemaViolation) {
    func instant(_ name: StaticString) -> Int64? {
      zip(fields, values).first { "\($0.0.name)" == "\(name)" }?.1?.rawString
        .flatMap { try? Timestamp(rfc3339: $0) }.map { $0.microseconds / 1000 }
    }
    guard let start = instant("start"), let end = instant("end"), end <= start else { return }
    throw SchemaViolation(field: "data.end", reason: "must be later than data.start")
  }
}
