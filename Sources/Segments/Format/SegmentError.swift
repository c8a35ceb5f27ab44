internal import Glibc
public import Streams

/// What can go wrong with a segment, grouped by the moment it happens.
public enum SegmentError: CodedError, Equatable {
  // Writing
  /// The caller fed events or streams in an order the format does not allow.
  case outOfOrder(segment: String, String)
  /// The event's line does not fit a frame of ``SegmentLimits/frameBytes``.
  case eventTooLarge(segment: String, Revision, bytes: Int)
  /// A field of the event has no form in an event line: its type or one of its times.
  case invalidEvent(segment: String, Revision, String)
  case alreadyExists(segment: String)
  case invalidName(String)
  case unsigned(segment: String)
  // Writing and reading
  case io(operation: String, path: String, errno: Int32)
  case outOfMemory
  // Reading
  /// The store that keeps it does not answer, or not as it should: nothing is known of the segment.
  case unavailable(segment: String, reason: String)
  case missing(segment: String)
  case damaged(segment: String, SegmentDamage)
  /// Whether there is a key can't be told, or it is not the one that sealed.
  case keyUnavailable(String)
  /// The segment holds no such stream, by index.
  case noSuchStream(segment: String, Int)

  public var code: ErrorCode {
    switch self {
    case .outOfOrder, .noSuchStream, .invalidName: .invalidOption
    case .eventTooLarge: .eventTooLarge
    case .invalidEvent: .invalidEvent
    case .alreadyExists: .archiveConflict
    case .io(_, _, let errno): errno == ENOSPC || errno == EDQUOT ? .storageFull : .ioError
    case .outOfMemory, .unavailable, .unsigned: .ioError
    case .missing, .damaged(_, .missing), .damaged(_, .empty): .segmentMissing
    case .damaged(_, .ioError), .damaged(_, .unavailable): .ioError
    case .damaged: .segmentCorrupt
    case .keyUnavailable: .keyUnavailable
    }
  }

  public var message: String {
    switch self {
    case .outOfOrder(let segment, let what): "Segment \(segment) can't be written: \(what)."
    case .eventTooLarge(let segment, let revision, let bytes):
      "Revision \(revision) makes a line of \(bytes) bytes, too long for segment \(segment)."
    case .invalidEvent(let segment, let revision, let what):
      "Revision \(revision) can't be written to segment \(segment): \(what)."
    case .alreadyExists(let segment): "Segment \(segment) exists already."
    case .invalidName(let name): "'\(name)' can't be part of a segment's file name."
    case .unsigned(let segment): "Segment \(segment) can't be signed."
    case .io(let operation, let path, let errno):
      "\(operation) failed on \(path): \(systemMessage(errno))."
    case .outOfMemory: "There is not enough memory for a compressor."
    case .unavailable(let segment, let reason): "Segment \(segment) can't be had: \(reason)."
    case .missing(let segment): "Segment \(segment) is missing."
    case .damaged(let segment, let damage): "Segment \(segment): \(damage)."
    case .keyUnavailable(let what): "A key can't be used: \(what)"
    case .noSuchStream(let segment, let index): "Segment \(segment) has no stream \(index)."
    }
  }

  public var remedy: String {
    switch self {
    case .outOfOrder, .noSuchStream: "This is a fault of the program; please report it."
    case .eventTooLarge: "Keep the event in the store; a frame holds at most 64 MiB."
    case .invalidEvent: "Keep the stream in the store and check how the event was imported."
    case .alreadyExists: "Look at the archive catalog: a segment is never written over."
    case .invalidName: "Use 1 to 64 letters, digits, '-' or '_'."
    case .unsigned: "Check the signing key with 'openssl pkey -in FILE -noout'."
    case .io: "Check the disk, its free space and the rights to the archive folder."
    case .outOfMemory: "Free some memory and try again."
    case .unavailable: "Check the mount, or the network, the target's address and its credentials."
    case .missing, .damaged(_, .missing), .damaged(_, .empty):
      "Restore the file from a second copy; do not prune anything meanwhile."
    case .keyUnavailable: "Check the key database and the operator's key file."
    case .damaged: "Keep the file, verify it in full and restore it from a second copy."
    }
  }
}

/// What the system calls the error number `errno`.
func systemMessage(_ errno: Int32) -> String {
  guard let text = strerror(errno) else { return "error \(errno)" }
  return String(cString: text)
}
