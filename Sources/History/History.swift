public import Archive
public import EventStore
public import Segments
public import Streams

/// One read path over hot rows and cold segments: a reader can't tell which is which.
///
/// Safe to share between threads; copies share one cache of verified chunks.
public struct History: Sendable {
  public let store: EventStore
  let cold: ColdReader

  /// - Parameter cache: of verified chunks, 32 MiB if not given; with what reads other than this one
  ///   share.
  public init(store: EventStore, folder: ArchiveFolder, cache: ChunkCache = ChunkCache()) {
    self.init(
      store: store,
      cold: ColdReader(
        folder: folder, cache: cache, keys: store.subjectKeys.keyring,
        threads: Processors.others))
  }

  init(store: EventStore, cold: ColdReader) {
    self.store = store
    self.cold = cold
  }

  public var folder: ArchiveFolder { cold.folder }

  /// Runs `body` on one snapshot: what is released meanwhile is still seen, once, where it was.
  public func read<R>(_ body: (HistorySnapshot) throws -> R) throws -> R {
    try store.read { try body(HistorySnapshot(hot: $0, cold: cold)) }
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
