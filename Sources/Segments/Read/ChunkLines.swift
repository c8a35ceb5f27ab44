internal import Streams

/// The event lines of one chunk, decoded one by one in either direction.
///
/// Line k of a chunk holds revision `first + k`: a line is found by counting line feeds, and a
/// chunk that holds anything else is damaged.
struct ChunkLines {
  let chunk: SegmentChunk
  let lines: UnsafeRawBufferPointer

  /// Calls `body` with the events of `range`, cut to the chunk's, until it returns false.
  ///
  /// - Returns: whether `body` wants more; nil when a line is not what it should be.
  func forEach(
    _ range: ClosedRange<Revision>, backward: Bool, _ decoder: inout EventLineDecoder,
    _ body: (EventView) throws -> Bool
  ) rethrows -> Bool? {
    let first = max(range.lowerBound, chunk.first)
    let last = min(range.upperBound, chunk.last)
    guard first <= last else { return true }
    guard lines.last == UInt8(ascii: "\n") else { return nil }
    return backward
      ? try forEachBackward(first, last, &decoder, body)
      : try forEachForward(first, last, &decoder, body)
  }

  private func forEachForward(
    _ first: Revision, _ last: Revision, _ decoder: inout EventLineDecoder,
    _ body: (EventView) throws -> Bool
  ) rethrows -> Bool? {
    var start = 0
    for _ in chunk.first.rawValue..<first.rawValue {
      guard let end = lines.firstIndex(ofByte: 0x0A, from: start) else { return nil }
      start = end + 1
    }
    for revision in first.rawValue...last.rawValue {
      guard let end = lines.firstIndex(ofByte: 0x0A, from: start),
        let event = try? decoder.decode(lines.slice(start..<end)),
        event.revision.rawValue == revision
      else { return nil }
      start = end + 1
      if last == chunk.last, revision == last.rawValue, start != lines.count { return nil }
      guard try body(event) else { return false }
    }
    return true
  }

  private func forEachBackward(
    _ first: Revision, _ last: Revision, _ decoder: inout EventLineDecoder,
    _ body: (EventView) throws -> Bool
  ) rethrows -> Bool? {
    var end = lines.count - 1
    for _ in last.rawValue..<chunk.last.rawValue {
      guard let start = lineStart(before: end), start > 0 else { return nil }
      end = start - 1
    }
    for revision in (first.rawValue...last.rawValue).reversed() {
      guard let start = lineStart(before: end),
        let event = try? decoder.decode(lines.slice(start..<end)),
        event.revision.rawValue == revision, (start == 0) == (revision == chunk.first.rawValue)
      else { return nil }
      end = start - 1
      guard try body(event) else { return false }
    }
    return true
  }

  /// The start of the line that ends at `end`, exclusive of its line feed.
  private func lineStart(before end: Int) -> Int? {
    guard end >= 0 else { return nil }
    var start = end
    while start > 0, lines[start - 1] != 0x0A { start -= 1 }
    return start
  }
}
