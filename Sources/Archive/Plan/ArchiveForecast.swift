public import EventStore
public import Streams

/// What an archive run would do now: exactly what would move, and about how much space that frees.
public struct ArchiveForecast: Sendable {
  /// A file that would be made, or that a killed run began and this one would complete.
  public struct Segment: Sendable {
    public var archiveSeq: Int64
    /// Relative to the archive folder or to `target`.
    public var file: String
    public var settings: SegmentSettings
    public var parts: [Part]
    /// Its job was begun by a run that did not end.
    public var isBegun: Bool
    /// Why the rows would stay; nil when they go in the same run.
    public var heldBack: HeldBack?

    public var freedBytes: Int64 { parts.reduce(0) { $0 + $1.rows.bytes } }
  }

  /// The revisions of one stream in one segment.
  public struct Part: Sendable {
    public var stream: StreamName
    public var first: Revision
    public var last: Revision
    public var isWhole: Bool
    /// Nil for a segment that was begun by an earlier run.
    public var reason: ColdReason?
    public var policy: String?
    public var rows: RowFootprint
    /// The stream is sealed: the segment is encrypted, whatever the policy says.
    public var isSealed: Bool
  }

  /// A segment of an earlier run that still has its rows in the store.
  public struct Release: Sendable {
    public var archiveSeq: Int64
    public var file: String
    public var events: Int64
    public var bytes: Int64
    /// Why they would stay; nil when they go.
    public var heldBack: HeldBack?
  }

  /// A copy of a segment that is there, which would be made.
  public struct Copy: Sendable, Hashable {
    public var archiveSeq: Int64
    public var file: String
    public var bytes: Int64
    public var address: String
    /// The policy that asks for it, by its glob; nil when an earlier run owes it.
    public var policy: String?
    /// The budget leaves it to a later run.
    public var isLater: Bool
  }

  public internal(set) var segments: [Segment] = []
  public internal(set) var copies: [Copy] = []
  public internal(set) var releases: [Release] = []
  /// Streams that would only become read-only: every revision is in a segment.
  public internal(set) var closing: [StreamName] = []
  /// Streams that match a policy and would stay as they are.
  public internal(set) var waiting: [WaitingStream] = []

  public var events: Int64 {
    segments.reduce(0) { $0 + $1.parts.reduce(0) { $0 + $1.rows.events } }
  }
  /// Data and metadata that would move, in bytes.
  public var payloadBytes: Int64 {
    segments.reduce(0) { $0 + $1.parts.reduce(0) { $0 + $1.rows.payloadBytes } }
  }
  /// About how much of the store file this run would give back.
  public var freedBytes: Int64 {
    segments.filter { $0.heldBack == nil }.reduce(0) { $0 + $1.freedBytes }
      + releases.filter { $0.heldBack == nil }.reduce(0) { $0 + $1.bytes }
  }
  /// About how much more can be given back once nothing holds it.
  public var laterBytes: Int64 {
    segments.filter { $0.heldBack != nil }.reduce(0) { $0 + $1.freedBytes }
      + releases.filter { $0.heldBack != nil }.reduce(0) { $0 + $1.bytes }
  }
}
