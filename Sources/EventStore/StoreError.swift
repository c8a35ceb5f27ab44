internal import GRDB
public import Streams

/// What can go wrong with the store, grouped by the moment it happens.
public enum StoreError: CodedError, Equatable {
  // Opening
  case missing(path: String)
  case notAStore(path: String, detail: String)
  case newer(path: String, version: Int, supported: Int)
  /// It was opened for reading only, which migrates nothing.
  case older(path: String, version: Int, supported: Int)
  /// It was given as the place of an audit copy of the store `source`, and is something else.
  case notACopy(path: String, source: String)
  // Any access
  case readOnly(detail: String)
  case busy
  case full
  case corrupt(detail: String)
  case io(detail: String)
  // Appending
  case streamArchived(StreamName)
  case streamDeleted(StreamName, Tombstone)
  case wrongExpectedRevision(StreamName, expected: ExpectedRevision, last: Revision?)
  case eventIDConflict(StreamName, EventID)
  case eventTooLarge(bytes: Int, limit: Int)
  /// An append without events.
  case noEvents(StreamName)
  case tooManyStreams(limit: Int64)
  // Reading and administering
  case streamNotFound(StreamName)
  case illegalTransition(StreamName, from: Lifecycle, to: Lifecycle)
  case onHold(StreamName, reason: String)
  case restored(StreamName, until: Timestamp)
  case retained(StreamName, until: Timestamp)
  /// `subject`: "stream NAME", "streams PATTERN" or "segment NUMBER".
  case heldAlready(String, reason: String)
  case notHeld(String)
  /// A pattern of streams that can't be encrypted, or is not.
  case notSealable(String)
  case notSealed(String)

  public var code: ErrorCode {
    switch self {
    case .missing: .storeMissing
    case .notAStore: .notAStore
    case .newer: .storeNewer
    case .older: .storeOlder
    case .notACopy: .invalidOption
    case .readOnly: .storeReadOnly
    case .busy: .storeBusy
    case .full: .storageFull
    case .corrupt: .storeCorrupt
    case .io: .ioError
    case .streamArchived: .streamArchived
    case .streamDeleted: .streamDeleted
    case .wrongExpectedRevision: .wrongExpectedRevision
    case .eventIDConflict: .eventIDConflict
    case .eventTooLarge: .eventTooLarge
    case .noEvents: .invalidEvent
    case .tooManyStreams: .tooManyStreams
    case .streamNotFound: .streamNotFound
    case .illegalTransition: .illegalTransition
    case .onHold, .heldAlready, .notHeld: .legalHold
    case .notSealable, .notSealed: .invalidOption
    case .retained: .retention
    case .restored: .openRestore
    }
  }

