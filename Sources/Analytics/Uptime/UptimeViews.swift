public import Streams

/// How a report cuts time beside its period: the bars, the steps of its charts, and the period that
/// it is compared with.
public struct UptimeViews: Hashable, Sendable {
  /// What a step is: a word for readers.
  public enum Step: String, Sendable { case hour, day, week, month }

  /// The hours of a short period; empty for a longer one.
  public var hours: [LocalSpan] = []
  /// The days and months that end with the period; they may begin before it.
  public var days: [LocalSpan] = []
  public var months: [LocalSpan] = []
  /// The period itself in pieces, for response times and the error budget.
  public var steps: [LocalSpan] = []
  public var step = Step.day
  /// The period before, half open; nil when nothing is compared.
  public var previous: Range<Timestamp>?

  public init() {}
}

/// What one bar stands for.
public struct SpanFigures: Hashable, Sendable {
  /// Of what lies before the period's end and before `asOf`.
  public var durations: StateDurations
  public var maskedDownMilliseconds: Int64
  public var incidentsStarted: Int
  /// The revisions of the facts in it, lowest and highest; nil when there is none.
  public var revisions: ClosedRange<Int64>?

  public init(
    durations: StateDurations, maskedDownMilliseconds: Int64 = 0, incidentsStarted: Int = 0,
    revisions: ClosedRange<Int64>? = nil
  ) {
    self.durations = durations
    self.maskedDownMilliseconds = maskedDownMilliseconds
    self.incidentsStarted = incidentsStarted
    self.revisions = revisions
  }
}

/// The figures of the period before, as far as they are compared.
public struct PreviousFigures: Hashable, Sendable {
  public var start: Timestamp
  public var end: Timestamp
  public var durations: StateDurations
  public var availability: Fraction?
  public var coverage: Fraction?
  public var counts: IncidentCounts
  /// Seconds; nil when there is none.
  public var mttr: Fraction?
  public var errorBudget: ErrorBudget?

  public init(start: Timestamp, end: Timestamp, durations: StateDurations) {
    self.start = start
    self.end = end
    self.durations = durations
    counts = IncidentCounts()
  }
}

/// The figures of ``UptimeViews``, each list parallel to the one of the same name there.
public struct UptimeViewFigures: Hashable, Sendable {
  public var hours: [SpanFigures] = []
  public var days: [SpanFigures] = []
  public var months: [SpanFigures] = []
  public var steps: [SpanFigures] = []
  /// One for each step; nil where nothing was sampled.
  public var stepLatency: [LatencyFigures?] = []
  public var previous: PreviousFigures?
  /// Nil without a target, and when the period can't have a budget.
  public var burnDown: BurnDown?

  public init() {}
}
