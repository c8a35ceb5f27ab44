public import Segments
public import Streams

/// What a repair found and did.
public struct RepairReport: Sendable {
  /// Where the bytes of a healed segment came from.
  public enum Source: String, Sendable {
    /// Its content was whole; only its mode was wrong.
    case mode
    case parity
    /// Another copy of the file.
    case copy
    /// The rows of the store, with what is sound in the file.
    case rows
  }

  public enum Outcome: Sendable {
    case sound
    case healed(Source)
    /// What was tried, and the revisions that can be read nowhere.
    case damaged(tried: [String], lost: [Loss])
  }

  public struct Loss: Sendable, Hashable {
    public var stream: StreamName
    public var revisions: ClosedRange<Int64>
  }

  public struct Item: Sendable {
    public var file: String
    public var archiveSeq: Int64
    public var damage: [SegmentDamage]
    public var outcome: Outcome
  }

  public var items: [Item] = []

  public var healed: [Item] {
    items.filter { if case .healed = $0.outcome { true } else { false } }
  }

  public var damaged: [Item] {
    items.filter { if case .damaged = $0.outcome { true } else { false } }
  }
}
