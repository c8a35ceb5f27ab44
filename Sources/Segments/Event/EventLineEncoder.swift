public import Streams

/// Writes events as the canonical lines of a segment.
///
///     {"rev":12,"seq":90311,"id":"…","type":"…","at":"…","rec":"…","n":[2,17],"meta":{},"data":{…}}
///
/// Keys stand in this order, without spaces; `at` is when it happened, `rec` when the store accepted
/// it. `n` counts the bytes of the two payloads as they stand in the line, so that a reader slices
/// them and never parses. A payload is written verbatim when a line tool can read it; else, as
/// `meta_b64` or `data_b64`, in base64 between quotes: when it is not one strict JSON document in
/// UTF-8, contains CR or LF, or nests deeper than jq follows. The empty payload, which means
/// "none", is not JSON either: it is `"meta_b64":""`, and so comes back as it was.
///
/// An event whose content was erased leaves its place: `{"rev":12,"erased":true}`.
///
/// Reusable and not `Sendable`: one a thread.
public struct EventLineEncoder {
  private let validator = JSONValidator()

  public init() {}

  /// Appends the line of `event`, line feed included, to `lines`; on an error `lines` is unchanged.
  ///
  /// - Throws: ``EventLineError/unrepresentable(field:)`` for a negative number or a time outside
  ///   1970…2199.
  /// - Complexity: O(bytes of the event), no allocation once `lines` has grown.
  public func append(
    _ event: EventView, to lines: inout [UInt8]
  ) throws(EventLineError) {
    try check(event)
    if event.isErased { return lines.append(erased: event.revision.rawValue) }
    let metadataIsPlain = isPlain(event.metadata)
    let dataIsPlain = isPlain(event.data)
    lines.reserveCapacityDoubling(
      lines.count + 512 + 2 * (event.metadata.count + event.data.count))
    lines.append(field: "{\"rev\":", integer: event.revision.rawValue)
    lines.append(field: ",\"seq\":", integer: event.position.rawValue)
    lines.append(",\"id\":\"")
    lines.append(id: event.id)
    lines.append("\",\"type\":")
    lines.append(quoted: event.type)
    lines.append(",\"at\":\"")
    lines.append(time: event.timestamp)
    lines.append("\",\"rec\":\"")
    lines.append(time: event.recordedAt)
    lines.append(field: "\",\"n\":[", integer: count(event.metadata, isPlain: metadataIsPlain))
    lines.append(field: ",", integer: count(event.data, isPlain: dataIsPlain))
    lines.append(metadataIsPlain ? "],\"meta\":" : "],\"meta_b64\":")
    lines.append(payload: event.metadata, isPlain: metadataIsPlain)
    lines.append(dataIsPlain ? ",\"data\":" : ",\"data_b64\":")
    lines.append(payload: event.data, isPlain: dataIsPlain)
    lines.append("}\n")
  }

  private func check(_ event: EventView) throws(EventLineError) {
    guard event.revision.rawValue >= 0 else { throw .unrepresentable(field: "rev") }
    guard event.position.rawValue >= 0 else { throw .unrepresentable(field: "seq") }
    guard Self.isWritable(event.timestamp) else { throw .unrepresentable(field: "at") }
    guard Self.isWritable(event.recordedAt) else { throw .unrepresentable(field: "rec") }
  }

  private static func isWritable(_ time: Timestamp) -> Bool {
    time >= .earliest && time < .latest
  }

  private func count(_ payload: UnsafeRawBufferPointer, isPlain: Bool) -> Int64 {
    Int64(isPlain ? payload.count : Base64.encodedCount(of: payload.count) + 2)
  }

  private func isPlain(_ payload: UnsafeRawBufferPointer) -> Bool {
    !payload.isEmpty && PlainText.fitsOneLine(payload) && validator.problem(in: payload) == nil
      && !PlainText.nestsTooDeep(payload)
  }
}

/// What a payload must be, besides JSON, for line tools to read it.
enum PlainText {
  static func fitsOneLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
    !bytes.contains(byte: UInt8(ascii: "\n")) && !bytes.contains(byte: UInt8(ascii: "\r"))
  }

  /// Whether the valid JSON `bytes` nests more than ``SegmentLimits/jsonDepth`` levels.
  static func nestsTooDeep(_ bytes: UnsafeRawBufferPointer) -> Bool {
    // Each level takes two bytes at least, and most payloads are small.
    guard bytes.count > 2 * SegmentLimits.jsonDepth,
      openers(in: bytes) + 7 > SegmentLimits.jsonDepth
    else { return false }
    var depth = 0
    var inString = false
    var at = 0
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""): inString.toggle()
      case UInt8(ascii: "\\"): at += 1
      case UInt8(ascii: "{"), UInt8(ascii: "["): if !inString { depth += 1 }
      case UInt8(ascii: "}"), UInt8(ascii: "]"): if !inString { depth -= 1 }
      default: break
      }
      if depth > SegmentLimits.jsonDepth { return true }
      at += 1
    }
    return false
  }

  /// An upper bound of the depth: how many `{` and `[` there are, up to seven at the end left out.
  private static func openers(in bytes: UnsafeRawBufferPointer) -> Int {
    var count = 0
    for offset in stride(from: 0, through: bytes.count - 8, by: 8) {
      count += EightBytes.openers(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    return count
  }
}
