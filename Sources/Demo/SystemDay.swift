internal import Streams

/// The streams of the system itself: a health check every Monday, a connection test every 30 days.
struct SystemDay {
  let day: Int
  let date: CivilDate
  let seed: UInt64

  func events() throws(StreamNameError) -> [DemoEvent] {
    var events: [DemoEvent] = []
    if date.isoWeekday == 1 { events.append(try healthCheck()) }
    if day % 30 == 0 { events.append(try connectionTest()) }
    return events
  }

  private func healthCheck() throws(StreamNameError) -> DemoEvent {
    var dice = Dice(seed: seed, 0x4EA1, UInt64(day))
    var data = JSONDraft()
    data.add("result", "ok")
    data.add("diskFreePercent", max(20, 71 - day / 7))
    data.add("openFiles", dice.roll(180..<260))
    data.add("checkMs", dice.roll(40..<95))
    return event(
      "system-health-check", try StreamName("system-health-check"),
      type: "HealthChecked", data: data.closed(), second: 3 * 3600)
  }

  private func connectionTest() throws(StreamNameError) -> DemoEvent {
    var data = JSONDraft()
    data.add("message", "hello from the Penguin Pool")
    return event(
      "operations", try StreamName("connection-test"),
      type: "ConnectionTested", data: data.closed(), second: 8 * 3600 + 60)
  }

  private func event(
    _ source: String, _ stream: StreamName, type: String, data: [UInt8], second: Int64
  ) -> DemoEvent {
    let timestamp = DemoHistory.midnight(date).adding(seconds: second)
    var metadata = JSONDraft()
    metadata.add("source", source)
    metadata.add("version", "1")
    return DemoEvent(
      stream: stream,
      event: NewEvent(
        id: EventID(seed: seed, stream: stream, day: day, number: 0), type: type, data: data,
        metadata: metadata.closed(), timestamp: timestamp,
        recordedAt: Timestamp(microseconds: timestamp.microseconds + 12_000)))
  }
}
