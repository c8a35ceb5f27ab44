internal import Streams

/// The members of a fact's JSON object that matter, as slices of it. Of equal keys the last holds.
struct FactFields {
  private var serviceName: JSONSlice?
  private var service: JSONSlice?
  private var status: JSONSlice?
  private var timestamp: JSONSlice?
  private var eventID: JSONSlice?
  private var recordedAt: JSONSlice?
  private var response: JSONSlice?
  private var metadata: JSONSlice?

  /// Whatever is not a JSON object has no fields.
  init(_ json: UnsafeRawBufferPointer) {
    var fields = self
    let isObject = JSONMembers.forEach(in: json) { fields.take($0, $1) }
    if isObject { self = fields }
  }

  private mutating func take(_ key: UnsafeRawBufferPointer, _ value: JSONSlice) {
    switch key.count {
    case 6: if key.equals("status") { status = value }
    case 7:
      if key.equals("eventId") { eventID = value } else if key.equals("service") { service = value }
    case 8: if key.equals("metadata") { metadata = value }
    case 9: if key.equals("timestamp") { timestamp = value }
    case 10:
      if key.equals("responseMs") { response = value }
      if key.equals("recordedAt") { recordedAt = value }
    case 11: if key.equals("serviceName") { serviceName = value }
    default: break
    }
  }

  /// Calls `body` with the service's name; nil when there is none.
  func withService<R>(_ body: (UnsafeRawBufferPointer?) -> R) -> R {
    guard let slice = serviceName ?? service else { return body(nil) }
    return slice.withText { body($0?.isEmpty == true ? nil : $0) }
  }

  /// The fact; nil without a status or a valid timestamp.
  func fact(arrival: Int64, revision: Int64?) -> StatusFact? {
    guard let timeMs = timestamp?.instantMs, let status else { return nil }
    let state: ServiceState?? = status.withText { text in
      guard let text, !text.isEmpty else { return nil }
      return .some(ServiceState(word: text))
    }
    guard let state else { return nil }
    return StatusFact(
      timeMs: timeMs, arrival: arrival, revision: revision, state: state ?? .unknown,
      isUnknownWord: state == nil, id: eventID?.identityHash,
      responseMs: response?.nonNegativeNumber)
  }

  /// When a line says it was recorded: nil inside when it does not say, nil when it can't be read.
  func recordedMs() -> Int64?? {
    guard let recordedAt, recordedAt.kind != .null else { return .some(nil) }
    guard let instant = recordedAt.instantMs else { return nil }
    return .some(instant)
  }

  /// What `metadata` says of why the service is down.
  var cause: String? {
    guard let metadata else { return nil }
    var best: (rank: Int, value: JSONSlice)?
    JSONMembers.forEach(in: metadata.bytes) { key, value in
      guard let rank = Self.causeKeys.firstIndex(where: { key.equals($0) }),
        rank <= best?.rank ?? rank, value.firstText != nil
      else { return }
      best = (rank, value)
    }
    return best?.value.firstText?.cut(utf8Count: Self.maxCauseBytes)
  }

  private static let causeKeys: [StaticString] = [
    "message", "reason", "cause", "incidents", "title",
  ]
  /// A cause is a line to read, not a log: what is longer is cut.
  private static let maxCauseBytes = 160
}

extension JSONSlice {
  /// Calls `body` with the string's text; nil when this is not a string. Copies only to resolve
  /// escapes.
  func withText<R>(_ body: (UnsafeRawBufferPointer?) -> R) -> R {
    guard let raw = rawString, raw.contains(UInt8(ascii: "\\")) else { return body(rawString) }
    var text = string ?? ""
    return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
  }

  /// The RFC 3339 instant that this string is.
  fileprivate var instantMs: Int64? {
    withText { text in
      text.flatMap { try? Timestamp(rfc3339: $0) }?.millisecondsCut
    }
  }

  /// A hash of an event id; nil when there is none: null, empty, or no string or number.
  fileprivate var identityHash: UInt64? {
    switch kind {
    case .string:
      return withText { $0.flatMap { $0.isEmpty ? nil : Self.hash($0) } }
    case .number: return Self.hash(bytes)
    case .object, .array, .bool, .null: return nil
    }
  }

  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var fingerprint = Fingerprint()
    fingerprint.combine(bytes)
    return fingerprint.value
  }

  fileprivate var nonNegativeNumber: Double? {
    guard kind == .number else { return nil }
    if let whole = wholeNumber { return Double(whole) }
    guard let number = double, number >= 0, number.isFinite else { return nil }
    return number
  }

  /// The value of up to 15 plain digits, without the detour over a `String`.
  private var wholeNumber: UInt64? {
    guard (1...15).contains(bytes.count) else { return nil }
    var value: UInt64 = 0
    for byte in bytes {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
    }
    return value
  }

  /// The text of this string, or of the first string in this array.
  fileprivate var firstText: String? {
    if let string { return string.isEmpty ? nil : string }
    guard kind == .array else { return nil }
    var first: String?
    JSONMembers.forEachElement(in: bytes) { element in
      if first == nil, let text = element.string, !text.isEmpty { first = text }
    }
    return first
  }
}

extension String {
  /// The text up to the last scalar that ends within `utf8Count` bytes.
  func cut(utf8Count: Int) -> String {
    guard utf8.count > utf8Count else { return self }
    var end = utf8.index(startIndex, offsetBy: utf8Count)
    while UTF8.isContinuation(utf8[end]) { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}
