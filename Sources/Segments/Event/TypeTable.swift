internal import Glibc
internal import Streams

/// Event type names by their bytes, each kept as one string.
///
/// A hash table with linear probing; the type seen last is tried first, as types come in runs.
/// Names are compared byte by byte: `String`'s own equality would merge canonically equal ones.
struct TypeTable {
  private(set) var names: [String] = []
  private var text: [UInt8] = []
  private var ends: [Int] = []
  /// Indexes of names, or -1; the count is a power of two, at most half of it taken.
  private var slots = [Int32](repeating: -1, count: 64)
  private var last = 0
  private let capacity: Int

  init(capacity: Int = .max) { self.capacity = capacity }

  /// The index of the name with these bytes, which is added if it is new. Nil when the table is full
  /// or the bytes are not UTF-8.
  ///
  /// - Complexity: O(bytes); no allocation for a known name.
  mutating func index(of bytes: UnsafeRawBufferPointer) -> Int? {
    if last < names.count, matches(last, bytes) { return last }
    var slot = home(of: bytes)
    while slots[slot] >= 0 {
      if matches(Int(slots[slot]), bytes) {
        last = Int(slots[slot])
        return last
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    guard names.count < capacity, let name = String(validating: bytes, as: UTF8.self) else {
      return nil
    }
    return add(name, bytes, at: slot)
  }

  private mutating func add(_ name: String, _ bytes: UnsafeRawBufferPointer, at slot: Int) -> Int {
    last = names.count
    slots[slot] = Int32(last)
    names.append(name)
    text.append(contentsOf: bytes)
    ends.append(text.count)
    if names.count * 2 > slots.count { grow() }
    return last
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for index in names.indices {
      var slot = text.withUnsafeBytes { home(of: $0.slice(range(of: index))) }
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(index)
    }
  }

  private func range(of index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  private func matches(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
    let range = range(of: index)
    guard range.count == bytes.count else { return false }
    guard let start = bytes.baseAddress else { return true }
    return text.withUnsafeBytes { text in
      guard let base = text.baseAddress else { return bytes.isEmpty }
      return memcmp(base + range.lowerBound, start, range.count) == 0
    }
  }

  private func home(of bytes: UnsafeRawBufferPointer) -> Int {
    var hash = Fingerprint()
    hash.combine(bytes)
    return Int(truncatingIfNeeded: hash.value) & (slots.count - 1)
  }
}
