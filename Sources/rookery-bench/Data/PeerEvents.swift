internal import CPeer
internal import Demo
internal import Glibc
internal import Streams

/// Events parsed already, side by side in memory, for the C side.
final class PeerEvents {
  private var events: [peer_event] = []
  private var blocks: [UnsafeMutableRawPointer] = []
  private let streams: [UnsafePointer<CChar>?]

  init(_ generated: some GeneratedEvents, streams names: [StreamName]) {
    streams = names.map { UnsafePointer(strdup($0.rawValue)) }
    events.reserveCapacity(generated.count)
    for index in 0..<generated.count {
      let event = generated.event(index)
      add(event.event, stream: names.firstIndex(of: event.stream) ?? 0)
    }
  }

  deinit {
    for block in blocks { free(block) }
    for name in streams { free(UnsafeMutablePointer(mutating: name)) }
  }

  var count: Int { events.count }

  /// Appends the first `count` events to the store at `path`, a transaction for each `batch`.
  func append(to path: String, count: Int, batch: Int) throws {
    let result = streams.withUnsafeBufferPointer { names in
      peer_append(
        path, names.baseAddress, Int32(names.count), KnownEventType.serviceStatusChanged, events,
        Int64(count), Int64(batch))
    }
    guard result == 0 else { throw BenchError.peer(result) }
  }

  private func add(_ event: NewEvent, stream: Int) {
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: event.data.count + event.metadata.count + 1, alignment: 16)
    blocks.append(block)
    let metadata = block + event.data.count
    event.data.withUnsafeBytes { Self.copy($0, to: block) }
    event.metadata.withUnsafeBytes { Self.copy($0, to: metadata) }
    var row = peer_event()
    row.data = UnsafeRawPointer(block)
    row.data_bytes = Int64(event.data.count)
    row.metadata = UnsafeRawPointer(metadata)
    row.metadata_bytes = Int64(event.metadata.count)
    row.timestamp = event.timestamp?.microseconds ?? 0
    row.recorded_at = event.recordedAt?.microseconds ?? 0
    row.fingerprint = Int64(bitPattern: event.id.low)
    row.stream = Int32(stream)
    withUnsafeMutableBytes(of: &row.id) { bytes in
      bytes.storeBytes(of: event.id.high.bigEndian, as: UInt64.self)
      bytes.storeBytes(of: event.id.low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    events.append(row)
  }

  private static func copy(_ bytes: UnsafeRawBufferPointer, to place: UnsafeMutableRawPointer) {
    if let base = bytes.baseAddress { place.copyMemory(from: base, byteCount: bytes.count) }
  }
}
