public import Archive
public import EventStore
public import Streams

/// One read path over hot rows and cold segments: a reader can't tell which is which.
public struct History: Sendable {
  public let store: EventStore
  public let folder: ArchiveFolder

  public init(store: EventStore, folder: ArchiveFolder) {
    self.store = store
    self.folder = folder
  }

  /// Runs `body` on one snapshot: what is released meanwhile is still seen, once, where it was.
  public func read<R>(_ body: (HistorySnapshot) throws -> R) throws -> R {
    try store.read { try body(HistorySnapshot(hot: $0, folder: folder)) }
  }
}

/// A part of a stream's past that can't be read. Never a shorter stream instead.
public struct HistoryError: CodedError {
  public var stream: StreamName
  public var revisions: ClosedRange<Int64>
  public var segment: String?
  public var cause: (any CodedError)?

  public var code: ErrorCode { cause?.code ?? .segmentMissing }

  public var message: String {
    let range = "Revisions \(revisions.lowerBound) to \(revisions.upperBound) of \(stream)"
    guard let cause else { return "\(range) are in no segment of the catalog." }
    return "\(range) can't be read. \(cause.message)"
  }

  public var remedy: String {
    "Run 'rookery segments verify'; every other revision can still be read."
  }
}
