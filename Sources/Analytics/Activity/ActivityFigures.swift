public import Streams

/// One local day of user activity.
public struct ActivityDay: Hashable, Sendable {
  public var date: CivilDate
  public var actions: Int = 0
  /// Distinct actors in the day, in the 7 and in the 28 days that end with it.
  public var dau: Int = 0
  public var wau: Int = 0
  public var mau: Int = 0
  /// new + returning + resurrected = dau; the previous period is the day before.
  public var new: Int = 0
  public var returning: Int = 0
  public var resurrected: Int = 0
  public var dormant: Int = 0

  public init(date: CivilDate) { self.date = date }
}

/// The actors whose first action ever lay in one ISO week (Monday to Sunday).
public struct RetentionCohort: Hashable, Sendable {
  public struct Week: Hashable, Sendable {
    public var active: Int
    /// The week was over when the report was made.
    public var isComplete: Bool

    public init(active: Int, isComplete: Bool) {
      self.active = active
      self.isComplete = isComplete
    }
  }

  /// The Monday.
  public var week: CivilDate
  public var size: Int
  /// Index n: the actors active in the n-th week after the first (index 0 is that week itself).
  public var weeks: [Week]

  public init(week: CivilDate, size: Int, weeks: [Week]) {
    self.week = week
    self.size = size
    self.weeks = weeks
  }
}

/// What happened in one category and type.
public struct ActivityBreakdown: Hashable, Sendable {
  /// The category of the stream (`profile`, `activity`, …).
  public var category: String
  public var type: String
  /// The data's own `category`, where it has one.
  public var topic: String?
  public var events: Int
  public var actors: Int
  public var bytes: Int64
  /// Events per actor, nearest rank.
  public var perActorP50: Int
  public var perActorP95: Int
  public var perActorMax: Int

  public init(
    category: String, type: String, topic: String?, events: Int, actors: Int, bytes: Int64,
    perActorP50: Int, perActorP95: Int, perActorMax: Int
  ) {
    self.category = category
    self.type = type
    self.topic = topic
    self.events = events
    self.actors = actors
    self.bytes = bytes
    self.perActorP50 = perActorP50
    self.perActorP95 = perActorP95
    self.perActorMax = perActorMax
  }
}

/// Actions of one actor with gaps of at most 30 minutes.
public struct SessionFigures: Hashable, Sendable {
  public var count: Int = 0
  /// Seconds, nearest rank, cut to whole seconds; nil when there is no session.
  public var lengthP50: Int64?
  public var lengthP95: Int64?

  public init() {}
}

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
  /// DAU / MAU of the last day; nil when nobody was active.
  public var stickiness: Fraction?
  public var days: [ActivityDay] = []
  public var cohorts: [RetentionCohort] = []
  /// By category and type, most events first; `topic` is nil.
  public var breakdown: [ActivityBreakdown] = []
  /// By category, type and topic, most events first.
  public var topics: [ActivityBreakdown] = []
  public var sessions = SessionFigures()
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

  public init(start: Timestamp, end: Timestamp, asOf: Timestamp) {
    self.start = start
    self.end = end
    self.asOf = asOf
  }
}
