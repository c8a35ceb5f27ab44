internal import Streams

extension StatusHistory {
  /// Every figure of `service` in one period.
  ///
  /// A service never heard of is unknown all the time. The figures' `stream` is nil: the caller
  /// knows it.
  ///
  /// - Complexity: O(n) in the facts of the service, O(n log n) when they arrived out of order.
  public func figures(of service: String, _ options: UptimeOptions) -> UptimeFigures {
    reckoned(service, options).figures
  }

  /// As ``figures(of:_:)``, and what a group needs of the service: its facts are settled once.
  public func reckoned(
    _ service: String, _ options: UptimeOptions
  ) -> (figures: UptimeFigures, member: GroupMember) {
    let reckoned = ReckonedService(service, in: self, options)
    let member = GroupMember(reckoned, options)
    var figures = UptimeFigures(service: service, options)
    figures.warnings = member.warnings
    figures.warnings.rejected += rejectedUnattributed(options)
    figures.lastFactAt = member.lastFactAt
    figures.addLatency([member], options)
    figures.reckon(
      reckoned.timeline, options, facts: reckoned.facts, corrections: reckoned.corrections)
    return (figures, member)
  }

  /// Lines that could not be read and that nobody can be blamed for.
  public func rejectedUnattributed(_ options: UptimeOptions) -> Int {
    unattributed.count(through: options.throughPosition?.rawValue)
  }
}

/// One service's facts and timeline under given options.
struct ReckonedService {
  let facts: SettledFacts
  /// Those that are laid over it.
  let corrections: [Correction]
  let timeline: StateTimeline

  init(_ service: String, in history: StatusHistory, _ options: UptimeOptions) {
    facts = SettledFacts(history.log(of: service) ?? ServiceLog(service: service), options)
    corrections = options.corrections(for: service, includingGeneral: true)
    timeline = StateTimeline(
      facts.facts, staleAfterMs: options.staleAfterMs, horizonMs: options.asOfMs
    ).overlaid(by: options.windowsMs(for: service, includingGeneral: true))
      .corrected(by: corrections)
  }
}

extension UptimeFigures {
  init(service: String, _ options: UptimeOptions) {
    self.init(
      service: service, stream: nil, start: options.start, end: options.end, asOf: options.asOf)
  }

  /// Fills in all that follows from a timeline: the period, its days, and the views beside it.
  ///
  /// - Parameters:
  ///   - facts: what the timeline was made of, to trace it back; nil for a group.
  ///   - corrections: what is laid over it, or over its members.
  mutating func reckon(
    _ timeline: StateTimeline, _ options: UptimeOptions, facts: SettledFacts?,
    corrections: [Correction]
  ) {
    let starts = reckonPeriod(timeline, options, facts: facts, corrections: corrections)
    days = options.days.map { day($0, timeline, options, starts, facts: facts) }
    let period = options.countedMs
    if !period.isEmpty {
      lastState = timeline.spans[timeline.index(at: period.upperBound - 1)].state
    }
    reckonViews(timeline, options, starts: starts, facts: facts)
  }

  /// Fills in what is said of the period as a whole; tells when incidents began, also out of it.
  @discardableResult
  mutating func reckonPeriod(
    _ timeline: StateTimeline, _ options: UptimeOptions, facts: SettledFacts?,
    corrections: [Correction]
  ) -> OutageStarts {
    let period = options.countedMs
    (durations, maskedDownMilliseconds, excludedDownMilliseconds) = timeline.durations(in: period)
    addShares(options)
    let outages = OutageScan.outages(
      in: timeline, mergeGapMs: options.mergeGapMs, period: period)
    add(
      outages, period: period, minIncidentMs: options.minIncidentMs, facts: facts,
      corrections: corrections)
    return OutageStarts(outages, minIncidentMs: options.minIncidentMs)
  }

  private func day(
    _ day: LocalDay, _ timeline: StateTimeline, _ options: UptimeOptions, _ starts: OutageStarts,
    facts: SettledFacts?
  ) -> DayFigures {
    let counted = (day.start.millisecondsCut..<max(day.start, day.end).millisecondsCut)
      .clamped(to: options.countedMs)
    let (durations, _, _) = timeline.durations(in: counted)
    return DayFigures(
      date: day.date, start: day.start, end: day.end, durations: durations,
      availability: durations.availability(degradedWeight: options.degradedWeight),
      incidentsStarted: starts.count(in: counted), revisions: facts?.revisions(in: counted))
  }
}
