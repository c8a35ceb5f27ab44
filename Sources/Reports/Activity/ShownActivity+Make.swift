internal import Analytics

extension ShownActivity {
  /// - Parameter k: 0 hides nothing.
  init(_ figures: ActivityFigures, hidingBelow k: Int) {
    var plan = Suppression(k: k)
    let people = PeopleCells(figures, &plan)
    let amounts = AmountCells(figures, &plan)
    plan.close()
    let maker = Maker(figures: figures, people: people, amounts: amounts, plan: plan)
    self.k = k
    start = figures.start
    end = figures.end
    asOf = figures.asOf
    isComplete = figures.isComplete
    actors = maker.active(people.period)
    actions = plan[amounts.actions]
    bytes = actions.carrying(figures.bytes)
    lifecycle = maker.lifecycle(people.period)
    previous = maker.previous
    days = maker.days
    windows = maker.windows
    let judged = days.last { $0.isComplete } ?? days.last
    stickiness = judged?.stickiness ?? .none
    cohorts = maker.cohorts
    categories = maker.rows(figures.categories, amounts.categories)
    breakdown = maker.rows(figures.breakdown, amounts.types)
    topics = maker.rows(figures.topics, amounts.topics)
    distribution = maker.distribution
    sessions = maker.sessions
    hours = maker.hours
    topActors = k == 0 ? figures.topActors : []
  }
}

/// Takes figures to what is shown of them.
private struct Maker {
  let figures: ActivityFigures
  let people: PeopleCells
  let amounts: AmountCells
  let plan: Suppression

  func active(_ range: Range<Int>) -> ShownCount {
    people.active[range].map { plan[$0] } ?? .withheld
  }

  func lifecycle(_ range: Range<Int>) -> ShownActivity.Lifecycle {
    func shown(_ cell: KeyPath<PeopleCells.Lifecycle, Suppression.Cell>) -> ShownCount {
      people.lifecycles[range].map { plan[$0[keyPath: cell]] } ?? .withheld
    }
    return .init(
      new: shown(\.new), returning: shown(\.returning), resurrected: shown(\.resurrected),
      dormant: shown(\.dormant))
  }

  var previous: ShownActivity.Totals {
    let actions = plan[amounts.previousActions]
    return .init(
      start: figures.previous.start, end: figures.previous.end, actors: active(people.previous),
      actions: actions, bytes: actions.carrying(figures.previous.bytes),
      sessions: actions.carrying(Int64(figures.previous.sessions)))
  }

  var days: [ShownActivity.Day] {
    figures.days.enumerated().map { number, day in
      func active(_ length: Int) -> ShownCount {
        self.active(PeopleCells.range(endingWith: number, length: length))
      }
      return .init(
        date: day.date, isComplete: day.isComplete, actions: plan[amounts.days[number]],
        dau: active(1), wau: active(7), mau: active(28),
        lifecycle: lifecycle(number..<number + 1),
        stickiness: ShownShare(active(1), of: active(28)))
    }
  }

  var windows: [ShownActivity.Window] {
    figures.windows.compactMap { window in
      guard let last = figures.days.lastIndex(where: { $0.date == window.last }) else { return nil }
      let range = PeopleCells.range(endingWith: last, length: window.length)
      return .init(
        length: window.length, first: window.first, last: window.last,
        isComplete: window.isComplete, active: active(range), lifecycle: lifecycle(range))
    }
  }

  var cohorts: [ShownActivity.Cohort] {
    zip(figures.cohorts, people.cohorts).map { cohort, cells in
      let size = plan[cells[0]]
      let weeks = zip(cohort.weeks, cells).map { week, cell in
        ShownActivity.Cohort.Week(
          active: plan[cell], isComplete: week.isComplete,
          share: ShownShare(plan[cell], of: size))
      }
      return .init(week: cohort.week, size: size, weeks: weeks)
    }
  }

  /// `events` decides: where it is hidden, everything of the row is.
  func rows(
    _ rows: [ActivityBreakdown], _ cells: [Suppression.Cell]
  ) -> [ShownActivity.Breakdown] {
    zip(rows, cells).map { row, cell in
      let events = plan[cell]
      return .init(
        category: row.category, type: row.type, topic: row.topic, events: events,
        actors: actors(row.actors, beside: events), bytes: events.carrying(row.bytes),
        perActorP50: events.carrying(Int64(row.perActorP50)),
        perActorP95: events.carrying(Int64(row.perActorP95)),
        perActorMax: events.carrying(Int64(row.perActorMax)))
    }
  }

  var distribution: ShownActivity.Distribution {
    let all = active(people.period)
    func shown(_ value: Int?) -> ShownCount? { value.map { all.carrying(Int64($0)) } }
    let figures = figures.distribution
    return .init(
      p50: shown(figures.p50), p95: shown(figures.p95), max: shown(figures.max),
      buckets: zip(figures.buckets, people.buckets).map {
        .init(from: $0.from, to: $0.to, actors: plan[$1])
      })
  }

  var sessions: ShownActivity.Sessions {
    let count = plan[amounts.sessions]
    let figures = figures.sessions
    return .init(
      count: count, lengthP50: figures.lengthP50.map(count.carrying),
      lengthP95: figures.lengthP95.map(count.carrying),
      buckets: zip(figures.buckets, amounts.sessionBuckets).map { bucket, cell in
        .init(
          fromSeconds: bucket.fromSeconds, toSeconds: bucket.toSeconds, sessions: plan[cell],
          actors: actors(bucket.actors, beside: plan[cell]))
      })
  }

  var hours: [ShownActivity.Hour] {
    zip(figures.hours, amounts.hours).map { hour, cell in
      let actions = plan[cell]
      let wasThere = hour.elapsedSeconds > 0 || hour.actions > 0
      return .init(
        weekday: hour.weekday, hour: hour.hour, actions: wasThere ? actions : nil,
        actors: wasThere ? actors(hour.actors, beside: actions) : nil,
        elapsedSeconds: hour.elapsedSeconds,
        actionsPerHour: wasThere ? ShownShare(hour.actionsPerHour, of: actions) : .none)
    }
  }

  private func actors(_ count: Int, beside amount: ShownCount) -> ShownCount {
    if count < plan.k { return .few }
    return amount.carrying(Int64(count))
  }
}
