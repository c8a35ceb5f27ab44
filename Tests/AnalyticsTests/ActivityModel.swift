import Analytics
import Streams

/// The rules of user activity again, with sets and loops over everything.
struct ActivityModel {
  var actions: [UserAction]
  var options: ActivityOptions

  private var endUs: Int64 {
    min(options.end.microseconds, options.asOf.microseconds)
  }

  /// The actors with an action in an interval, as far as it counts.
  private func actors(_ from: Int64, _ to: Int64) -> Set<String> {
    Set(actions.filter { from..<max(from, min(to, endUs)) ~= us($0) }.map(\.actor))
  }

  private func us(_ action: UserAction) -> Int64 { Int64(action.second) * 1_000_000 }

  /// How `now` divides, and who of `previous` is missing.
  private func split(
    now: Set<String>, previous: Set<String>, before: Set<String>
  ) -> (new: Int, returning: Int, resurrected: Int, dormant: Int) {
    (
      now.subtracting(before).count, now.intersection(previous).count,
      now.intersection(before).subtracting(previous).count, previous.subtracting(now).count
    )
  }

  func days() -> [ActivityDay] {
    let listed = options.days
    return listed.indices.filter {
      let start = listed[$0].start.microseconds
      return start >= options.start.microseconds && start < endUs
    }.map { index in
      func active(_ count: Int) -> Set<String> {
        actors(
          listed[max(0, index - count + 1)].start.microseconds, listed[index].end.microseconds)
      }
      var day = ActivityDay(date: listed[index].date)
      let start = listed[index].start.microseconds
      let now = active(1)
      let yesterday = actors(listed[index - 1].start.microseconds, start)
      let parts = split(now: now, previous: yesterday, before: actors(0, start))
      day.actions = actions.count {
        start..<min(listed[index].end.microseconds, endUs) ~= us($0)
      }
      (day.dau, day.wau, day.mau) = (now.count, active(7).count, active(28).count)
      (day.new, day.returning, day.resurrected, day.dormant) = parts
      return day
    }
  }

  func periodSplit() -> [Int] {
    let start = options.start.microseconds
    let now = actors(start, options.end.microseconds)
    let parts = split(
      now: now, previous: actors(options.previousStart.microseconds, start),
      before: actors(0, start))
    return [now.count, parts.new, parts.returning, parts.resurrected, parts.dormant]
  }

  /// Cohorts as `monday size [active…]`.
  func cohorts() -> [String] {
    let mondays = options.days.filter { $0.date.isoWeekday == 1 && $0.start.microseconds < endUs }
      .map(\.start.microseconds)
    let bounds = mondays + [options.end.microseconds]
    let shown = mondays.indices.suffix(options.cohortWeeks)
    return shown.map { week in
      let cohort = actors(bounds[week], bounds[week + 1])
        .subtracting(actors(0, bounds[week]))
      let active = (week..<mondays.count).map {
        actors(bounds[$0], bounds[$0 + 1]).intersection(cohort).count
      }
      let monday = CivilDate(utcDay: Timestamp(microseconds: bounds[week]).utcDay)
      return "\(monday) \(cohort.count) \(active)"
    }
  }

  /// The lengths of the sessions in the period, in seconds, ascending.
  func sessions() -> [Int64] {
    let inPeriod = actions.filter {
      options.start.microseconds..<max(options.start.microseconds, endUs) ~= us($0)
    }
    return Dictionary(grouping: inPeriod, by: \.actor).values.flatMap { own in
      own.map(\.second).sorted().reduce(into: [[Int]]()) { sessions, second in
        if let last = sessions.last?.last, second - last <= Int(options.sessionGapSeconds) {
          sessions[sessions.count - 1].append(second)
        } else {
          sessions.append([second])
        }
      }.map { Int64(($0.last ?? 0) - ($0.first ?? 0)) }
    }.sorted()
  }
}
