public import Streams

extension StatusHistory {
  /// Adds a `ServiceStatusChanged` event; events must come in order of arrival. Others are ignored.
  ///
  /// An event whose data cannot be read as a fact is counted as rejected.
  ///
  /// - Complexity: O(n) in the bytes of the data, no allocation for a service just seen.
  public mutating func receive(_ event: EventView) {
    guard event.type == KnownEventType.serviceStatusChanged else { return }
    receive(
      FactFields(event.data), arrival: event.position.rawValue, revision: event.revision.rawValue,
      recordedMs: event.recordedAt.millisecondsCut)
  }

  /// Adds one line of a file of facts, a JSON object such as
  /// `{"serviceName":"api","status":"up","timestamp":"2025-01-10T06:00:00Z"}`, with `service` for
  /// `serviceName`, and with `eventId`, `recordedAt` and `responseMs` if there are any.
  ///
  /// A line that cannot be read as a fact is counted as rejected: on its service, or on every
  /// service of the history when it does not say whose it is.
  ///
  /// - Parameter arrival: the line's 0-based number among the lines that are not empty.
  public mutating func receive(
    line: UnsafeRawBufferPointer, arrival: Int64, validator: JSONValidator
  ) {
    guard validator.problem(in: line) == nil else {
      return reject(arrival: arrival, service: nil)
    }
    let fields = FactFields(line)
    guard let recorded = fields.recordedMs() else {
      return fields.withService { reject(arrival: arrival, service: $0) }
    }
    receive(fields, arrival: arrival, revision: nil, recordedMs: recorded)
  }

  private mutating func receive(
    _ fields: FactFields, arrival: Int64, revision: Int64?, recordedMs: Int64?
  ) {
    fields.withService { service in
      guard let service, var fact = fields.fact(arrival: arrival, revision: revision) else {
        return reject(arrival: arrival, service: service)
      }
      if let recordedMs, recordedMs < fact.timeMs { fact.recordedMs = recordedMs }
      let cause = fact.state == .down ? fields.cause : nil
      if !append(fact, to: service, cause: cause) { reject(arrival: arrival, service: nil) }
    }
  }
}
