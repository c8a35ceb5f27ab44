internal import Streams

/// A JSON object being written, member after member, into one buffer.
struct JSONDraft {
  private(set) var bytes: [UInt8] = []
  private var isFirst = true

  init(capacity: Int = 512) {
    bytes.reserveCapacity(capacity)
    bytes.append(UInt8(ascii: "{"))
  }

  mutating func add(_ key: StaticString, _ text: String) {
    open(key)
    Self.append(quoted: text, to: &bytes)
  }

  mutating func add(_ key: StaticString, _ number: Int) {
    open(key)
    bytes.append(contentsOf: String(number).utf8)
  }

  mutating func add(_ key: StaticString, _ flag: Bool) {
    open(key)
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
  }

  mutating func add(_ key: StaticString, _ time: Timestamp) {
    open(key)
    bytes.append(UInt8(ascii: "\""))
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { text in
      let count = time.write(rfc3339: text)
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[..<count]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func add(_ key: StaticString, _ id: EventID) {
    open(key)
    bytes.append(UInt8(ascii: "\""))
    withUnsafeTemporaryAllocation(byteCount: 36, alignment: 1) { text in
      let count = id.write(to: text)
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[..<count]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Adds a value that is JSON already.
  mutating func add(_ key: StaticString, json: [UInt8]) {
    open(key)
    bytes.append(contentsOf: json)
  }

  mutating func add(_ key: StaticString, _ body: (inout JSONDraft) -> Void) {
    var inner = JSONDraft()
    body(&inner)
    add(key, json: inner.closed())
  }

  mutating func add(_ key: StaticString, array elements: [[UInt8]]) {
    open(key)
    bytes.append(UInt8(ascii: "["))
    bytes.append(contentsOf: elements.joined(separator: [UInt8(ascii: ",")]))
    bytes.append(UInt8(ascii: "]"))
  }

  /// The finished object.
  consuming func closed() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private mutating func open(_ key: StaticString) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    bytes.append(UInt8(ascii: "\""))
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private static func append(quoted text: String, to bytes: inout [UInt8]) {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
      bytes.append(UInt8(ascii: "\""))
      bytes.append(contentsOf: text.utf8)
      bytes.append(UInt8(ascii: "\""))
    } else {
      bytes.append(contentsOf: JSONEscapes.quote(text).utf8)
    }
  }
}

extension Dice {
  /// `digits` hexadecimal digits, 16 at most.
  mutating func hex(_ digits: Int) -> String {
    let text = String(next() >> (64 - 4 * UInt64(digits)), radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }
}
