public import Streams

/// What was said of a period before, against what is said of it now.
///
/// The earlier figures are reckoned again, from what the store held at the position of the
/// publication and as of the same instant; nothing is kept of them.
public struct UptimeRestatement: Sendable {
  public var position: Position
  public var asOf: Timestamp
  /// When and where it was published, and the head of the archive's chain then; nil for a position
  /// that somebody asked for.
  public var publication: Publication?
  public var comparison: UptimeComparison
  /// The events that came since and touch the period: corrections in order of position, then facts in
  /// order of time. Only the first ones, ``eventCount`` are there.
  public var events: [LateEvent]
  public var eventCount: Int

  public struct Publication: Sendable {
    public var madeAt: Timestamp
    public var archiveHead: String?
    public var path: String

    public init(madeAt: Timestamp, archiveHead: String?, path: String) {
      self.madeAt = madeAt
      self.archiveHead = archiveHead
      self.path = path
    }
  }

  /// An event that came after a publication.
  public struct LateEvent: Sendable {
    public var stream: String
    public var revision: Int64
    /// What it is about: a fact's instant, a correction's start.
    public var time: Timestamp
    /// The service or group; nil means every service.
    public var service: String?
    /// What it says, such as `down` or `excluded`.
    public var says: String

    public init(
      stream: String, revision: Int64, time: Timestamp, service: String?, says: String
    ) {
      self.stream = stream
      self.revision = revision
      self.time = time
      self.service = service
      self.says = says
    }
  }

  public init(
    position: Position, asOf: Timestamp, publication: Publication?, comparison: UptimeComparison,
    events: [LateEvent], eventCount: Int
  ) {
    self.position = position
    self.asOf = asOf
    self.publication = publication
    self.comparison = comparison
    self.events = events
    self.eventCount = eventCount
  }
}
