import Analytics
import Foundation
import Streams

/// The rules of user activity again, with sets and loops over everything.
struct ActivityModel {
  var actions: [UserAction]
  var options: ActivityOptions
  var zone = TimeZone.gmt

  private var endUs: Int64 { min(options.end.microseconds, options.asOf.microseconds) }

  private func us(_ action: UserAction) -> Int64 { Int64(action.second) * 1_000_000 }

  private func within(_ from: Int64, _ to: Int64) -> [UserAction] {
    actions.filter { us($0) >= from && us($0) < min(to, endUs) }
  }

  /// The actors with an action in an interval, as far as it counts.
  private func actors(_ from: Int64, _ to: Int64) -> Set<String> {
    Set(within(from, to).map(\.actor))
  }

  /// How `now` divides, and who of `previous` is missing.
  private func split(
    now: Set<String>, previous: Set<String>, before: Set<String>
  ) -> [Int] {
    [
      now.count, now.subtracting(before).count, now.intersection(previous).count,
      now.intersection(before).subtracting(previous).count, previous.subtracting(now).count,
    ]
  }

  /// The same of the window of listed days that ends with one.
  private func split(endingWith last: Int, length: Int) -> [Int] {
    let first = options.days[last - length + 1].start.microseconds
    let before = options.days[max(0, last - 2 * length + 1)].start.microseconds
    return split(
      now: actors(first, options.days[last].end.microseconds), previous: actors(before, first),
      before: actors(0, first))
  }

  private var shownDays: [Int] {
    options.days.indices.filter {
      let start = options.days[$0].start.microseconds
      return start >= options.start.microseconds && start < endUs
    }
  }

  func days() -> [ActivityDay] {
    shownDays.map { index in
      var day = ActivityDay(date: options.days[index].date)
      let listed = options.days[index]
      day.actions = within(listed.start.microseconds, listed.end.microseconds).count
      let counts = split(endingWith: index, length: 1)
      (day.dau, day.new, day.returning) = (counts[0], counts[1], counts[2])
      (day.resurrected, day.dormant) = (counts[3], counts[4])
      day.wau = split(endingWith: index, length: 7)[0]
      day.mau = split(endingWith: index, length: 28)[0]
      day.isComplete = listed.end.microseconds <= endUs
      return day
    }
  }

  func windows() -> [ActivityWindow] {
    var windows: [ActivityWindow] = []
    for length in [28, 7] {
      var last = shownDays.last ?? -1
      while shownDays.contains(last) {
        var window = ActivityWindow(
          length: length, first: options.days[last - length + 1].date,
          last: options.days[last].date)
        let counts = split(endingWith: last, length: length)
        (window.active, window.new, window.returning) = (counts[0], counts[1], counts[2])
        (window.resurrected, window.dormant) = (counts[3], counts[4])
        window.isComplete = options.days[last].end.microseconds <= endUs
        windows.insert(window, at: 0)
        last -= length
      }
    }
    return windows
  }

  func periodSplit() -> [Int] {
    let start = options.start.microseconds
    return split(
      now: actors(start, options.end.microseconds),
      previous: actors(options.previousStart.microseconds, start), before: actors(0, start))
  }

  func previous() -> ActivityTotals {
    var totals = ActivityTotals(start: options.previousStart, end: options.start)
    let own = within(totals.start.microseconds, totals.end.microseconds)
    totals.actors = Set(own.map(\.actor)).count
    totals.actions = own.count
    totals.bytes = own.reduce(0) { $0 + Int64($1.bytes) }
    totals.sessions = sessions(of: own).count
    return totals
  }

  /// Cohorts as `monday size [active…]`.
  func cohorts() -> [String] {
    let mondays = options.days.filter { $0.date.isoWeekday == 1 && $0.start.microseconds < endUs }
    let bounds = mondays.map(\.start.microseconds) + [options.end.microseconds]
    let shown = mondays.indices.suffix(options.cohortWeeks)
    return shown.map { week in
      let cohort = actors(bounds[week], bounds[week + 1])
        .subtracting(actors(0, bounds[week]))
      let active = (week..<mondays.count).map {
        actors(bounds[$0], bounds[$0 + 1]).intersection(cohort).count
      }
      return "\(mondays[week].date) \(cohort.count) \(active)"
    }
  }

