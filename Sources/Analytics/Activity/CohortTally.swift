internal import Streams

/// Follows the actors whose first action ever lay in one week through the weeks after.
struct CohortTally {
  private struct Week {
    let monday: CivilDate
    var isComplete = false
  }

  private var weeks: [Week] = []
  /// The number of each listed day's week; -1 for a week that is left out.
  private var weekOfDay: [Int] = []
  private let firstDayUs: [Int64]
  /// By cohort, then by the weeks since.
  private var active: [[Int]] = []
  private var shownFrom = 0

  /// - Parameter firstActionUs: before it there is nothing, so that a week cut by the first listed
  ///   day is whole when it starts the history.
  init(_ listed: [LocalDay], endUs: Int64, cohortWeeks: Int, firstActionUs: Int64?) {
    firstDayUs = listed.map(\.start.microseconds)
    let isWhole = firstActionUs ?? .max >= listed.first?.start.microseconds ?? .max
    for day in listed {
      let monday = day.date.adding(days: Int64(1 - day.date.isoWeekday))
      let isCut = weeks.isEmpty && day.date != monday && !isWhole
      if !isCut, weeks.last?.monday != monday { weeks.append(Week(monday: monday)) }
      weekOfDay.append(weeks.count - 1)
      if day.date.isoWeekday == 7, day.end.microseconds <= endUs, !weeks.isEmpty {
        weeks[weeks.count - 1].isComplete = true
      }
    }
    active = weeks.indices.map { Array(repeating: 0, count: weeks.count - $0) }
    shownFrom = max(0, weeks.count - max(0, cohortWeeks))
  }

  mutating func take(_ actor: ActorActions) {
    guard let first = actor.days.first, actor.firstUs >= firstDayUs[first] else { return }
    let cohort = weekOfDay[first]
    guard cohort >= 0 else { return }
    var last = -1
    for day in actor.days where weekOfDay[day] != last {
      last = weekOfDay[day]
      active[cohort][last - cohort] += 1
    }
  }

  var cohorts: [RetentionCohort] {
    weeks.indices.dropFirst(shownFrom).map { cohort in
      let followed = zip(active[cohort], weeks[cohort...]).map {
        RetentionCohort.Week(active: $0, isComplete: $1.isComplete)
      }
      return RetentionCohort(
        week: weeks[cohort].monday, size: active[cohort].first ?? 0, weeks: followed)
    }
  }
}
