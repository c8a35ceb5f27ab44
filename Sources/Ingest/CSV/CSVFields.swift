internal import Streams

/// The fields of one CSV record, quotes resolved, in one buffer that is used again.
struct CSVFields {
  private var text: [UInt8] = []
  private var ends: [Int] = []

  var count: Int { ends.count }

  /// The field at `index`, valid until the next record.
  func field(_ index: Int) -> UnsafeRawBufferPointer {
    text.withUnsafeBytes { bytes in
      UnsafeRawBufferPointer(rebasing: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
    }
  }

  /// Splits `record` as RFC 4180 says; a field that is quoted only in part is refused.
  mutating func split(
    _ record: UnsafeRawBufferPointer, delimiter: UInt8
  ) throws(Rejection) {
    text.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    var at = 0
    while true {
      at =
        at < record.count && record[at] == UInt8(ascii: "\"")
        ? try quoted(record, from: at + 1) : try plain(record, from: at, delimiter)
      ends.append(text.count)
      guard at < record.count else { return }
      guard record[at] == delimiter else {
        throw Rejection(.invalidEvent, "text follows the closing quote of column \(ends.count)")
      }
      at += 1
    }
  }

  private mutating func plain(
    _ record: UnsafeRawBufferPointer, from start: Int, _ delimiter: UInt8
  ) throws(Rejection) -> Int {
    let rest = record[start...]
    let end = rest.firstIndex(of: delimiter) ?? record.count
    guard !record[start..<end].contains(UInt8(ascii: "\"")) else {
      throw Rejection(.invalidEvent, "a quote stands inside column \(ends.count + 1)")
    }
    text.append(contentsOf: record[start..<end])
    return end
  }

  private mutating func quoted(
    _ record: UnsafeRawBufferPointer, from start: Int
  ) throws(Rejection) -> Int {
    var at = start
    while at < record.count {
      if record[at] == UInt8(ascii: "\"") {
        guard at + 1 < record.count, record[at + 1] == UInt8(ascii: "\"") else { return at + 1 }
        at += 1
      }
      text.append(record[at])
      at += 1
    }
    throw Rejection(.invalidEvent, "the quote of column \(ends.count + 1) is not closed")
  }
}
