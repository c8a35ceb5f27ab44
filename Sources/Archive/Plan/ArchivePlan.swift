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
    public var reason: String
  }

  /// One inner array a segment.
  public var segments: [[Item]] = []

  public var items: [Item] { segments.flatMap { $0 } }
  public var rawBytes: Int64 { items.reduce(0) { $0 + $1.rawBytes } }
  public var events: Int64 {
    items.reduce(0) { $0 + $1.last.rawValue - $1.first.rawValue + 1 }
  }

  /// Below this a stream shares a pack with others; 256 KiB, as the format says.
  static let packBelow: Int64 = 256 * 1024
  /// A segment is closed at about this many bytes of event lines; 256 MiB.
  static let segmentBytes: Int64 = 256 * 1024 * 1024
  /// Streams in a pack, so that its manifest stays small.
  static let maxPackStreams = 1024

  /// Puts items into segments: small ones together, large ones alone and cut where they are larger
  /// than a segment.
  init(items: [Item]) {
    var pack: [Item] = []
    var packBytes: Int64 = 0
    for item in items {
      guard item.rawBytes < Self.packBelow else {
        segments += Self.cut(item).map { [$0] }
        continue
      }
      if pack.count == Self.maxPackStreams || packBytes + item.rawBytes > Self.segmentBytes {
        segments.append(pack)
        pack = []
        packBytes = 0
      }
      pack.append(item)
      packBytes += item.rawBytes
    }
    if !pack.isEmpty { segments.append(pack) }
  }

  private static func cut(_ item: Item) -> [Item] {
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
