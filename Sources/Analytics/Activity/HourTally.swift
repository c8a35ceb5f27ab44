internal import Streams

/// Counts actions and distinct actors by weekday and hour of the clock.
struct HourTally {
  private let offsets: [LocalOffset]
  private var elapsedUs = Array(repeating: Int64(0), count: Self.hours)
  private var actions = Array(repeating: 0, count: Self.hours)
  private var actors = Array(repeating: 0, count: Self.hours)
  /// The last actor counted in each hour.
  private var lastActor: [Int?] = Array(repeating: nil, count: Self.hours)

  private static let hours = 7 * 24
  private static let hourUs: Int64 = 3_600_000_000

  /// - Parameters:
  ///   - offsets: ascending; none is UTC.
  ///   - period: what is counted.
  init(_ offsets: [LocalOffset], period: Range<Int64>) {
    self.offsets = offsets
    measure(period)
  }

  /// - Parameter actions: all of one actor in the period, by time.
  mutating func take(_ actor: Int, _ actions: ArraySlice<Action>) {
    var span = Span()
    for action in actions {
      if !span.holds(action.timeUs) { span = self.span(at: action.timeUs) }
      let hour = Self.hour(ofLocalUs: action.timeUs + span.offsetUs)
      self.actions[hour] += 1
      if lastActor[hour] != actor {
        lastActor[hour] = actor
        actors[hour] += 1
      }
    }
  }

  var figures: [ActivityHour] {
    (0..<Self.hours).map { number in
      var hour = ActivityHour(weekday: number / 24 + 1, hour: number % 24)
      hour.actions = actions[number]
      hour.actors = actors[number]
      hour.elapsedSeconds = elapsedUs[number] / 1_000_000
      return hour
    }
  }

  /// Walks through the period from one turn of an hour, or change of the clocks, to the next.
  private mutating func measure(_ period: Range<Int64>) {
    var timeUs = period.lowerBound
    while timeUs < period.upperBound {
      let span = span(at: timeUs)
      let localUs = timeUs + span.offsetUs
      let turnUs = timeUs + Self.hourUs - Self.remainder(localUs, Self.hourUs)
      let nextUs = min(turnUs, span.endUs, period.upperBound)
      elapsedUs[Self.hour(ofLocalUs: localUs)] += nextUs - timeUs
      timeUs = nextUs
    }
  }

  /// A stretch of time with one offset.
  private struct Span {
    var startUs = Int64.max
    var endUs = Int64.max
    var offsetUs: Int64 = 0

    func holds(_ timeUs: Int64) -> Bool { timeUs >= startUs && timeUs < endUs }
  }

  /// Before the first offset, that one holds.
  private func span(at timeUs: Int64) -> Span {
    let next = offsets.partitioningIndex { $0.start.microseconds > timeUs }
    let current = next > 0 ? offsets[next - 1] : offsets.first
    return Span(
      startUs: next > 0 ? offsets[next - 1].start.microseconds : .min,
      endUs: next < offsets.count ? offsets[next].start.microseconds : .max,
      offsetUs: (current?.seconds ?? 0) * 1_000_000)
  }

  /// Of the week, from Monday at midnight on. (1970-01-01 was a Thursday.)
  private static func hour(ofLocalUs localUs: Int64) -> Int {
    Int(remainder(localUs + 3 * 24 * hourUs, Int64(hours) * hourUs) / hourUs)
  }

  private static func remainder(_ value: Int64, _ divisor: Int64) -> Int64 {
    let rest = value % divisor
    return rest < 0 ? rest + divisor : rest
  }
}
