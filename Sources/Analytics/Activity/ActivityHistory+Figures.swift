internal import Streams

extension ActivityHistory {
  /// Every figure of one period.
  ///
  /// A session is cut at the edges of the period: it is made of the actions inside. Topics list the
  /// actions that have one. Days that have not begun at `asOf` are left out.
  ///
  /// - Complexity: O(n) in all actions, for a first action may lie anywhere; memory O(actors).
  public func figures(_ options: ActivityOptions) -> ActivityFigures {
    let endUs = options.countedEndUs
    let days = options.days.filter { $0.start.microseconds < endUs }
    var period = PeriodTally(options)
    var daily = DayTally(days)
    var cohorts = CohortTally(
      days, endUs: endUs, cohortWeeks: options.cohortWeeks,
      firstActionUs: firstActionAt?.microseconds)
    var sessions = SessionTally(gapSeconds: options.sessionGapSeconds)
    var breakdown = BreakdownTally(kinds) { .init(category: $0.category, type: $0.type) }
    var topics = topicTally(options)
    forEachActor(before: endUs, days: days) { actor in
      let actions = actor.actions(in: options.countedUs)
      period.take(actor, actions)
      daily.take(actor)
      cohorts.take(actor)
      sessions.take(actions)
      breakdown.take(actions)
      topics.take(actions)
    }
    var figures = period.figures(of: actors)
    figures.days = daily.days(in: options.countedUs)
    figures.stickiness = figures.days.last.flatMap {
      $0.mau == 0 ? nil : Fraction(Int128($0.dau), over: Int128($0.mau))
    }
    figures.cohorts = cohorts.cohorts
    figures.sessions = sessions.figures
    figures.breakdown = breakdown.breakdown
    figures.topics = topics.breakdown
    return figures
  }

  private func topicTally(_ options: ActivityOptions) -> BreakdownTally {
    let kept = frequentTopics(options)
    return BreakdownTally(kinds) { kind in
      guard let topic = kind.topic else { return nil }
      var row = kind
      if let kept, !kept.contains(topic) { row.topic = ActivityOptions.otherTopics }
      return row
    }
  }

  /// The topics to name; nil when all can be.
  private func frequentTopics(_ options: ActivityOptions) -> Set<String>? {
    let all = Set((0..<kinds.count).compactMap { kinds[$0].topic })
    guard all.count > options.maxTopics else { return nil }
    var events = Array(repeating: 0, count: kinds.count)
    for run in runs {
      forEachAction(of: run) { action in
        if options.countedUs.contains(action.timeUs) { events[action.kind] += 1 }
      }
    }
    var counts: [String: Int] = [:]
    for number in 0..<kinds.count {
      if let topic = kinds[number].topic { counts[topic, default: 0] += events[number] }
    }
    let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return Set(ranked.prefix(max(0, options.maxTopics)).map(\.key))
  }
}

/// Counts the actors of the period against those of the one before.
private struct PeriodTally {
  private let options: ActivityOptions
  private var figures: ActivityFigures
  private var actionsOfActors: [(actor: Int, actions: Int)] = []

  init(_ options: ActivityOptions) {
    self.options = options
    figures = ActivityFigures(start: options.start, end: options.end, asOf: options.asOf)
  }

  mutating func take(_ actor: ActorActions, _ actions: ArraySlice<Action>) {
    let wasActive = !actor.actions(in: options.previousUs).isEmpty
    guard !actions.isEmpty else {
      if wasActive { figures.dormant += 1 }
      return
    }
    figures.actors += 1
    figures.actions += actions.count
    figures.bytes += actions.reduce(0) { $0 + Int64($1.bytes) }
    if actor.firstUs >= options.start.microseconds {
      figures.new += 1
    } else if wasActive {
      figures.returning += 1
    } else {
      figures.resurrected += 1
    }
    actionsOfActors.append((actor.actor, actions.count))
  }

  func figures(of actors: Interner) -> ActivityFigures {
    var figures = figures
    figures.topActors =
      actionsOfActors
      .sorted { ($1.actions, actors[$0.actor]) < ($0.actions, actors[$1.actor]) }
      .prefix(max(0, options.topActors))
      .map { ActivityFigures.TopActor(actor: actors[$0.actor], actions: $0.actions) }
    return figures
  }
}
