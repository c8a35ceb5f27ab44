public import Streams

/// Milliseconds spent in each state.
public struct StateDurations: Hashable, Sendable {
  public var up: Int64 = 0
  public var degraded: Int64 = 0
  public var down: Int64 = 0
  public var maintenance: Int64 = 0
  public var unknown: Int64 = 0
  /// Taken out of the account by a correction, whatever the state was.
  public var excluded: Int64 = 0

  public init() {}

  public var elapsed: Int64 { up + degraded + down + maintenance + unknown + excluded }
  /// What the figures are about: all but what is excluded.
  public var accounted: Int64 { elapsed - excluded }
  public var measured: Int64 { up + degraded + down }
  public var known: Int64 { measured + maintenance }
}

/// An outage: a run of down.
public struct Incident: Hashable, Sendable {
  public enum Ending: String, Sendable {
    case recovered, maintenance, unknown, open
  }

  /// When it began; the period's start when it was already running.
  public var start: Timestamp
  /// When it was over; nil while it is open at the end of the period.
  public var end: Timestamp?
  /// The down time in it, inside the period.
  public var downMilliseconds: Int64
  /// The time inside the period in which a planned window hid that it was still down.
  public var maskedDownMilliseconds: Int64 = 0
  /// From `start` to `end`, or to the last counted instant while it is open.
  public var lengthMilliseconds: Int64 = 0
  /// When it really began, also before the period.
  public var beganAt: Timestamp
  public var ending: Ending
  /// It began in the period (not before it).
  public var startedInside: Bool
  /// It began out of, ended in, or spanned unknown: its true length is not known.
  public var isCensored: Bool
  /// What the fact that began it said of the cause, if anything.
  public var cause: String?
  /// The event that began it and the one that ended it, where they are in a stream.
  public var firstRevision: Revision?
  public var lastRevision: Revision?
  /// What was said of it, or of a part of it, later or beforehand.
  public var corrections: [Correction] = []

  public init(
    start: Timestamp, end: Timestamp?, downMilliseconds: Int64, ending: Ending,
    startedInside: Bool, isCensored: Bool, cause: String? = nil, firstRevision: Revision? = nil,
    lastRevision: Revision? = nil
  ) {
    self.start = start
    self.end = end
    beganAt = start
    self.downMilliseconds = downMilliseconds
    self.ending = ending
    self.startedInside = startedInside
    self.isCensored = isCensored
    self.cause = cause
    self.firstRevision = firstRevision
    self.lastRevision = lastRevision
  }
}

/// One local day of a period.
public struct DayFigures: Hashable, Sendable {
  public var date: CivilDate
  public var start: Timestamp
  public var end: Timestamp
  /// Of what lies in the period, elapsed until the report's `asOf`.
  public var durations: StateDurations
  public var availability: Fraction?
  public var incidentsStarted: Int
  /// The revisions of the facts of this day, first and last; nil when there is none.
  public var revisions: ClosedRange<Int64>?

  public init(
    date: CivilDate, start: Timestamp, end: Timestamp, durations: StateDurations,
    availability: Fraction?, incidentsStarted: Int, revisions: ClosedRange<Int64>?
  ) {
    self.date = date
    self.start = start
    self.end = end
    self.durations = durations
    self.availability = availability
    self.incidentsStarted = incidentsStarted
    self.revisions = revisions
  }
}

public struct IncidentCounts: Hashable, Sendable {
  public var touching = 0
  public var started = 0
  public var recovered = 0
  public var open = 0
  public var censored = 0
  public init() {}
}

/// Response times, in milliseconds as the probes gave them; nearest rank over all samples.
public struct LatencyFigures: Hashable, Sendable {
  public var count: Int
  public var p50: Double
  public var p95: Double
  public var p99: Double
  public var max: Double

  public init(count: Int, p50: Double, p95: Double, p99: Double, max: Double) {
    self.count = count
    self.p50 = p50
    self.p95 = p95
    self.p99 = p99
    self.max = max
  }
}

public struct ErrorBudget: Hashable, Sendable {
  /// All in seconds, exact; `remaining` may be negative.
  public var budget: Fraction
  public var consumed: Fraction
  public var remaining: Fraction
  /// consumed / budget; nil when the budget is zero.
  public var consumedShare: Fraction?

  public init(budget: Fraction, consumed: Fraction, remaining: Fraction, consumedShare: Fraction?) {
    self.budget = budget
    self.consumed = consumed
    self.remaining = remaining
    self.consumedShare = consumedShare
  }
}

public struct UptimeWarnings: Hashable, Sendable {
  public var outOfOrder = 0
  public var duplicates = 0
  public var conflicts = 0
  public var rejected = 0
  public var clampedSkew = 0
  public var future = 0
  public var unknownStatus = 0
  public init() {}
}

/// Everything Rookery says about one service (or group) in one period.
///
/// Shares are exact fractions of 1, nil when there is nothing to divide by ("no data").
public struct UptimeFigures: Hashable, Sendable {
  public var service: String
  /// The stream the facts came from; nil for a group or a file of facts.
  public var stream: String?
  public var start: Timestamp
  public var end: Timestamp
  public var asOf: Timestamp
  public var durations: StateDurations
  public var maskedDownMilliseconds: Int64
  /// The down time in what is excluded.
  public var excludedDownMilliseconds: Int64
  public var availability: Fraction?
  public var strict: Fraction?
  public var lenient: Fraction?
  public var coverage: Fraction?
  public var lowerBound: Fraction?
  public var upperBound: Fraction?
  public var counts: IncidentCounts
  /// Seconds; nil when there is none.
  public var mttr: Fraction?
  public var mtbf: Fraction?
  /// The most down time inside the period of one incident; nil when there is none.
  public var longestDownMilliseconds: Int64?
  public var errorBudget: ErrorBudget?
  public var latency: LatencyFigures?
  public var warnings: UptimeWarnings
  public var incidents: [Incident]
  public var days: [DayFigures]
  /// Bars, chart steps and the period before, as far as they were asked for.
  public var views = UptimeViewFigures()
  /// The state at the last counted instant; nil for an empty period.
  public var lastState: ServiceState?
  /// The newest fact at or before `asOf`; nil when there is none.
  public var lastFactAt: Timestamp?
  /// Those that are laid over the period or an incident of it, by position; of a group, also its
  /// members'.
  public var corrections: [Correction]

  public init(service: String, stream: String?, start: Timestamp, end: Timestamp, asOf: Timestamp) {
    self.service = service
    self.stream = stream
    self.start = start
    self.end = end
    self.asOf = asOf
    durations = StateDurations()
    maskedDownMilliseconds = 0
    excludedDownMilliseconds = 0
    corrections = []
    counts = IncidentCounts()
    warnings = UptimeWarnings()
    incidents = []
    days = []
  }
}
