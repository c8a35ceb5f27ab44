/// Counts the distinct actors of the windows of a fixed number of days that end with each listed day,
/// and how they divide against the window of as many days before.
struct WindowTally {
  let length: Int
  private var active: Steps
  private var new: Steps
  private var returning: Steps
  private var previous: Steps
  /// Of the actor being taken: the days that end a window with an action of theirs.
  private var spans: [Range<Int>] = []

  init(length: Int, listedDays: Int) {
    self.length = length
    active = Steps(count: listedDays)
    (new, returning, previous) = (active, active, active)
  }

  /// - Parameters:
  ///   - days: the numbers of an actor's active days, ascending.
  ///   - isNew: the first of them holds the first action ever.
  mutating func take(_ days: [Int], isNew: Bool) {
    guard let first = days.first else { return }
    if isNew { new.add(first..<(first + length)) }
    findSpans(days)
    for span in spans {
      active.add(span)
      previous.add(span.lowerBound + length..<span.upperBound + length)
    }
    var at = 0
    for span in spans {
      let past = span.lowerBound + length..<span.upperBound + length
      while at < spans.count, spans[at].upperBound <= past.lowerBound { at += 1 }
      var later = at
      while later < spans.count, spans[later].lowerBound < past.upperBound {
        returning.add(spans[later].clamped(to: past))
        later += 1
      }
    }
  }

  private mutating func findSpans(_ days: [Int]) {
    spans.removeAll(keepingCapacity: true)
    for day in days {
      if let last = spans.last, day <= last.upperBound {
        spans[spans.count - 1] = last.lowerBound..<(day + length)
      } else {
        spans.append(day..<(day + length))
      }
    }
  }

  struct Counts {
    var active = 0
    var new = 0
    var returning = 0
    var resurrected = 0
    var dormant = 0
  }

  /// Of the windows that end with each listed day, in order.
  var counts: [Counts] {
    zip(zip(active.values, new.values), zip(returning.values, previous.values)).map {
      let ((active, new), (returning, previous)) = ($0, $1)
      return Counts(
        active: active, new: new, returning: returning,
        resurrected: active - new - returning, dormant: previous - returning)
    }
  }
}

/// A count for each day, kept as how it differs from that of the day before.
private struct Steps {
  private var steps: [Int]

  init(count: Int) { steps = Array(repeating: 0, count: count + 1) }

  /// Counts one more on each day of `days`; those beyond the last day are left out.
  mutating func add(_ days: Range<Int>) {
    let last = steps.count - 1
    guard days.lowerBound < last else { return }
    steps[days.lowerBound] += 1
    steps[min(days.upperBound, last)] -= 1
  }

  var values: [Int] {
    var sum = 0
    return steps.dropLast().map {
      sum += $0
      return sum
    }
  }
}
