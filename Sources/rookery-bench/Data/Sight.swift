internal import CPeer
internal import Streams

extension peer_sight {
  /// Counts an event as `peer_scan` does: every column is touched.
  mutating func see(_ event: EventView) {
    var edges: UInt64 = 0
    if let first = event.metadata.first, let last = event.metadata.last {
      edges += UInt64(first) + UInt64(last)
    }
    if let first = event.data.first, let last = event.data.last {
      edges += UInt64(first) + UInt64(last)
    }
    events += 1
    bytes += Int64(event.metadata.count + event.data.count)
    sum &+=
      UInt64(bitPattern: event.revision.rawValue)
      &+ UInt64(bitPattern: event.position.rawValue) &+ event.id.high
      &+ (event.type.isEmpty ? 0 : 1) &+ UInt64(bitPattern: event.timestamp.microseconds)
      &+ UInt64(bitPattern: event.recordedAt.microseconds) &+ edges
  }

  func mustEqual(_ other: peer_sight) throws {
    guard events == other.events, bytes == other.bytes, sum == other.sum else {
      throw BenchError.disagreement("a scan saw \(events) and \(other.events) events")
    }
  }
}
