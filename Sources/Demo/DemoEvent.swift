public import Streams

/// An event of a generated history, and the stream it belongs to.
public struct DemoEvent: Sendable {
  public var stream: StreamName
  public var event: NewEvent

  public init(stream: StreamName, event: NewEvent) {
    self.stream = stream
    self.event = event
  }

  /// Appends the event as a line of `rookery ingest`, line feed included.
  public func append(lineTo lines: inout [UInt8]) {
    var line = JSONDraft(capacity: event.data.count + event.metadata.count + 384)
    line.add("stream", stream.rawValue)
    line.add("type", event.type)
    line.add("eventId", event.id)
    if let timestamp = event.timestamp { line.add("timestamp", timestamp) }
    if let recordedAt = event.recordedAt { line.add("recordedAt", recordedAt) }
    if !event.metadata.isEmpty { line.add("metadata", json: event.metadata) }
    line.add("data", json: event.data)
    lines.append(contentsOf: line.closed())
    lines.append(UInt8(ascii: "\n"))
  }
}

extension EventID {
  /// The id of the `number`-th event of a day in `stream`: the same in every run.
  init(seed: UInt64, stream: StreamName, day: Int, number: Int) {
    var fingerprint = Fingerprint()
    fingerprint.combine(stream.rawValue)
    var dice = Dice(
      seed: seed, fingerprint.value, UInt64(bitPattern: Int64(day)), UInt64(number))
    self.init(digestHigh: dice.next(), digestLow: dice.next())
  }
}
