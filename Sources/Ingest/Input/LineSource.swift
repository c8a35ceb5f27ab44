internal import CArchive
internal import Glibc
internal import Streams

/// The lines of a file, or of every file in an archive, whatever it is compressed with.
///
/// libarchive opens it: plain, gzip, zstd, xz, bzip2, tar. Lines end with LF; a CR before it is
/// cut. A line longer than `maxLineBytes` is not kept: its beginning is handed out as
/// ``Line/isTooLong``. Memory is one line and one block of libarchive's.
final class LineSource {
  struct Line {
    /// Valid until the next call.
    let bytes: UnsafeRawBufferPointer
    /// The place of its file in an archive, from 0.
    let member: Int
    /// 1-based, in its file.
    let number: Int
    let isTooLong: Bool
  }

  /// The file, with the member's name when it is an archive.
  private(set) var name: String
  /// Bytes of the file itself, compressed; 0 when it is a pipe.
  let totalBytes: Int64
  private let path: String
  /// Closed here, unless it is standard input.
  private let descriptor: Int32
  /// A pipe, a socket, a terminal: more may come later.
  private let isStream: Bool
  private let archive: OpaquePointer?
  private let maxLineBytes: Int
  private var block = UnsafeRawBufferPointer(start: nil, count: 0)
  private var at = 0
  private var carry: [UInt8] = []
  private var lineNumber = 0
  private var member = -1
  private var isInsideEntry = false
  private var isAtEnd = false

  /// - Parameter path: `-` is standard input.
  init(path: String, maxLineBytes: Int) throws(IngestError) {
    self.path = path
    self.maxLineBytes = maxLineBytes
    name = path == "-" ? "standard input" : path
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
      let detail = String(cString: strerror(errno))
      if descriptor > STDIN_FILENO { close(descriptor) }
      throw .unreadable(file: path == "-" ? "standard input" : path, detail: detail)
    }
    isStream = status.st_mode & S_IFMT != S_IFREG
    totalBytes = isStream ? 0 : Int64(status.st_size)
    archive = archive_read_new()
    // Not all there are: to tell some others, libarchive waits for the first 128 KiB of a pipe.
    archive_read_support_filter_gzip(archive)
    archive_read_support_filter_zstd(archive)
    archive_read_support_filter_xz(archive)
    archive_read_support_filter_bzip2(archive)
    archive_read_support_format_tar(archive)
    archive_read_support_format_raw(archive)
    archive_read_support_format_empty(archive)
    let result = archive_read_open_fd(archive, descriptor, isStream ? 65_536 : 262_144)
    guard result == ARCHIVE_OK else {
      throw .unreadable(file: name, detail: problem)
    }
  }

  deinit {
    archive_read_free(archive)
    if descriptor != STDIN_FILENO { close(descriptor) }
  }

  /// Whether the next line is not there yet, also after `milliseconds`: a pipe whose writer is
  /// slower than we are.
  func wouldWait(milliseconds: Int32) -> Bool {
    // The first block was read to tell what the input is: libarchive has it, not the pipe.
    guard isStream, !block.isEmpty, at == block.count else { return false }
    var input = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&input, 1, milliseconds) == 0
  }

  /// Compressed bytes read so far.
  var bytesRead: Int64 { archive_filter_bytes(archive, -1) }

  /// The next line; nil at the end. Blank lines are counted and left out.
  ///
  /// - Throws: ``IngestError`` `.damaged`.
  func next() throws(IngestError) -> Line? {
    while !isAtEnd {
      guard isInsideEntry else {
        try openEntry()
        continue
      }
      if let line = try nextInEntry(), !line.bytes.isEmpty { return line }
    }
    return nil
  }

  private func nextInEntry() throws(IngestError) -> Line? {
    carry.removeAll(keepingCapacity: true)
    var isTooLong = false
    while true {
      if at == block.count, try !readBlock() {
        isInsideEntry = false
        guard !carry.isEmpty else { return nil }
        lineNumber += 1
        return finish(carried: isTooLong)
      }
      let rest = UnsafeRawBufferPointer(rebasing: block[at...])
      let end = rest.baseAddress.flatMap { memchr($0, 0x0A, rest.count) }
        .map { rest.baseAddress?.distance(to: $0) ?? 0 }
      let piece = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)])
      at += piece.count + (end == nil ? 0 : 1)
      if end != nil, carry.isEmpty, piece.count <= maxLineBytes {
        lineNumber += 1
        return Line(
          bytes: content(piece), member: member, number: lineNumber, isTooLong: false)
      }
      let room = max(0, maxLineBytes - carry.count)
      carry.append(contentsOf: piece.prefix(room))
      isTooLong = isTooLong || piece.count > room
      if end != nil {
        lineNumber += 1
        return finish(carried: isTooLong)
      }
    }
  }

  private func finish(carried isTooLong: Bool) -> Line {
    // The carry is not touched before the next call, as the caller is told.
    let bytes = carry.withUnsafeBytes { $0 }
    return Line(
      bytes: content(bytes), member: member, number: lineNumber, isTooLong: isTooLong)
  }

  /// The bytes of a line; a byte order mark before the first is no part of it.
  private func content(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let hasMark = lineNumber == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
    return Self.trimmed(hasMark ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst(3)) : bytes)
  }

  private static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var (start, end) = (0, bytes.count)
    while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
    while start < end, bytes[start] <= 0x20 { start += 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
  }

  private func openEntry() throws(IngestError) {
    var entry: OpaquePointer?
    let result = archive_read_next_header(archive, &entry)
    if result == ARCHIVE_EOF {
      isAtEnd = true
      return
    }
    guard result == ARCHIVE_OK || result == ARCHIVE_WARN else {
      throw .damaged(file: name, line: lineNumber, detail: problem)
    }
    guard archive_format(archive) == ARCHIVE_FORMAT_RAW || archive_entry_size(entry) > 0 else {
      return
    }
    if archive_format(archive) != ARCHIVE_FORMAT_RAW, let member = archive_entry_pathname(entry) {
      name = "\(path):\(String(cString: member))"
    }
    lineNumber = 0
    member += 1
    block = UnsafeRawBufferPointer(start: nil, count: 0)
    at = 0
    isInsideEntry = true
  }

  /// The next block of the entry; false at its end.
  private func readBlock() throws(IngestError) -> Bool {
    var start: UnsafeRawPointer?
    var count = 0
    var offset: la_int64_t = 0
    repeat {
      let result = archive_read_data_block(archive, &start, &count, &offset)
      if result == ARCHIVE_EOF { return false }
      guard result == ARCHIVE_OK else {
        throw .damaged(file: name, line: lineNumber, detail: problem)
      }
    } while count == 0
    block = UnsafeRawBufferPointer(start: start, count: count)
    at = 0
    return true
  }

  private var problem: String {
    archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
  }
}
