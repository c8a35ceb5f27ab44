public import Streams

/// What a reindex found and did.
public struct ReindexReport: Sendable {
  /// A segment that the catalog has got, or got again.
  public struct Item: Sendable, Hashable {
    public var file: String
    public var archiveSeq: Int64
    public var streams: Int
    /// Events that the store had not known.
    public var newEvents: Int64
    /// Where its first copy is; nil is the archive folder.
    public var target: String?
    /// Some of its chunks can't be read: it is in the catalog, quarantined.
    public var isDamaged: Bool
  }

  public struct Refusal: Sendable, Hashable {
    public var file: String
    public var problem: ReindexProblem
  }

  /// Revisions of a stream that are neither in the store nor in a segment.
  public struct Loss: Sendable, Hashable {
    public var stream: StreamName
    public var revisions: ClosedRange<Int64>
  }

  public var storeID: String
  /// Segment files in the folder and at the targets, by name.
  public var files = 0
  /// Those that the catalog had before, with all that belongs to them.
  public var known = 0
  public var taken: [Item] = []
  public var refused: [Refusal] = []
  /// Numbers of the chain that no segment has.
  public var missing: [ClosedRange<Int64>] = []
  public var lost: [Loss] = []
  /// Keys, by id, that signed what was taken and that the store does not trust (yet).
  public var untrusted: [String] = []
  /// The newest segment, to be held against the chain head as it was published; nil without any.
  public var head: (archiveSeq: Int64, manifestSHA256: String)?

  init(storeID: String) { self.storeID = storeID }

  public var isSound: Bool {
    missing.isEmpty && lost.isEmpty && !taken.contains(where: \.isDamaged)
      && !refused.contains(where: \.problem.isSerious)
  }

  public var newEvents: Int64 { taken.reduce(0) { $0 + $1.newEvents } }
}
