internal import Streams

/// RFC 3339's relatives: without a zone, with a blank before the offset, with a zone's short name
/// behind it, as programs in Go print times: `2026-01-31 08:30:00.25 +0000 UTC m=+0.5`.
enum GoTime {
  static func read(
    _ text: UnsafeRawBufferPointer, zone: WallClock?
  ) throws(TimeProblem) -> Timestamp {
    var parts = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)[...]
    if let last = parts.last, last.starts(with: Array("m=".utf8)) { parts.removeLast() }
    guard var bytes = parts.popFirst().map({ Array($0) }), bytes.count >= 10 else {
      throw .of(.malformed)
    }
    if bytes.count == 10, let time = parts.popFirst() {
      bytes.append(UInt8(ascii: "T"))
      bytes += time
    }
    if let offset = parts.popFirst() {
      if ["UTC", "GMT", "Z"].contains(where: { $0.utf8.elementsEqual(offset) }) {
        bytes.append(UInt8(ascii: "Z"))
      } else {
        bytes += offset
        // The name says no more than the offset before it.
        if let name = parts.first, name.allSatisfy(isLetter) { parts.removeFirst() }
      }
    }
    guard parts.isEmpty else { throw .of(.malformed) }
    return try read(&bytes, zone: zone)
  }

  private static func read(
    _ bytes: inout [UInt8], zone: WallClock?
  ) throws(TimeProblem) -> Timestamp {
    do throws(TimestampError) {
      return try timestamp(bytes)
    } catch {
      guard error == .missingZone else { throw .of(error) }
    }
    bytes.append(UInt8(ascii: "Z"))
    let local: Timestamp
    do throws(TimestampError) { local = try timestamp(bytes) } catch { throw .of(error) }
    return try ClockReading(local: local).instant(in: zone)
  }

  private static func timestamp(_ bytes: [UInt8]) throws(TimestampError) -> Timestamp {
    try Timestamp(rfc3339: String(decoding: bytes, as: UTF8.self))
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
  }
}
