import Analytics
import Streams

/// Bars, budget and the period before, as plainly as they can be said.
extension UptimeModel {
  /// What a report knows of the seconds of a bar.
  func clipped(_ span: Range<Int>, from first: Int = 0) -> Range<Int> {
    let end = max(0, min(self.end, asOf))
    let lower = min(max(span.lowerBound, first), end)
    return lower..<min(max(span.upperBound, lower), end)
  }

  func bar(_ span: Range<Int>, _ seconds: [Second], _ starts: [Int]) -> String {
    let shown = seconds[span]
    let states: [ServiceState] = [.up, .degraded, .down, .maintenance, .unknown]
    let counts = states.map { state in "\(shown.count { $0.shown == state })" }
    let masked = shown.count { $0.beneath == .down && $0.shown != .down }
    return (counts + ["masked \(masked)", "starts \(starts.count { span.contains($0) })"])
      .joined(separator: " ")
  }

  /// The down seconds of each incident, whenever it was.
  func outages(_ seconds: [Second]) -> [[Int]] {
    var groups: [[Int]] = []
    for down in seconds.indices where seconds[down].shown == .down {
      let isSame = groups.last?.last.map { good($0..<down, seconds) <= mergeGap } ?? false
      if isSame { groups[groups.count - 1].append(down) } else { groups.append([down]) }
    }
    return groups.filter { $0.count >= minIncident }
  }

  func good(_ range: Range<Int>, _ seconds: [Second]) -> Int {
    seconds[range].count { $0.shown == .up || $0.shown == .degraded }
  }

  /// The seconds of an incident in which it was down beneath a window: up to its last down, and from
  /// there until the first good second.
  func masked(_ outage: [Int], _ seconds: [Second]) -> Int {
    guard let first = outage.first, let last = outage.last else { return 0 }
    var end = last + 1
    while end < seconds.count, ![.up, .degraded].contains(seconds[end].shown) { end += 1 }
    return (first..<end).count {
      counted.contains($0) && seconds[$0].beneath == .down && seconds[$0].shown != .down
    }
  }

  /// The milliseconds at which more than `allowance` seconds were used, second by second.
  func exhaustion(_ allowance: Fraction, weight: Fraction, _ seconds: [Second]) -> Int64? {
    var used = Fraction.zero
    for second in counted {
      let cost: Fraction =
        switch seconds[second].shown {
        case .down: .one
        case .degraded: weight
        default: .zero
        }
      if cost > .zero, used + cost >= allowance {
        let part = (allowance - used) / cost * Fraction(1000)
        return Int64(second) * 1000 + Int64(part.numerator / part.denominator)
      }
      used = used + cost
    }
    return nil
  }
}
