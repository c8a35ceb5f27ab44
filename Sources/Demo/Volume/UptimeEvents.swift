public import Streams

/// Status changes of about one kilobyte, as a chatty monitor writes them: the same keys and hosts
/// over and over, with measurements and trace ids that differ.
///
/// The same arguments give the same events, in any order they are asked for.
public struct UptimeEvents: GeneratedEvents {
  public let count: Int
  /// Stream `i` gets the events `i`, `i + streams.count`, …
  public let streams: [StreamName]
  public let bytes: Int
  public let start: Timestamp
  public let intervalMs: Int64
  public let seed: UInt64

  /// - Parameters:
  ///   - bytes: data plus metadata of an event, roughly; 700 at least.
  ///   - intervalMs: from one event to the next.
  public init(
    count: Int, streams: Int = 1, bytes: Int = 1024, start: Timestamp, intervalMs: Int64 = 1000,
    seed: UInt64 = 1
  ) throws(StreamNameError) {
    precondition(count >= 0 && streams > 0)
    var names: [StreamName] = []
    for number in 1...streams { names.append(try .serviceUptime("bench \(number)")) }
    self.count = count
    self.streams = names
    self.bytes = bytes
    self.start = start
    self.intervalMs = intervalMs
    self.seed = seed
  }

  /// - Complexity: O(bytes).
  public func event(_ index: Int) -> DemoEvent {
    let stream = streams[index % streams.count]
    var dice = Dice(seed: seed, UInt64(index))
    let id = EventID(digestHigh: dice.next(), digestLow: dice.next())
    let time = Timestamp(
      microseconds: start.microseconds + Int64(index) * intervalMs * 1000
        + Int64(dice.roll(0..<Int(intervalMs))) * 1000)
    let metadata = metadata(&dice)
    let data = data(index, id, time, room: bytes - metadata.count, &dice)
    return DemoEvent(
      stream: stream,
      event: NewEvent(
        id: id, type: KnownEventType.serviceStatusChanged, data: data, metadata: metadata,
        timestamp: time,
        recordedAt: Timestamp(microseconds: time.microseconds + Int64(dice.roll(2_000..<80_000)))))
  }

  private func metadata(_ dice: inout Dice) -> [UInt8] {
    var metadata = JSONDraft()
    metadata.add("source", "monitor-\(dice.roll(1...4)).pool.penguin.example")
    metadata.add("version", "1.4.0")
    metadata.add("additional") { $0.add("traceId", dice.hex(16) + dice.hex(16)) }
    return metadata.closed()
  }

  private func data(
    _ index: Int, _ id: EventID, _ time: Timestamp, room: Int, _ dice: inout Dice
  ) -> [UInt8] {
    let status = status(index / streams.count)
    var data = JSONDraft(capacity: bytes + 64)
    data.add("serviceName", "bench \(index % streams.count + 1)")
    data.add("status", status)
    data.add("timestamp", time)
    let responseMs = status == "degraded" ? dice.roll(900..<2400) : dice.roll(40..<180)
    if status != "down" { data.add("responseMs", responseMs) }
    data.add("metadata") { probe(&$0, status, responseMs, room: room - 170, &dice) }
    data.add("eventId", id)
    return data.closed()
  }

  /// Of each 5000 events of a stream 30 are down and 60 degraded.
  private func status(_ number: Int) -> String {
    switch number % 5000 {
    case 1200..<1230: "down"
    case 3100..<3160: "degraded"
    default: "up"
    }
  }

  private func probe(
    _ probe: inout JSONDraft, _ status: String, _ responseMs: Int, room: Int, _ dice: inout Dice
  ) {
    probe.add("probe", "probe-\(dice.roll(1...3))")
    probe.add("region", dice.pick(["eu-central", "eu-west", "us-east"]))
    probe.add("url", "https://pool.penguin.example/health")
    probe.add("httpCode", status == "down" ? 503 : 200)
    probe.add("timings") {
      $0.add("dnsUs", dice.roll(300..<4000))
      $0.add("connectUs", dice.roll(5000..<30_000))
      $0.add("tlsUs", dice.roll(9000..<50_000))
      $0.add("totalUs", responseMs * 1000 + dice.roll(0..<1000))
    }
    probe.add("certificateDaysLeft", 90 - dice.roll(0..<3))
    if status == "down" { probe.add("cause", "Upstream answered 503 Service Unavailable") }
    var checks: [[UInt8]] = []
    var left = room - probe.bytes.count - 14
    while left > 0 {
      let name = Self.checks[checks.count % Self.checks.count]
      let check = assertion(name, passed: status != "down", &dice)
      left -= check.count + 1
      checks.append(check)
    }
    probe.add("assertions", array: checks)
  }

  private static let checks = [
    "status code is 200", "body contains \"ok\"", "certificate is valid", "answers within 2 s",
    "header x-pool-version is set", "no redirect",
  ]

  private func assertion(_ name: String, passed: Bool, _ dice: inout Dice) -> [UInt8] {
    var check = JSONDraft(capacity: 96)
    check.add("name", name)
    check.add("passed", passed)
    check.add("tookUs", dice.roll(1..<90))
    return check.closed()
  }
}
