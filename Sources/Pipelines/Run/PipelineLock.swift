internal import Glibc
public import Streams

/// Keeps two runs of the same store apart.
///
/// The lock is the kernel's (`flock`) on a file beside the store: it ends with the process.
enum PipelineLock {
  /// Whether no run is at work on the store.
  static func isFree(_ storePath: String) -> Bool {
    let descriptor = open(path(of: storePath), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return false }
    flock(descriptor, LOCK_UN)
    return true
  }

  static func hold<R>(_ storePath: String, _ body: () throws -> R) throws -> R {
    let path = path(of: storePath)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw PipelineError.lock(path: path, detail: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw PipelineError.running(storePath) }
    // Closing is not enough: a process that is just being spawned still has the descriptor.
    defer { flock(descriptor, LOCK_UN) }
    return try body()
  }

  /// The same for a store however it is named: by a link, or from another folder.
  private static func path(of storePath: String) -> String {
    guard let resolved = realpath(storePath, nil) else { return storePath + ".lock" }
    defer { free(resolved) }
    return String(cString: resolved) + ".lock"
  }
}

/// What keeps a pipeline from running.
public enum PipelineError: CodedError, Equatable {
  case running(String)
  /// The date has not begun yet.
  case future(CivilDate)
  case lock(path: String, detail: String)
  case noSuchStep(String, known: [String])
  case unwritable(path: String, detail: String)

  public var code: ErrorCode {
    switch self {
    case .running: .lockHeld
    case .lock, .unwritable: .ioError
    case .noSuchStep, .future: .invalidOption
    }
  }

  public var message: String {
    switch self {
    case .running(let store): "Another run is at work on \(store)."
    case .lock(let path, let detail): "The lock \(path) can't be taken: \(detail)."
    case .future(let date): "\(date) has not begun yet."
    case .noSuchStep(let step, _): "The pipeline has no step \(step)."
    case .unwritable(let path, let detail): "\(path) can't be written: \(detail)."
    }
  }

  public var remedy: String {
    switch self {
    case .running: "Nothing was done; it goes on by itself. See 'rookery runs'."
    case .lock, .unwritable: "Check the path, its permissions and the disk."
    case .future: "Give a date up to today, in the pipeline's time zone."
    case .noSuchStep(_, let known): "It has: \(known.joined(separator: ", "))."
    }
  }
}
