public import Archive
public import Streams

/// What a restore brought back, for whom, and how it was checked.
public struct RestoreReport: Sendable {
  /// Who restores, why, when, with what.
  public struct Occasion: Sendable, Hashable {
    public var principal: Principal
    public var reason: String
    public var time: Timestamp
    /// The version of this software.
    public var version: String

    public init(principal: Principal, reason: String, time: Timestamp, version: String) {
      self.principal = principal
      self.reason = reason
      self.time = time
      self.version = version
    }
  }

  public var occasion: Occasion
  /// The id of the store that was restored from.
  public var storeID: String
  public var selection: RestoreSelection
  /// By name. A stream without an event in the selection is among them, with no event.
  public var streams: [RestoredStream]
  /// Every segment that was relied on, read whole.
  public var segments: [VerifiedSource]
  public var chain: RestoreChain

  public var events: Int64 { streams.reduce(0) { $0 + $1.events } }
  public var cold: Int64 { streams.reduce(0) { $0 + $1.cold } }
  public var bytes: Int64 { streams.reduce(0) { $0 + $1.bytes } }
  public var chunks: Int { segments.reduce(0) { $0 + $1.chunks } }

  /// Nothing of the archive that was looked at is damaged.
  public var isSound: Bool { segments.allSatisfy(\.damage.isEmpty) && chain.problems.isEmpty }
}

/// Why nothing was restored.
public enum RestoreError: CodedError, Equatable {
  /// The copy does not say what the source says.
  case differs(StreamName)
  /// No event of any stream is in the selection.
  case nothingSelected
  /// The key of what the stream says from this revision on is gone: a row can't tell of that.
  case erased(StreamName, Revision)

  public var code: ErrorCode {
    switch self {
    case .differs: .archiveConflict
    case .nothingSelected: .streamNotFound
    case .erased: .keyUnavailable
    }
  }

  public var message: String {
    switch self {
    case .differs(let stream): "The restored copy of \(stream) differs from its source."
    case .nothingSelected: "There is no event to restore."
    case .erased(let stream, let revision):
      "Revision \(revision) of \(stream) can't be restored: the key to it was destroyed."
    }
  }

  public var remedy: String {
    switch self {
    case .differs: "Delete the copy, check memory and disk, and restore again."
    case .nothingSelected: "Check the names, revisions and times with 'rookery streams'."
    case .erased:
      "What came before it is in the copy. Restore as '--bundle', which names what is erased."
    }
  }
}
