public import Analytics
public import Streams

extension ReportZone {
  /// The local days from `first` until before `last`, in order and without a gap between them.
  ///
  /// A day starts at the first instant at which the local clock shows it (or something later) and
  /// ends where the next one starts: 23, 24 or 25 hours as a rule. Where the clock goes back over
  /// midnight, the repeated evening belongs to the new day. A date the zone skipped altogether
  /// (2011-12-30 in Apia) is left out.
  ///
  /// - Complexity: O(days).
  public func localDays(from first: CivilDate, to last: CivilDate) -> [LocalDay] {
    var days: [LocalDay] = []
    var start = startOfDay(first)
    var date = first
    while date < last {
      let next = date.adding(days: 1)
      let end = startOfDay(next)
      if start < end { days.append(LocalDay(date: date, start: start, end: end)) }
      (date, start) = (next, end)
    }
    return days
  }

  /// The first instant at which the local clock shows `date` or later.
  public func startOfDay(_ date: CivilDate) -> Timestamp {
    let midnight = date.utcDay * 86_400
    for span in spans(from: midnight - 26 * 3600, to: midnight + 26 * 3600) {
      let candidate = max(span.start, midnight - span.offset)
      if candidate < span.end { return Timestamp(microseconds: candidate * 1_000_000) }
    }
    return Timestamp(microseconds: (midnight - offset(at: midnight)) * 1_000_000)
  }

  /// The date the local clock shows at `instant`.
  public func localDate(of instant: Timestamp) -> CivilDate {
    CivilDate(utcDay: local(instant).utcDay)
  }

  /// The instant moved so that its UTC reading is the local one.
  func local(_ instant: Timestamp) -> Timestamp {
    instant.adding(seconds: offset(at: instant.wholeSeconds))
  }

  /// The offsets from UTC between two instants, each from when it holds.
  ///
  /// - Complexity: O(time between them), a sample every six hours.
  public func offsets(from start: Timestamp, to end: Timestamp) -> [LocalOffset] {
    spans(from: start.wholeSeconds, to: max(start.wholeSeconds, end.wholeSeconds)).map {
      LocalOffset(start: Timestamp(microseconds: $0.start * 1_000_000), seconds: $0.offset)
    }
  }

  private struct Span {
    var start: Int64
    var end: Int64
    var offset: Int64
  }

  /// The stretches of one offset in `start..<end`, found by sampling every six hours (no zone
  /// changed twice in that time since 1970) and halving between samples that differ.
  private func spans(from start: Int64, to end: Int64) -> [Span] {
    var result = [Span(start: start, end: end, offset: offset(at: start))]
    var sampled = start
    while sampled < end {
      let next = min(sampled + 6 * 3600, end)
      let current = result[result.count - 1].offset
      let offsetThen = offset(at: next)
      if offsetThen != current {
        let change = firstChange(after: sampled, until: next, from: current)
        result[result.count - 1].end = change
        result.append(Span(start: change, end: end, offset: offsetThen))
      }
      sampled = next
    }
    return result
  }

  /// The first second in `(low, high]` whose offset is not `old`.
  private func firstChange(after low: Int64, until high: Int64, from old: Int64) -> Int64 {
    var (low, high) = (low, high)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if offset(at: middle) == old { low = middle } else { high = middle }
    }
    return high
  }
}

extension Timestamp {
  /// Seconds since 1970, floored.
  var wholeSeconds: Int64 {
    let (quotient, remainder) = microseconds.quotientAndRemainder(
      dividingBy: Self.microsecondsPerSecond)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
