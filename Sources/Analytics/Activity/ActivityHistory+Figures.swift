internal import Streams

extension ActivityHistory {
  /// Every figure of one period.
  ///
  /// A session is cut at the edges of the period: it is made of the actions inside. Days that have
  /// not begun at `asOf` are left out.
  ///
  /// - Complexity: O(n) in all actions, for a first action may lie anywhere; memory O(actors).
  public func figures(_ options: ActivityOptions) -> ActivityFigures {
    let endUs = options.countedEndUs
    let days = options.days.filter { $0.start.microseconds < endUs }
    var period = PeriodTally(options)
    var daily = DayTally(days, endUs: endUs)
    var cohorts = CohortTally(
      days, endUs: endUs, cohortWeeks: options.cohortWeeks,
      firstActionUs: firstActionAt?.microseconds)
    var sessions = SessionTally(gapSeconds: options.sessionGapSeconds)
    var hours = HourTally(options.offsets, period: options.countedUs)
    var categories = BreakdownTally(kinds) { .init(category: $0.category) }
    var breakdown = BreakdownTally(kinds) { .init(category: $0.category, type: $0.type) }
    var topics = topicTally(options)
    forEachActor(before: endUs, days: days) { actor in
      let actions = actor.actions(in: options.countedUs)
      period.take(actor, actions)
      daily.take(actor)
      cohorts.take(actor)
      sessions.take(actions)
      hours.take(actor.actor, actions)
      categories.take(actions)
      breakdown.take(actions)
      topics.take(actions)
    }
    var figures = period.figures(of: actors)
    figures.days = daily.days(in: options.countedUs)
    figures.windows = daily.windows(in: options.countedUs)
    let judged = figures.days.last { $0.isComplete } ?? figures.days.last
    figures.stickiness = judged?.stickiness
    figures.cohorts = cohorts.cohorts
    figures.sessions = sessions.figures
    figures.hours = hours.figures
    figures.categories = categories.breakdown
    figures.breakdown = breakdown.breakdown
    figures.topics = topics.breakdown
    return figures
  }

  private func topicTally(_ options: ActivityOptions) -> BreakdownTally {
    let kept = frequentTopics(options)
    let families = Set(
      (0..<kinds.count).filter { kinds[$0].topic != nil }.map { family(kinds[$0]) })
    return BreakdownTally(kinds) { kind in
      var key = family(kind)
      guard families.contains(key) else { return nil }
      key.topic = kind.topic
      if let topic = kind.topic, let kept, !kept.contains(topic) {
        key.topic = ActivityOptions.otherTopics
      }
      return key
    }
  }

  private func family(_ kind: ActionKinds.Kind) -> BreakdownTally.Key {
    .init(category: kind.category, type: kind.type)
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
