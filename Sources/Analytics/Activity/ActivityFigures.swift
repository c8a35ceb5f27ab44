public import Streams

/// Everything Rookery says about what users did in one period.
public struct ActivityFigures: Hashable, Sendable {
  public var start: Timestamp
  public var end: Timestamp
  public var asOf: Timestamp
  public var actions: Int = 0
  public var actors: Int = 0
  public var bytes: Int64 = 0
  /// Actors of the whole period, against the equally long period before it.
  public var new: Int = 0
  public var returning: Int = 0
  public var resurrected: Int = 0
  public var dormant: Int = 0
  /// The equally long period before this one, as a whole.
  public var previous: ActivityTotals
  /// DAU / MAU of the last day that is over, or of the running one where none is; nil when nobody
  /// was active in its 28 days.
  public var stickiness: Fraction?
  public var days: [ActivityDay] = []
  /// By length, then by time.
  public var windows: [ActivityWindow] = []
  public var cohorts: [RetentionCohort] = []
  /// By category, most events first; `type` and `topic` are nil.
  public var categories: [ActivityBreakdown] = []
  /// By category and type, most events first; `topic` is nil.
  public var breakdown: [ActivityBreakdown] = []
  /// By category, type and topic, most events first, of the types that have topics; `topic` is nil
  /// for what has none, so that the topics of a type add up to it.
  public var topics: [ActivityBreakdown] = []
  public var distribution = ActorDistribution()
  public var sessions = SessionFigures()
  /// The 168 hours of a week, from Monday at midnight on.
  public var hours: [ActivityHour] = []
  /// Most actions first; only for those who may see user data.
  public var topActors: [TopActor] = []

  public struct TopActor: Hashable, Sendable {
    public var actor: String
    public var actions: Int

    public init(actor: String, actions: Int) {
      self.actor = actor
      self.actions = actions
    }
  }

  public init(
    start: Timestamp, end: Timestamp, asOf: Timestamp, previousStart: Timestamp? = nil
  ) {
    self.start = start
    self.end = end
    self.asOf = asOf
    previous = ActivityTotals(start: previousStart ?? start, end: start)
  }

  /// Everything of the period had happened when the report was made.
  public var isComplete: Bool { asOf >= end }
}

/// What there was in a whole period.
public struct ActivityTotals: Hashable, Sendable {
  public var start: Timestamp
  public var end: Timestamp
  public var actors: Int = 0
  public var actions: Int = 0
  public var bytes: Int64 = 0
  public var sessions: Int = 0

  public init(start: Timestamp, end: Timestamp) {
    self.start = start
    self.end = end
  }
}
