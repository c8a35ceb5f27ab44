internal import Streams

extension UptimeFigures {
  /// Fills in bars, steps and the period before.
  ///
  /// - Complexity: O(spans + outages + bars · log n).
  mutating func reckonViews(
    _ timeline: StateTimeline, _ options: UptimeOptions, starts: OutageStarts, facts: SettledFacts?
  ) {
    let endMs = min(options.end.millisecondsCut, options.asOfMs)
    let cut = { (spans: [LocalSpan], firstMs: Int64) in
      spans.map { span in
        SpanFigures(
          of: span.rangeMs.clamped(to: min(firstMs, endMs)..<endMs), timeline, starts, facts)
      }
    }
    views.hours = cut(options.views.hours, .min)
    views.days = cut(options.views.days, .min)
    views.months = cut(options.views.months, .min)
    views.steps = cut(options.views.steps, options.start.millisecondsCut)
    views.previous = options.views.previous.map {
      PreviousFigures($0, timeline, options)
    }
    views.burnDown = BurnDown(of: self, timeline, options)
  }
}

extension SpanFigures {
  fileprivate init(
    of range: Range<Int64>, _ timeline: StateTimeline, _ starts: OutageStarts,
    _ facts: SettledFacts?
  ) {
    let (durations, maskedDownMs, _) = timeline.durations(in: range)
    self.init(
      durations: durations, maskedDownMilliseconds: maskedDownMs,
      incidentsStarted: starts.count(in: range), revisions: facts?.revisions(in: range))
  }
}

extension PreviousFigures {
  /// What a report of that period would say that is made now.
  fileprivate init(
    _ period: Range<Timestamp>, _ timeline: StateTimeline, _ options: UptimeOptions
  ) {
    var past = options
    past.start = period.lowerBound
    past.end = period.upperBound
    var figures = UptimeFigures(service: "", past)
    figures.reckonPeriod(timeline, past, facts: nil, corrections: [])
    self.init(start: past.start, end: past.end, durations: figures.durations)
    availability = figures.availability
    coverage = figures.coverage
    counts = figures.counts
    mttr = figures.mttr
    errorBudget = figures.errorBudget
  }
}

/// When incidents began, in order: how many did so in a bar is two searches.
struct OutageStarts {
  private let startsMs: [Int64]

  init(_ outages: [Outage], minIncidentMs: Int64) {
    startsMs = outages.filter { $0.downMs >= minIncidentMs }.map(\.startMs)
  }

  /// - Complexity: O(log n).
  func count(in range: Range<Int64>) -> Int {
    guard !range.isEmpty else { return 0 }
    let first = startsMs.partitioningIndex { $0 >= range.lowerBound }
    return startsMs.partitioningIndex { $0 >= range.upperBound } - first
  }
}
