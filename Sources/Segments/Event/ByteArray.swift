internal import Streams

extension UnsafeRawBufferPointer {
  func contains(byte: UInt8) -> Bool { firstIndex(ofByte: byte, from: 0) != nil }
}

extension [UInt8] {
  /// Reserves room without giving up the doubling that makes appending cheap.
  mutating func reserveCapacityDoubling(_ needed: Int) {
    if needed > capacity { reserveCapacity(Swift.max(needed, 2 * capacity)) }
  }

  mutating func append(_ text: StaticString) {
    append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(field: StaticString, integer: Int64) {
    append(field)
    append(integer: integer)
  }

  /// Appends a number that is not negative.
  mutating func append(integer: Int64) {
    withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
      var at = 20
      var rest = UInt64(bitPattern: integer)
      repeat {
        at -= 1
        digits[at] = UInt8(truncatingIfNeeded: 48 + rest % 10)
        rest /= 10
      } while rest > 0
      append(contentsOf: UnsafeRawBufferPointer(rebasing: digits[at...]))
    }
  }

  /// Appends the line that stands for an erased event.
  mutating func append(erased revision: Int64) {
    append(field: "{\"rev\":", integer: revision)
    append(",\"erased\":true}\n")
  }

  mutating func append(id: EventID) {
    withUnsafeTemporaryAllocation(byteCount: 36, alignment: 1) { text in
      let count = id.write(to: text)
      append(contentsOf: UnsafeRawBufferPointer(rebasing: text[..<count]))
    }
  }

  mutating func append(time: Timestamp) {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { text in
      let count = time.write(rfc3339: text)
      append(contentsOf: UnsafeRawBufferPointer(rebasing: text[..<count]))
    }
  }

  /// Appends `text` as a JSON string.
  mutating func append(quoted text: String) {
    var text = text
    let isPlain = text.withUTF8 { utf8 in
      guard utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) else { return false }
      append(0x22)
      append(contentsOf: utf8)
      append(0x22)
      return true
    }
    if !isPlain { append(contentsOf: JSONEscapes.quote(text).utf8) }
  }

  mutating func append(payload: UnsafeRawBufferPointer, isPlain: Bool) {
    guard !isPlain else { return append(contentsOf: payload) }
    append(0x22)
    Base64.append(payload, to: &self)
    append(0x22)
  }

  /// Makes the array at least `count` long; what it held is lost when it is much too large.
  ///
  /// Buffers that serve frame after frame keep their size, but not that of one huge event.
  mutating func makeRoom(_ count: Int) {
    if self.count >= count, self.count <= Swift.max(4 * SegmentLimits.chunkTarget, count) { return }
    SpareBuffers.give(&self)
    self = SpareBuffers.take(count)
  }
}
