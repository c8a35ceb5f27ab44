// libarchive's headers bring `stat` along, and Swift wants it from there.
internal import CArchive
internal import Glibc
internal import Streams

/// Where refused lines go: NDJSON, one object a line:
/// `{"file","line","code","field","reason","raw"}`, `raw` being the line itself (its first 64 KiB;
/// bytes that are no UTF-8 replaced by U+FFFD).
public final class RejectsFile {
  static let maxLineBytes = 65_536

  public let path: String
  private let descriptor: Int32

  /// Creates or empties the file, which only its owner can read: refused lines are user data, too.
  ///
  /// - Parameter others: files that are in use, which it must not be: the inputs, the store.
  /// - Throws: ``IngestError`` `.rejectsInUse`, with nothing touched; `.rejectsUnwritable`.
  public init(path: String, apartFrom others: [String] = []) throws(IngestError) {
    self.path = path
    let isNew = access(path, F_OK) != 0
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure(path) }
    var own = stat()
    guard fstat(descriptor, &own) == 0 else { throw Self.failure(path) }
    for other in others {
      var status = stat()
      guard stat(other, &status) == 0 else { continue }
      if status.st_dev == own.st_dev, status.st_ino == own.st_ino {
        // It has the name of a file that is yet to be made.
        if isNew { unlink(path) }
        throw .rejectsInUse(file: path)
      }
    }
    guard own.st_mode & S_IFMT != S_IFREG || ftruncate(descriptor, 0) == 0 else {
      throw Self.failure(path)
    }
  }

  deinit { close(descriptor) }

  /// - Throws: ``IngestError`` `.rejectsUnwritable`.
  public func write(_ rejects: [RejectedLine]) throws(IngestError) {
    var text = ""
    for reject in rejects { text += reject.json + "\n" }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path) }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func failure(_ path: String) -> IngestError {
    .rejectsUnwritable(file: path, detail: String(cString: strerror(errno)))
  }
}

extension RejectedLine {
  var json: String {
    let members: [(String, String)] = [
      ("file", JSONEscapes.quote(file)), ("line", String(line)),
      ("code", JSONEscapes.quote(rejection.code.rawValue)),
      ("field", JSONEscapes.quote(rejection.field)),
      ("reason", JSONEscapes.quote(rejection.reason)),
      ("raw", JSONEscapes.quote(String(decoding: bytes, as: UTF8.self))),
    ]
    return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }
}
