internal import Streams

/// Counts the distinct actors of each day, and of the 7 and the 28 days that end with it.
struct DayTally {
  private let listed: [LocalDay]
  private var days: [ActivityDay]
  /// How many more actors the window that ends with a day has than that of the day before.
  private var weekSteps: [Int]
  private var monthSteps: [Int]

  init(_ listed: [LocalDay]) {
    self.listed = listed
    days = listed.map { ActivityDay(date: $0.date) }
    weekSteps = Array(repeating: 0, count: listed.count + 1)
    monthSteps = weekSteps
  }

  mutating func take(_ actor: ActorActions) {
    for (index, day) in actor.days.enumerated() {
      let previous = index > 0 ? actor.days[index - 1] : nil
      let next = index + 1 < actor.days.count ? actor.days[index + 1] : nil
      days[day].dau += 1
      days[day].actions += actor.actions(in: listed[day].microseconds).count
      if actor.firstUs >= listed[day].start.microseconds {
        days[day].new += 1
      } else if previous == day - 1 {
        days[day].returning += 1
      } else {
        days[day].resurrected += 1
      }
      if day + 1 < days.count, next != day + 1 { days[day + 1].dormant += 1 }
      Self.extend(&weekSteps, from: day, days: 7, next: next)
      Self.extend(&monthSteps, from: day, days: 28, next: next)
    }
  }

  /// An active day counts in the windows that end up to `days` − 1 days later, or until the next
  /// active day takes over.
  private static func extend(_ steps: inout [Int], from day: Int, days: Int, next: Int?) {
    steps[day] += 1
    steps[min(day + days, next ?? .max, steps.count - 1)] -= 1
  }

  /// The days of `period`.
  func days(in period: Range<Int64>) -> [ActivityDay] {
    var (week, month) = (0, 0)
    var found: [ActivityDay] = []
    for (index, listedDay) in listed.enumerated() {
      week += weekSteps[index]
      month += monthSteps[index]
      guard listedDay.microseconds.overlaps(period) else { continue }
      var day = days[index]
      day.wau = week
      day.mau = month
      found.append(day)
    }
    return found
  }
}

extension LocalDay {
  var microseconds: Range<Int64> {
    start.microseconds..<max(start.microseconds, end.microseconds)
  }
}
