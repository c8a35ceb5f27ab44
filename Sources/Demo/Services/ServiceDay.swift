internal import Streams

/// What the monitor wrote about one service on one day: a heartbeat in each half hour, and every
/// change at the millisecond it happened.
struct ServiceDay {
  let service: DemoService
  let day: Int
  let start: Timestamp
  let isFirst: Bool
  let seed: UInt64
  /// Those of this service, by start.
  let incidents: [DemoIncident]
  let historyStart: Timestamp

  private static let heartbeatSeconds: Int64 = 1800

  func events() -> [DemoEvent] {
    var dice = Dice(seed: seed, UInt64(day), UInt64(service.typicalMs))
    let end = start.microseconds + Timestamp.microsecondsPerDay
    let changes = Set(
      incidents.flatMap { [$0.start, $0.end] }
        .filter { $0 >= start && $0.microseconds < end })
    let heartbeats = heartbeats(&dice).filter { !changes.contains($0) }
    let instants = (Array(changes) + heartbeats).sorted()
    return instants.enumerated().map { number, time in
      event(number, time, isChange: changes.contains(time), &dice)
    }
  }

  /// The first one of the history is at its very start, so that nothing in it is unknown.
  private func heartbeats(_ dice: inout Dice) -> [Timestamp] {
    (0..<(86_400 / Self.heartbeatSeconds)).map { slot in
      let delayMs = Int64(dice.roll(0..<40_000))
      let isOpening = isFirst && slot == 0
      return Timestamp(
        microseconds: start.adding(seconds: slot * Self.heartbeatSeconds).microseconds
          + (isOpening ? 0 : delayMs * 1000))
    }
  }

  private func event(
    _ number: Int, _ time: Timestamp, isChange: Bool, _ dice: inout Dice
  ) -> DemoEvent {
    let id = EventID(seed: seed, stream: service.stream, day: day, number: number)
    let incident = incidents.first { $0.start <= time && time < $0.end }
    var data = JSONDraft()
    data.add("serviceName", service.name)
    data.add("status", incident?.status ?? "up")
    data.add("timestamp", time)
    if isChange { data.add("duration", lastedMs(before: time)) }
    if let responseMs = responseMs(incident?.status, &dice) { data.add("responseMs", responseMs) }
    data.add("metadata") { probe(&$0, incident, &dice) }
    data.add("eventId", id)
    var metadata = JSONDraft()
    metadata.add("source", service.probe)
    metadata.add("version", "1.4.0")
    let recordedAt = Timestamp(
      microseconds: time.microseconds + Int64(dice.roll(35..<400)) * 1000)
    return DemoEvent(
      stream: service.stream,
      event: NewEvent(
        id: id, type: KnownEventType.serviceStatusChanged, data: data.closed(),
        metadata: metadata.closed(), timestamp: time, recordedAt: recordedAt))
  }

  /// How long the state had lasted that ends at `time`.
  private func lastedMs(before time: Timestamp) -> Int {
    let since = incidents.flatMap { [$0.start, $0.end] }.filter { $0 < time }.max()
    return Int((time.microseconds - (since ?? historyStart).microseconds) / 1000)
  }

  private func responseMs(_ status: String?, _ dice: inout Dice) -> Int? {
    let spread = max(2, service.typicalMs / 3)
    var ms = service.typicalMs + dice.roll(-spread...spread)
    if dice.chance(permille: 20) { ms *= dice.roll(2...4) }
    switch status {
    case nil: return ms
    case "degraded": return ms * dice.roll(8...14)
    default: return nil
    }
  }

  private func probe(_ probe: inout JSONDraft, _ incident: DemoIncident?, _ dice: inout Dice) {
    probe.add("probe", service.probe)
    probe.add("region", "eu-central")
    switch service.name {
    case "http":
      probe.add("url", "https://pool.penguin.example/health")
      probe.add("httpCode", incident?.status == "down" ? 503 : 200)
    case "websocket":
      probe.add("url", "wss://pool.penguin.example/live")
      probe.add("pingsAnswered", incident?.status == "down" ? 0 : 3)
    default:
      probe.add("query", "SELECT 1")
      probe.add("connections", dice.roll(18..<60))
    }
    probe.add("attempts", incident?.status == "down" ? 3 : 1)
    if let incident { probe.add("cause", incident.cause) }
  }
}
