internal import CArchive
internal import Glibc
internal import Streams

/// The bytes of a file, or of every file in an archive, whatever it is compressed with.
///
/// libarchive opens it: plain, gzip, zstd, xz, bzip2, tar. Memory is one block of libarchive's.
final class InputFile {
  /// The file, with the member's name when it is an archive.
  private(set) var name: String
  /// Bytes of the file itself, compressed; 0 when it is a pipe.
  let totalBytes: Int64
  /// The file's place in an archive, from 0.
  private(set) var member = -1
  /// The line that was read last, for messages.
  var line = 0
  private let path: String
  private let archive: OpaquePointer?

  /// - Parameter path: `-` is standard input.
  init(path: String) throws(IngestError) {
    self.path = path
    name = path == "-" ? "standard input" : path
    totalBytes = Self.size(of: path)
    archive = archive_read_new()
    archive_read_support_filter_all(archive)
    archive_read_support_format_tar(archive)
    archive_read_support_format_raw(archive)
    archive_read_support_format_empty(archive)
    let result =
      path == "-"
      ? archive_read_open_fd(archive, STDIN_FILENO, 65_536)
      : archive_read_open_filename(archive, path, 262_144)
    guard result == ARCHIVE_OK else {
      throw .unreadable(file: name, detail: problem)
    }
  }

  deinit { archive_read_free(archive) }

  /// Whether the next block is not there yet, also after `milliseconds`: a pipe whose writer is
  /// slower than we are.
  func wouldWait(milliseconds: Int32) -> Bool {
    guard path == "-" else { return false }
    var standardInput = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&standardInput, 1, milliseconds) == 0
  }

  /// Compressed bytes read so far.
  var bytesRead: Int64 { archive_filter_bytes(archive, -1) }

  /// Goes to the next file of the archive, or to the only one there is; false after the last.
  ///
  /// - Throws: ``IngestError`` `.damaged`.
  func open() throws(IngestError) -> Bool {
    while true {
      var entry: OpaquePointer?
      let result = archive_read_next_header(archive, &entry)
      if result == ARCHIVE_EOF { return false }
      guard result == ARCHIVE_OK || result == ARCHIVE_WARN else { throw damaged }
      let isRaw = archive_format(archive) == ARCHIVE_FORMAT_RAW
      guard isRaw || archive_entry_size(entry) > 0 else { continue }
      if !isRaw, let member = archive_entry_pathname(entry) {
        name = "\(path):\(String(cString: member))"
      }
      line = 0
      member += 1
      return true
    }
  }

  /// The next bytes of the file that is open, valid until the next call; nil at its end.
  ///
  /// - Throws: ``IngestError`` `.damaged`.
  func read() throws(IngestError) -> UnsafeRawBufferPointer? {
    var start: UnsafeRawPointer?
    var count = 0
    var offset: la_int64_t = 0
    repeat {
      let result = archive_read_data_block(archive, &start, &count, &offset)
      if result == ARCHIVE_EOF { return nil }
      guard result == ARCHIVE_OK else { throw damaged }
    } while count == 0
    return UnsafeRawBufferPointer(start: start, count: count)
  }

  private var damaged: IngestError { .damaged(file: name, line: line, detail: problem) }

  private var problem: String {
    archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
  }

  private static func size(of path: String) -> Int64 {
    var status = stat()
    guard path != "-", stat(path, &status) == 0 else { return 0 }
    return Int64(status.st_size)
  }
}
