internal import Analytics
internal import Streams

/// Activity figures with everything taken out that this reader may not see. All forms of the report
/// are written from this one, so that none can show what another hides.
///
/// Hidden are: counts of fewer than k actors with all that belongs to them, and where only one
/// addend of a shown sum would be hidden, a second one.
struct ShownActivity {
  let start: Timestamp
  let end: Timestamp
  let asOf: Timestamp
  let k: Int
  let actors: ShownCount
  let actions: ShownCount
  let bytes: ShownCount
  let lifecycle: Lifecycle
  let stickiness: Fraction?
  let days: [Day]
  let cohorts: [Cohort]
  let breakdown: [Breakdown]
  let topics: [Breakdown]
  let sessions: Sessions
  /// Empty unless nothing is hidden.
  let topActors: [ActivityFigures.TopActor]

  /// new + returning + resurrected = active; dormant stands beside.
  struct Lifecycle {
    let new: ShownCount
    let returning: ShownCount
    let resurrected: ShownCount
    let dormant: ShownCount
  }

  struct Day {
    let date: CivilDate
    var actions: ShownCount
    let dau: ShownCount
    let wau: ShownCount
    let mau: ShownCount
    let lifecycle: Lifecycle
  }

  struct Cohort {
    let week: CivilDate
    let size: ShownCount
    let weeks: [Week]

    struct Week {
      let active: ShownCount
      let isComplete: Bool
      /// active / size, where both are shown.
      let share: Fraction?
    }
  }

  struct Breakdown {
    let category: String
    let type: String
    let topic: String?
    var events: ShownCount
    let actors: ShownCount
    let bytes: ShownCount
    let perActorP50: ShownCount
    let perActorP95: ShownCount
    let perActorMax: ShownCount
  }

  struct Sessions {
    let count: ShownCount
    /// Seconds; nil when hidden or when there is none.
    let lengthP50: Int64?
    let lengthP95: Int64?
  }

  init(_ figures: ActivityFigures, hidingBelow k: Int) {
    self.k = k
    start = figures.start
    end = figures.end
    asOf = figures.asOf
    actors = .actors(figures.actors, k: k)
    actions = actors.carrying(Int64(figures.actions))
    bytes = actors.carrying(figures.bytes)
    lifecycle = Lifecycle(
      new: figures.new, returning: figures.returning, resurrected: figures.resurrected,
      dormant: figures.dormant, k: k)
    days = Self.days(figures.days, k: k)
    let revealsLastDay = days.last.map { !$0.dau.isShown || !$0.mau.isShown } ?? false
    stickiness = revealsLastDay ? nil : figures.stickiness
    cohorts = figures.cohorts.map { Cohort($0, k: k) }
    breakdown = Self.rows(figures.breakdown, k: k)
    topics = Self.topics(figures.topics, under: breakdown, k: k)
    sessions = Sessions(figures.sessions, isShown: actors.isShown)
    topActors = k == 0 ? figures.topActors : []
  }
}

extension ShownActivity.Lifecycle {
  init(new: Int, returning: Int, resurrected: Int, dormant: Int, k: Int) {
    let parts = [new, returning, resurrected].map { ShownCount.actors($0, k: k) }.withoutSingleGap
    self.new = parts[0]
    self.returning = parts[1]
    self.resurrected = parts[2]
    self.dormant = .actors(dormant, k: k)
  }
}

extension ShownActivity {
  private static func days(_ days: [ActivityDay], k: Int) -> [Day] {
    let actions = days.map { ShownCount.actors($0.dau, k: k).carrying(Int64($0.actions)) }
      .withoutSingleGap
    return zip(days, actions).map { day, actions in
      Day(
        date: day.date, actions: actions, dau: .actors(day.dau, k: k),
        wau: .actors(day.wau, k: k), mau: .actors(day.mau, k: k),
        lifecycle: Lifecycle(
          new: day.new, returning: day.returning, resurrected: day.resurrected,
          dormant: day.dormant, k: k))
    }
  }

  private static func rows(_ rows: [ActivityBreakdown], k: Int) -> [Breakdown] {
    let actors = rows.map { ShownCount.actors($0.actors, k: k) }
    let events = zip(rows, actors).map { $1.carrying(Int64($0.events)) }.withoutSingleGap
    return rows.indices.map { Breakdown(rows[$0], actors: actors[$0], events: events[$0]) }
  }

  /// The topics of one category and type add up to its row: each such family is closed on its own,
  /// and one whose row is hidden is hidden whole.
  private static func topics(
    _ topics: [ActivityBreakdown], under breakdown: [Breakdown], k: Int
  ) -> [Breakdown] {
    let hiddenFamilies = Set(breakdown.filter { !$0.events.isShown }.map(\.family))
    var result: [Breakdown?] = Array(repeating: nil, count: topics.count)
    for (family, indices) in Dictionary(grouping: topics.indices, by: { topics[$0].family }) {
      let shown = rows(indices.map { topics[$0] }, k: k)
      for (index, row) in zip(indices, shown) {
        result[index] = hiddenFamilies.contains(family) ? row.withheld : row
      }
    }
    return result.compactMap { $0 }
  }
}

/// A category and a type.
private struct ActivityFamily: Hashable {
  let category: String
  let type: String
}

extension ActivityBreakdown {
  fileprivate var family: ActivityFamily { ActivityFamily(category: category, type: type) }
}

extension ShownActivity.Breakdown {
  fileprivate var family: ActivityFamily { ActivityFamily(category: category, type: type) }

  /// `events` decides: where it is hidden, everything of the row is.
  fileprivate init(_ row: ActivityBreakdown, actors: ShownCount, events: ShownCount) {
    category = row.category
    type = row.type
    topic = row.topic
    self.events = events
    self.actors = actors.isShown && !events.isShown ? .withheld : actors
    bytes = events.carrying(row.bytes)
    perActorP50 = events.carrying(Int64(row.perActorP50))
    perActorP95 = events.carrying(Int64(row.perActorP95))
    perActorMax = events.carrying(Int64(row.perActorMax))
  }

  fileprivate var withheld: Self {
    guard events.isShown else { return self }
    return Self(
      category: category, type: type, topic: topic, events: .withheld, actors: .withheld,
      bytes: .withheld, perActorP50: .withheld, perActorP95: .withheld, perActorMax: .withheld)
  }
}

extension ShownActivity.Cohort {
  fileprivate init(_ cohort: RetentionCohort, k: Int) {
    let size = ShownCount.actors(cohort.size, k: k)
    self.size = size
    week = cohort.week
    weeks = cohort.weeks.map { week in
      let active = size.isShown ? ShownCount.actors(week.active, k: k) : size
      let share =
        active.isShown && cohort.size > 0
        ? Fraction(Int128(week.active), over: Int128(cohort.size)) : nil
      return Week(active: active, isComplete: week.isComplete, share: share)
    }
  }
}

extension ShownActivity.Sessions {
  fileprivate init(_ figures: SessionFigures, isShown: Bool) {
    count = isShown ? .value(Int64(figures.count)) : .withheld
    lengthP50 = isShown ? figures.lengthP50 : nil
    lengthP95 = isShown ? figures.lengthP95 : nil
  }
}
