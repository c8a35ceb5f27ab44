internal import Glibc
internal import Streams

/// What of an SQLite file lies where, and what tells whether it was written to.
struct FileState: Equatable {
  enum Log {
    /// There is none: all is in the file.
    case none
    /// Nobody has it open, and not all of it is in the file.
    case abandoned
    /// Locks tell what is going on: the tool has the file open, or it is not in WAL mode.
    case shared
  }

  let log: Log
  private let bytes: Int64
  private let inode: UInt64
  private let modifiedSeconds: Int
  private let modifiedNanoseconds: Int
  /// The first 100 bytes, which count every change of a file without a log.
  private let header: [UInt8]

  init(_ path: String) throws(IngestError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw .unreadable(file: path, detail: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(file: path, detail: "it is no file")
    }
    header = try Self.header(path)
    guard header.starts(with: Array("SQLite format 3\0".utf8)), header.count == 100 else {
      throw .unreadable(file: path, detail: "it is no SQLite database")
    }
    (bytes, inode) = (Int64(status.st_size), UInt64(status.st_ino))
    (modifiedSeconds, modifiedNanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    // fileformat2 §1.3.3: 2 at offset 18 is WAL.
    let isShared = access(path + "-shm", F_OK) == 0 && access(path + "-wal", F_OK) == 0
    log =
      header[18] != 2 || isShared ? .shared : Self.size(path + "-wal") > 0 ? .abandoned : .none
  }

  private static func header(_ path: String) throws(IngestError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .unreadable(file: path, detail: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var header = [UInt8](repeating: 0, count: 100)
    let count = header.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return Array(header.prefix(max(0, count)))
  }

  private static func size(_ path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }
}