  public var message: String {
    switch self {
    case .missing(let path): "There is no store at \(path)."
    case .notAStore(let path, let detail): "\(path) is not a Rookery store: \(detail)."
    case .newer(let path, let version, let supported):
      "\(path) has schema version \(version); this program knows \(supported)."
    case .older(let path, let version, let supported):
      "\(path) has schema version \(version); this program reads version \(supported)."
    case .notACopy(let path, let source):
      "\(path) is neither new nor a copy of store \(source)."
    case .readOnly(let detail): "The store can't be written: \(detail)."
    case .busy: "Another process kept the store locked for too long."
    case .full: "The disk that holds the store is full; nothing of this write was kept."
    case .corrupt(let detail): "The store file is damaged: \(detail)."
    case .io(let detail): "Reading or writing the store failed: \(detail)."
    case .streamArchived(let name): "Stream \(name) is archived, hence read-only."
    case .streamDeleted(let name, let stone):
      "Stream \(name) was deleted at \(stone.deletedAt.rfc3339) by \(stone.deletedBy): "
        + "\(stone.reason)."
    case .wrongExpectedRevision(let name, let expected, let last):
      "Stream \(name) was expected at revision \(expected), but "
        + (last.map { "its last revision is \($0)." } ?? "it has no events.")
    case .eventIDConflict(let name, let id):
      "Stream \(name) already has an event \(id), with other content."
    case .eventTooLarge(let bytes, let limit):
      "The event has \(bytes) bytes; the limit is \(limit)."
    case .noEvents(let name): "There is no event to append to \(name)."
    case .tooManyStreams(let limit): "The store can't hold more than \(limit) streams."
    case .streamNotFound(let name): "There is no stream \(name)."
    case .illegalTransition(let name, let from, let to):
      "Stream \(name) is \(from.rawValue) and can't become \(to.rawValue)."
    case .onHold(let name, let reason): "Stream \(name) is under legal hold: \(reason)."
    case .retained(let name, let until):
      "Stream \(name) must be kept until \(until.rfc3339)."
    case .heldAlready(let subject, let reason):
      "There is a legal hold on \(subject) already: \(reason)."
    case .notHeld(let subject): "There is no legal hold on \(subject)."
    case .notSealable(let pattern): "Streams '\(pattern)' can't be sealed."
    case .notSealed(let pattern): "There is no seal on streams '\(pattern)'."
    case .restored(let name, let until):
      "Stream \(name) is restored for somebody's use until \(until.rfc3339)."
    }
  }

  public var remedy: String {
    switch self {
    case .missing: "Check --store, or append or ingest something to create it."
    case .notAStore: "Check --store; the file was not touched."
    case .newer: "Use a newer rookery; the file was not touched."
    case .older: "Bring it up to date: rookery doctor --migrate. The file was not touched."
    case .notACopy: "Give the path of a new file; this one was not touched."
    case .readOnly: "Check the owner, mode and mount of the file and its folder."
    case .busy: "Try again, or look with 'rookery runs' for what is writing."
    case .full: "Free some space and run the same command again."
    case .corrupt: "Run 'rookery doctor'; archived history is not affected."
    case .io: "Check the disk, then run 'rookery doctor'."
    case .streamArchived(let name): "Reopen it first: rookery stream reopen \(name) --reason WHY."
    case .streamDeleted: "Use another stream name; a deleted one is never used again."
    case .wrongExpectedRevision: "Read the stream's new events, decide again, and retry."
    case .eventIDConflict: "Give the new event an id of its own."
    case .eventTooLarge: "Split the event, or raise maxEventBytes in the configuration."
    case .noEvents: "Give at least one event."
    case .tooManyStreams: "Begin another store, or put more of what belongs together in one stream."
    case .streamNotFound: "List the streams with 'rookery streams'."
    case .illegalTransition(let name, _, .deleted):
      "Only an archived stream can be deleted: rookery stream archive \(name) --pipeline FILE."
    case .illegalTransition: "See 'rookery stream show' for its state."
    case .onHold: "Lift the hold first; 'rookery holds' shows what it is on."
    case .heldAlready: "Lift it first, and place one that names both reasons."
    case .notHeld: "See 'rookery holds'."
    case .notSealable: "Give a glob of names of your own; those with $ are the store's."
    case .notSealed: "See 'rookery seal list'."
    case .retained: "Wait; or delete it --early, with a reason that an auditor accepts."
    case .restored(let name, _):
      "Wait, or end the restore first: rookery restore \(name) --hot --for 0 --reason WHY."
    }
  }

  /// What `error`, thrown by SQLite, means to us; anything else stays as it is.
  static func translating(_ error: any Error) -> any Error {
    guard let error = error as? DatabaseError else { return error }
    let detail = error.message ?? "SQLite result \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_FULL: return StoreError.full
    case .SQLITE_BUSY, .SQLITE_LOCKED: return StoreError.busy
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      return StoreError.readOnly(detail: detail)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: return StoreError.corrupt(detail: detail)
    case .SQLITE_IOERR: return StoreError.io(detail: detail)
    default: return error
    }
  }
}
