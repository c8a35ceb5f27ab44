public import Analytics
internal import EventStore
internal import Reports
public import Streams

/// What somebody says, on its way to the store.
public enum CorrectionStatement: Sendable {
  case correct(
    Correction.Effect, service: String?, start: Timestamp, end: Timestamp)
  /// Takes back a correction of an incident.
  case withdraw(EventID)
  /// Ends a window at an instant, or takes all of it back.
  case cancel(EventID, from: Timestamp?)

  public var type: String {
    switch self {
    case .correct(.annotation, _, _, _): KnownEventType.incidentAnnotated
    case .correct(.reclassification, _, _, _): KnownEventType.incidentReclassified
    case .correct(.exclusion, _, _, _): KnownEventType.incidentExcluded
    case .correct(.maintenance, _, _, _): KnownEventType.maintenancePlanned
    case .withdraw: KnownEventType.incidentCorrectionWithdrawn
    case .cancel: KnownEventType.maintenanceCancelled
    }
  }

  /// The event that says so.
  ///
  /// - Parameter id: the same id again is the same statement: it is appended once.
  /// - Throws: `SchemaViolation`, as for an empty reason or a range that ends before it starts.
  public func event(
    id: EventID, reason: String, principal: Principal
  ) throws(SchemaViolation) -> NewEvent {
    let members: JSONValue = .object(
      subject + [("reason", .string(reason)), ("principal", .string(principal.description))])
    let data = Array(members.text.utf8)
    let problem: SchemaViolation? = data.withUnsafeBytes { bytes in
      do throws(SchemaViolation) {
        try EventSchema.validate(type: type, data: bytes)
        return nil
      } catch {
        return error
      }
    }
    if let problem { throw problem }
    return NewEvent(id: id, type: type, data: data)
  }

  private var subject: [(String, JSONValue)] {
    switch self {
    case .withdraw(let id): [("id", .string(id.description))]
    case .cancel(let id, let from):
      [("id", .string(id.description))] + (from.map { [("from", .time($0))] } ?? [])
    case .correct(let effect, let service, let start, let end):
      (service.map { [("serviceName", .string($0))] } ?? [])
        + [("start", .time(start)), ("end", .time(end))] + Self.members(of: effect)
    }
  }

  private static func members(of effect: Correction.Effect) -> [(String, JSONValue)] {
    switch effect {
    case .annotation(let text, let link):
      [("text", .string(text))] + (link.map { [("link", .string($0))] } ?? [])
    case .reclassification(let state): [("status", .string(state.word))]
    case .exclusion, .maintenance: []
    }
  }
}
