public import Streams

/// Reads the lines that ``EventLineEncoder`` writes, and refuses all others.
///
/// Reusable and not `Sendable`: one a thread.
public struct EventLineDecoder: ~Copyable {
  private var types = TypeTable(capacity: SegmentLimits.internedTypes)
  private var dates = DateCache()
  private var metadata = Scratch()
  private var data = Scratch()

  public init() {}

  /// The event of `line`, which does not include the line feed.
  ///
  /// - Returns: a view that borrows `line` and this decoder: it is valid until the next call.
  /// - Throws: ``EventLineError/malformed(field:)``; never reads outside `line`.
  /// - Complexity: O(bytes of the envelope); O(n) for base64. No allocation in the common case.
  public mutating func decode(
    _ line: UnsafeRawBufferPointer
  ) throws(EventLineError) -> EventView {
    var scan = LineScan(bytes: line)
    let revision = try scan.integer(after: "{\"rev\":", "rev")
    if scan.take(",\"erased\":true}") {
      guard scan.isAtEnd else { throw .malformed(field: "erased") }
      return .erased(Revision(revision))
    }
    let position = try scan.integer(after: ",\"seq\":", "seq")
    let id = try scan.id(after: ",\"id\":\"", "id")
    let type = try typeName(try scan.string(after: "\",\"type\":\"", "type"))
    let timestamp = try time(try scan.time(after: "\",\"at\":\"", "at"), "at")
    let recordedAt = try time(try scan.time(after: "\",\"rec\":\"", "rec"), "rec")
    let metadataCount = try scan.integer(after: "\",\"n\":[", "n")
    let dataCount = try scan.integer(after: ",", "n")
    let metadata = try payload(
      &scan, metadataCount, "],\"meta\":", "],\"meta_b64\":", &self.metadata)
    let data = try payload(&scan, dataCount, ",\"data\":", ",\"data_b64\":", &self.data)
    guard scan.take("}"), scan.isAtEnd else { throw .malformed(field: "data") }
    return EventView(
      revision: Revision(revision), position: Position(position), id: id, type: type,
      timestamp: timestamp, recordedAt: recordedAt, metadata: metadata, data: data)
  }

  private mutating func typeName(
    _ raw: UnsafeRawBufferPointer
  ) throws(EventLineError) -> String {
    if raw.contains(byte: 0x5C) {
      guard let name = CanonicalString.resolve(raw) else { throw .malformed(field: "type") }
      return name
    }
    for byte in raw where byte < 0x20 { throw .malformed(field: "type") }
    if let index = types.index(of: raw) { return types.names[index] }
    guard let name = String(validating: raw, as: UTF8.self) else {
      throw .malformed(field: "type")
    }
    return name
  }

  private mutating func time(
    _ text: UnsafeRawBufferPointer, _ field: String
  ) throws(EventLineError) -> Timestamp {
    guard let time = dates.timestamp(text) else { throw .malformed(field: field) }
    return time
  }
}

/// The next payload: verbatim after `plain`, or decoded into `scratch` after `encoded`.
private func payload(
  _ scan: inout LineScan, _ count: Int64, _ plain: StaticString, _ encoded: StaticString,
  _ scratch: inout Scratch
) throws(EventLineError) -> UnsafeRawBufferPointer {
  if scan.take(plain) {
    guard let bytes = scan.bytes(count), !bytes.isEmpty else { throw .malformed(field: "n") }
    return bytes
  }
  guard scan.take(encoded), let quoted = scan.bytes(count), quoted.count >= 2,
    quoted[0] == 0x22, quoted[quoted.count - 1] == 0x22,
    let bytes = scratch.decode(quoted.slice(1..<(quoted.count - 1)))
  else { throw .malformed(field: "n") }
  return bytes
}

/// Memory for one decoded payload.
private struct Scratch: ~Copyable {
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  deinit { memory.deallocate() }

  mutating func decode(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    let needed = text.count / 4 * 3
    if memory.count < needed {
      memory.deallocate()
      memory = .allocate(byteCount: needed + needed / 2, alignment: 1)
    }
    guard let count = Base64.decode(text, into: memory) else { return nil }
    return UnsafeRawBufferPointer(rebasing: memory[..<count])
  }
}
