internal import Glibc
internal import Streams

/// The lines of an input.
///
/// Lines end with LF; a CR before it is cut. A line longer than `maxLineBytes` is not kept: its
/// beginning is handed out as refused. Memory is one line and one block.
final class LineSource: RecordSource {
  let refusal = Rejection(.eventTooLarge, "the line is longer than an event may be")
  private let file: InputFile
  private let maxLineBytes: Int
  private var block = UnsafeRawBufferPointer(start: nil, count: 0)
  private var at = 0
  private var carry: [UInt8] = []
  private var isInsideFile = false
  private var isAtEnd = false

  /// - Parameter path: `-` is standard input.
  init(path: String, maxLineBytes: Int) throws(IngestError) {
    file = try InputFile(path: path)
    self.maxLineBytes = maxLineBytes
  }

  var name: String { file.name }
  var totalBytes: Int64 { file.totalBytes }
  var bytesRead: Int64 { file.bytesRead }

  func wouldWait(milliseconds: Int32) -> Bool {
    at == block.count && file.wouldWait(milliseconds: milliseconds)
  }

  /// The next line; nil at the end. Blank lines are counted and left out.
  ///
  /// - Throws: ``IngestError`` `.damaged`.
  func next() throws(IngestError) -> Record? {
    while !isAtEnd {
      guard isInsideFile else {
        isInsideFile = try file.open()
        isAtEnd = !isInsideFile
        continue
      }
      if let line = try nextInFile(), !line.bytes.isEmpty { return line }
    }
    return nil
  }

  private func nextInFile() throws(IngestError) -> Record? {
    carry.removeAll(keepingCapacity: true)
    var isTooLong = false
    while true {
      if at == block.count, try !readBlock() {
        isInsideFile = false
        guard !carry.isEmpty else { return nil }
        file.line += 1
        return finish(carried: isTooLong)
      }
      let rest = UnsafeRawBufferPointer(rebasing: block[at...])
      let end = rest.baseAddress.flatMap { memchr($0, 0x0A, rest.count) }
        .map { rest.baseAddress?.distance(to: $0) ?? 0 }
      let piece = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)])
      at += piece.count + (end == nil ? 0 : 1)
      if end != nil, carry.isEmpty, piece.count <= maxLineBytes {
        file.line += 1
        return record(piece)
      }
      let room = max(0, maxLineBytes - carry.count)
      carry.append(contentsOf: piece.prefix(room))
      isTooLong = isTooLong || piece.count > room
      if end != nil {
        file.line += 1
        return finish(carried: isTooLong)
      }
    }
  }

  private func readBlock() throws(IngestError) -> Bool {
    at = 0
    guard let read = try file.read() else {
      block = UnsafeRawBufferPointer(start: nil, count: 0)
      return false
    }
    block = read
    return true
  }

  private func finish(carried isTooLong: Bool) -> Record {
    // The carry is not touched before the next call, as the caller is told.
    var line = record(carry.withUnsafeBytes { $0 })
    line.isRefused = isTooLong
    return line
  }

  /// A line's record; a byte order mark before the first is no part of it.
  private func record(_ bytes: UnsafeRawBufferPointer) -> Record {
    let hasMark = file.line == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
    let content = hasMark ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst(3)) : bytes
    return Record(line: content.trimmed, member: file.member, number: file.line)
  }
}

extension UnsafeRawBufferPointer {
  /// Without blanks and control characters at both ends.
  var trimmed: UnsafeRawBufferPointer {
    var (start, end) = (0, count)
    while end > start, self[end - 1] <= 0x20 { end -= 1 }
    while start < end, self[start] <= 0x20 { start += 1 }
    return UnsafeRawBufferPointer(rebasing: self[start..<end])
  }
}
