public import Streams

/// What would move, and why.
public struct ArchivePlan: Sendable {
  public struct Item: Sendable, Hashable {
    public var stream: StreamName
    /// The store's number for the stream.
    public var streamID: Int64
    public var first: Revision
    public var last: Revision
    /// The stream goes cold as a whole and becomes read-only.
    public var isWhole: Bool
    /// Estimated from the stream's mean: data, metadata and the line around them.
    public var rawBytes: Int64
    public var reason: ColdReason
    /// The policy that counts for it, by its glob; nil when it was ordered.
    public var policy: String?
    /// The earliest time at which the stream may be deleted, by what the policy says now.
    public var retainUntil: Timestamp?
    /// The stream is sealed: its segment is encrypted, whatever the policy says.
    public var isSealed = false
  }

  /// What goes into one file.
  public struct Segment: Sendable, Hashable {
    public var settings: SegmentSettings
    public var items: [Item]

    public var rawBytes: Int64 { items.reduce(0) { $0 + $1.rawBytes } }
  }

  /// A copy of a segment that was archived before its policy asked for one.
  public struct Mirror: Sendable, Hashable {
    public var archiveSeq: Int64
    /// Relative to the archive folder or to its target.
    public var file: String
    public var bytes: Int64
    /// Where the copy goes: in a plan as the policy has it, then as the catalog does.
    public var address: String
    /// The policy that asks for it, by its glob.
    public var policy: String
  }

  public private(set) var segments: [Segment] = []
  /// The mirror copies that policies ask for of segments that are there, oldest first, made or not.
  public internal(set) var mirrors: [Mirror] = []
  /// Cold streams that have nothing left to move and only become read-only: reopened, and without
  /// an event since.
  public internal(set) var closing: [Item] = []
  /// Streams that match a policy and stay as they are.
  public internal(set) var waiting: [WaitingStream] = []

  public var items: [Item] { segments.flatMap(\.items) }
  public var rawBytes: Int64 { segments.reduce(0) { $0 + $1.rawBytes } }
  public var events: Int64 {
    items.reduce(0) { $0 + $1.last.rawValue - $1.first.rawValue + 1 }
  }

  /// Below this a stream shares a pack with others; 256 KiB, as the format says.
  static let packBelow: Int64 = 256 * 1024
  /// Streams in a pack, so that its manifest stays small.
  static let maxPackStreams = 1024

  init() {}

  /// Puts items into segments of these settings: small ones together, large ones alone and cut
  /// where they are larger than a segment.
  mutating func add(_ items: [Item], _ settings: SegmentSettings) {
    var pack: [Item] = []
    var packBytes: Int64 = 0
    func close() -> [Segment] { pack.isEmpty ? [] : [Segment(settings: settings, items: pack)] }
    for item in items {
      guard item.rawBytes < min(Self.packBelow, settings.segmentBytes) else {
        segments += Self.cut(item, settings.segmentBytes)
          .map { Segment(settings: settings, items: [$0]) }
        continue
      }
      if pack.count == Self.maxPackStreams || packBytes + item.rawBytes > settings.segmentBytes {
        segments += close()
        pack = []
        packBytes = 0
      }
      pack.append(item)
      packBytes += item.rawBytes
    }
    segments += close()
  }

  private static func cut(_ item: Item, _ segmentBytes: Int64) -> [Item] {
    let count = item.last.rawValue - item.first.rawValue + 1
    let pieces = min(count, (item.rawBytes + segmentBytes - 1) / segmentBytes)
    return (0..<pieces).map { piece in
      var part = item
      part.first = Revision(item.first.rawValue + count * piece / pieces)
      part.last = Revision(item.first.rawValue + count * (piece + 1) / pieces - 1)
      part.rawBytes = item.rawBytes / pieces
      part.isWhole = item.isWhole && piece == pieces - 1
      return part
    }
  }
}
