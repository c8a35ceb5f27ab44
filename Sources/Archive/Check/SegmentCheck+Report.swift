public import Segments
public import Streams

extension SegmentCheck {
  /// What a check found.
  public struct Report: Sendable {
    public var checked: [Item] = []
    /// Segments in the catalog that have a file.
    public var total = 0
    /// Segments that were retired: they have no file, only their place in the chain.
    public var retired = 0
    /// Files in the archive folder that the catalog does not know: left alone.
    public var orphans: [String] = []
    /// Where the chain of manifest hashes does not close.
    public var chainProblems: [String] = []
    /// Events of the store that are in no segment, though their rows are gone.
    public var missing: [Difference] = []
    /// The newest segment, retired or not; nil in an empty archive.
    public var head: ChainHead?
    /// The chosen subset, when only a sample was checked.
    public var sample: SegmentSample?
    /// Whether it was asked who signed: a key that is not trusted is then a problem.
    public var countsSignatures = false

    public var damaged: [Item] { checked.filter { !$0.isSound } }
    /// Those that are signed with a key that is not trusted: nobody can say who vouches for them.
    public var untrusted: [Item] { checked.filter { $0.untrustedKey != nil } }
    public var isSound: Bool {
      damaged.isEmpty && chainProblems.isEmpty && missing.isEmpty
        && (untrusted.isEmpty || !countsSignatures)
    }
    /// The newest segment that a trusted key signed, of those that were checked: it vouches for all
    /// before it.
    public var signedThrough: Int64? {
      checked.filter { $0.signedBy != nil }.map(\.archiveSeq).max()
    }
  }

  /// What was found of one segment.
  public struct Item: Sendable {
    public var file: String
    public var segmentID: String
    public var archiveSeq: Int64
    public var damage: [SegmentDamage]
    /// Revisions that can't be read from the segment.
    public var lost: [Lost]
    /// Where it is not what the store says, though it is sound.
    public var differences: [Difference] = []
    /// Events that were read and found sound.
    public var events: Int64
    /// Events that can be read, and those that the catalog says it holds.
    public var readableEvents: Int64
    public var totalEvents: Int64
    /// The trusted key that signed it.
    public var signedBy: SHA256Sum?
    /// The key that signed it and is not a trusted one.
    public var untrustedKey: SHA256Sum?

    public var isSound: Bool { damage.isEmpty && differences.isEmpty }
  }

  /// Revisions that a segment should hold and does not give.
  public struct Lost: Sendable, Hashable, CustomStringConvertible {
    public var stream: StreamName
    public var first: Int64
    public var last: Int64
    /// Their rows were not released yet: nothing is lost to a reader.
    public var isInStore: Bool

    public var description: String {
      "\(stream) revisions \(first) to \(last)" + (isInStore ? " (still in the store)" : "")
    }
  }

  /// What a segment and the store do not agree on.
  public struct Difference: Sendable, Hashable, CustomStringConvertible {
    public var stream: StreamName?
    /// From the first revision that differs on; nil when it is not about one.
    public var revisions: ClosedRange<Int64>?
    public var says: String

    public var description: String {
      let range = revisions.map {
        $0.count == 1
          ? " revision \($0.lowerBound)" : " revisions \($0.lowerBound) to \($0.upperBound)"
      }
      return (stream.map { "\($0)\(range ?? "") " } ?? "") + says
    }
  }
}