  private var inPeriod: [UserAction] {
    within(options.start.microseconds, options.end.microseconds)
  }

  /// Actors and the lengths of their sessions in seconds, ascending by length.
  private func sessions(of actions: [UserAction]) -> [(actor: String, length: Int64)] {
    Dictionary(grouping: actions, by: \.actor).flatMap { actor, own in
      own.map(\.second).sorted().reduce(into: [[Int]]()) { sessions, second in
        if let last = sessions.last?.last, second - last <= Int(options.sessionGapSeconds) {
          sessions[sessions.count - 1].append(second)
        } else {
          sessions.append([second])
        }
      }.map { (actor, Int64(($0.last ?? 0) - ($0.first ?? 0))) }
    }.sorted { $0.length < $1.length }
  }

  func sessions() -> SessionFigures {
    let sessions = sessions(of: inPeriod)
    var figures = SessionFigures()
    figures.count = sessions.count
    if !sessions.isEmpty {
      figures.lengthP50 = sessions[rank(50, sessions.count)].length
      figures.lengthP95 = sessions[rank(95, sessions.count)].length
    }
    figures.buckets = figures.buckets.map { bucket in
      var bucket = bucket
      let own = sessions.filter {
        $0.length >= bucket.fromSeconds && $0.length < bucket.toSeconds ?? .max
      }
      bucket.sessions = own.count
      bucket.actors = Set(own.map(\.actor)).count
      return bucket
    }
    return figures
  }

  /// The smallest rank with at least that many percent at or below it, from 0 on.
  private func rank(_ percent: Int, _ count: Int) -> Int {
    (0..<count).first { ($0 + 1) * 100 >= percent * count } ?? 0
  }

  func distribution() -> ActorDistribution {
    let counts = Dictionary(grouping: inPeriod, by: \.actor).values.map(\.count).sorted()
    var distribution = ActorDistribution()
    guard let most = counts.last else { return distribution }
    distribution.p50 = counts[rank(50, counts.count)]
    distribution.p95 = counts[rank(95, counts.count)]
    distribution.max = most
    var from = 1
    while from <= most {
      var bucket = ActorDistribution.Bucket(from: from, to: from * 2 - 1)
      bucket.actors = counts.count { $0 >= bucket.from && $0 <= bucket.to }
      distribution.buckets.append(bucket)
      from *= 2
    }
    return distribution
  }

  /// Rows as text, sorted, by whatever `key` says; nil is left out.
  func breakdown(_ key: (UserAction) -> String?) -> [String] {
    Dictionary(grouping: inPeriod.filter { key($0) != nil }, by: { key($0) ?? "" }).map {
      key, own in
      let counts = Dictionary(grouping: own, by: \.actor).values.map(\.count).sorted()
      let bytes = own.reduce(0) { $0 + $1.bytes }
      return "\(key) \(own.count) \(counts.count) \(bytes) \(counts[rank(50, counts.count)]) "
        + "\(counts[rank(95, counts.count)]) \(counts[counts.count - 1])"
    }.sorted()
  }

  /// The types that have topics in the period, as `category/type`.
  var typesWithTopics: Set<String> {
    Set(inPeriod.filter { $0.topic != nil }.map { "\($0.category)/\($0.type)" })
  }

  /// By asking the zone of every action, and of every quarter of an hour of the period.
  func hours() -> [ActivityHour] {
    func place(_ second: Int) -> Int {
      let date = Date(timeIntervalSince1970: Double(second))
      var calendar = Calendar(identifier: .iso8601)
      calendar.timeZone = zone
      let parts = calendar.dateComponents([.weekday, .hour], from: date)
      return ((parts.weekday ?? 0) + 5) % 7 * 24 + (parts.hour ?? 0)
    }
    var hours = (0..<168).map { ActivityHour(weekday: $0 / 24 + 1, hour: $0 % 24) }
    var actors: [Int: Set<String>] = [:]
    for action in inPeriod {
      hours[place(action.second)].actions += 1
      actors[place(action.second), default: []].insert(action.actor)
    }
    for (place, actors) in actors { hours[place].actors = actors.count }
    let end = Int(endUs / 1_000_000)
    for second in stride(from: Int(options.start.microseconds / 1_000_000), to: end, by: 900) {
      hours[place(second)].elapsedSeconds += Int64(min(900, end - second))
    }
    return hours
  }
}
