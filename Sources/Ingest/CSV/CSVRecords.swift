internal import Streams

/// The records of a CSV file (RFC 4180): lines, but for line ends between quotes.
///
/// A record longer than `maxBytes` is not kept. Memory is one record and one block.
final class CSVRecords {
  struct Cut {
    /// Without the line end; valid until the next call.
    let bytes: UnsafeRawBufferPointer
    /// The line it begins in.
    let line: Int
    let isTooLong: Bool
    /// The input ended inside quotes.
    let isOpen: Bool
  }

  private enum State { case atStart, plain, quoted, afterQuote }

  let file: InputFile
  private let delimiter: UInt8
  private let maxBytes: Int
  private var block = UnsafeRawBufferPointer(start: nil, count: 0)
  private var at = 0
  private var record: [UInt8] = []

  init(path: String, delimiter: UInt8, maxBytes: Int) throws(IngestError) {
    file = try InputFile(path: path)
    self.delimiter = delimiter
    self.maxBytes = maxBytes
  }

  func wouldWait(milliseconds: Int32) -> Bool {
    at == block.count && file.wouldWait(milliseconds: milliseconds)
  }

  /// Goes to the next file of the input; false after the last.
  func open() throws(IngestError) -> Bool {
    block = UnsafeRawBufferPointer(start: nil, count: 0)
    at = 0
    return try file.open()
  }

  /// The next record of the file that is open; nil at its end. Blank lines are left out.
  func next() throws(IngestError) -> Cut? {
    while let cut = try cut() {
      if !cut.bytes.isEmpty || cut.isTooLong { return cut }
    }
    return nil
  }

  private func cut() throws(IngestError) -> Cut? {
    record.removeAll(keepingCapacity: true)
    var state = State.atStart
    var isTooLong = false
    let first = file.line + 1
    while true {
      if at == block.count {
        at = 0
        guard let read = try file.read() else {
          block = UnsafeRawBufferPointer(start: nil, count: 0)
          guard !record.isEmpty else { return nil }
          file.line += 1
          return finish(first, isTooLong, isOpen: state == .quoted)
        }
        block = read
      }
      let end = recordEnd(&state)
      let piece = UnsafeRawBufferPointer(rebasing: block[at..<(end ?? block.count)])
      let room = max(0, maxBytes - record.count)
      record.append(contentsOf: piece.prefix(room))
      isTooLong = isTooLong || piece.count > room
      at = end.map { $0 + 1 } ?? block.count
      if end != nil {
        file.line += 1
        return finish(first, isTooLong, isOpen: false)
      }
    }
  }

  /// Where in the block the record ends; nil if it goes on in the next.
  private func recordEnd(_ state: inout State) -> Int? {
    for index in at..<block.count {
      let byte = block[index]
      switch state {
      case .atStart where byte == UInt8(ascii: "\""): state = .quoted
      case .quoted where byte == UInt8(ascii: "\""): state = .afterQuote
      // A second quote is one in the text; anything else is outside again.
      case .afterQuote where byte == UInt8(ascii: "\""): state = .quoted
      case .quoted:
        if byte == 0x0A { file.line += 1 }
      case .atStart, .plain, .afterQuote:
        if byte == 0x0A { return index }
        state = byte == delimiter || isMark(byte) ? .atStart : .plain
      }
    }
    return nil
  }

  /// A byte of the byte order mark at the start of a file, before the first quote there may be.
  private func isMark(_ byte: UInt8) -> Bool {
    file.line == 0 && (byte == 0xEF || byte == 0xBB || byte == 0xBF)
  }

  private func finish(_ line: Int, _ isTooLong: Bool, isOpen: Bool) -> Cut {
    var bytes = record.withUnsafeBytes { $0 }
    if bytes.last == 0x0D { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast()) }
    if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(3))
    }
    return Cut(bytes: bytes, line: line, isTooLong: isTooLong, isOpen: isOpen)
  }
}
