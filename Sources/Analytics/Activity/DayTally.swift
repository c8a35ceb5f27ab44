internal import Streams

/// Counts the distinct actors of each day, and of the 7 and the 28 days that end with it.
struct DayTally {
  private let listed: [LocalDay]
  private let endUs: Int64
  private var actions: [Int]
  private var day: WindowTally
  private var week: WindowTally
  private var month: WindowTally

  init(_ listed: [LocalDay], endUs: Int64) {
    self.listed = listed
    self.endUs = endUs
    actions = Array(repeating: 0, count: listed.count)
    day = WindowTally(length: 1, listedDays: listed.count)
    week = WindowTally(length: 7, listedDays: listed.count)
    month = WindowTally(length: 28, listedDays: listed.count)
  }

  mutating func take(_ actor: ActorActions) {
    guard let first = actor.days.first else { return }
    for day in actor.days {
      actions[day] += actor.actions(in: listed[day].microseconds).count
    }
    let isNew = actor.firstUs >= listed[first].start.microseconds
    day.take(actor.days, isNew: isNew)
    week.take(actor.days, isNew: isNew)
    month.take(actor.days, isNew: isNew)
  }

  /// The days of `period`.
  func days(in period: Range<Int64>) -> [ActivityDay] {
    let (ofDay, ofWeek, ofMonth) = (day.counts, week.counts, month.counts)
    return indices(in: period).map { index in
      var day = ActivityDay(date: listed[index].date)
      day.actions = actions[index]
      (day.dau, day.wau, day.mau) = (
        ofDay[index].active, ofWeek[index].active, ofMonth[index].active
      )
      day.new = ofDay[index].new
      day.returning = ofDay[index].returning
      day.resurrected = ofDay[index].resurrected
      day.dormant = ofDay[index].dormant
      day.isComplete = isOver(index)
      return day
    }
  }

  /// Windows of 7, then of 28 days, that end with the last day of `period`, and those before them that
  /// end within it.
  func windows(in period: Range<Int64>) -> [ActivityWindow] {
    [week, month].flatMap { windows(of: $0, indices(in: period)) }
  }

  private func windows(of tally: WindowTally, _ days: [Int]) -> [ActivityWindow] {
    guard let first = days.first, let last = days.last else { return [] }
    let counts = tally.counts
    return stride(from: last, through: first, by: -tally.length).reversed().map { index in
      let start = listed[max(0, index - tally.length + 1)].date
      var window = ActivityWindow(length: tally.length, first: start, last: listed[index].date)
      window.active = counts[index].active
      window.new = counts[index].new
      window.returning = counts[index].returning
      window.resurrected = counts[index].resurrected
      window.dormant = counts[index].dormant
      window.isComplete = isOver(index)
      return window
    }
  }

  private func indices(in period: Range<Int64>) -> [Int] {
    listed.indices.filter { listed[$0].microseconds.overlaps(period) }
  }

  private func isOver(_ index: Int) -> Bool { listed[index].end.microseconds <= endUs }
}

extension LocalDay {
  var microseconds: Range<Int64> {
    start.microseconds..<max(start.microseconds, end.microseconds)
  }
}
