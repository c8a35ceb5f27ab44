/// A stable, machine-readable name for what went wrong. Scripts may match on it; it never changes.
public struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public var description: String { rawValue }

  public static let streamNotFound = ErrorCode(rawValue: "stream-not-found")
  public static let userNotFound = ErrorCode(rawValue: "user-not-found")
  public static let wrongExpectedRevision = ErrorCode(rawValue: "wrong-expected-revision")
  public static let streamArchived = ErrorCode(rawValue: "stream-archived")
  public static let streamDeleted = ErrorCode(rawValue: "stream-deleted")
  public static let illegalTransition = ErrorCode(rawValue: "illegal-transition")
  public static let legalHold = ErrorCode(rawValue: "legal-hold")
  public static let retention = ErrorCode(rawValue: "retention")
  public static let clockJumped = ErrorCode(rawValue: "clock-jumped")
  public static let openRestore = ErrorCode(rawValue: "open-restore")
  public static let permissionDenied = ErrorCode(rawValue: "permission-denied")
  public static let invalidStreamName = ErrorCode(rawValue: "invalid-stream-name")
  public static let invalidEvent = ErrorCode(rawValue: "invalid-event")
  public static let invalidJSON = ErrorCode(rawValue: "invalid-json")
  public static let invalidTimestamp = ErrorCode(rawValue: "invalid-timestamp")
  public static let eventTooLarge = ErrorCode(rawValue: "event-too-large")
  public static let eventIDConflict = ErrorCode(rawValue: "event-id-conflict")
  public static let notAStore = ErrorCode(rawValue: "not-a-store")
  public static let wrongStore = ErrorCode(rawValue: "wrong-store")
  public static let storeNewer = ErrorCode(rawValue: "store-newer")
  public static let storeOlder = ErrorCode(rawValue: "store-older")
  public static let tooManyStreams = ErrorCode(rawValue: "too-many-streams")
  public static let storeMissing = ErrorCode(rawValue: "store-missing")
  public static let storeReadOnly = ErrorCode(rawValue: "store-read-only")
  public static let storeBusy = ErrorCode(rawValue: "store-busy")
  public static let storeCorrupt = ErrorCode(rawValue: "store-corrupt")
  public static let storageFull = ErrorCode(rawValue: "storage-full")
  public static let ioError = ErrorCode(rawValue: "io-error")
  public static let segmentCorrupt = ErrorCode(rawValue: "segment-corrupt")
  public static let segmentMissing = ErrorCode(rawValue: "segment-missing")
  public static let archiveConflict = ErrorCode(rawValue: "archive-conflict")
  public static let keyUnavailable = ErrorCode(rawValue: "key-unavailable")
  public static let targetUnavailable = ErrorCode(rawValue: "target-unavailable")
  public static let targetRefused = ErrorCode(rawValue: "target-refused")
  public static let targetUntrusted = ErrorCode(rawValue: "target-untrusted")
  public static let targetNotLocked = ErrorCode(rawValue: "target-not-locked")
  public static let targetRetained = ErrorCode(rawValue: "target-retained")
  public static let interrupted = ErrorCode(rawValue: "interrupted")
  public static let toolMissing = ErrorCode(rawValue: "tool-missing")
  public static let lockHeld = ErrorCode(rawValue: "lock-held")
  public static let invalidOption = ErrorCode(rawValue: "invalid-option")
  public static let invalidPipeline = ErrorCode(rawValue: "invalid-pipeline")
  public static let deliveryFailed = ErrorCode(rawValue: "delivery-failed")
}

/// What every error of Rookery says: a stable code, what happened, and what to do next.
///
/// Messages never contain payload bytes.
public protocol CodedError: Error, CustomStringConvertible {
  var code: ErrorCode { get }
  /// What happened, in one sentence, naming the stream, file, line or field it is about.
  var message: String { get }
  /// What the reader can do about it, in one sentence.
  var remedy: String { get }
}

extension CodedError {
  public var description: String { "\(code): \(message) \(remedy)" }
}
