import Analytics
import Streams

extension UptimeFigures {
  /// Every figure as a report prints it, under the names that `uptime-cases.json` uses.
  func printed(decimals: Int) -> [String: String] {
    func percent(_ share: Fraction?) -> String { share?.percent(decimals: decimals) ?? "null" }
    func seconds(_ fraction: Fraction?) -> String { fraction?.shortest() ?? "null" }
    func seconds(ms: Int64?) -> String { seconds(ms.map { .seconds(milliseconds: $0) }) }
    var text = [
      "service": service, "start": start.rfc3339, "end": end.rfc3339,
      "elapsedSeconds": seconds(ms: durations.elapsed),
      "measuredSeconds": seconds(ms: durations.measured),
      "maskedDownSeconds": seconds(ms: maskedDownMilliseconds),
      "availabilityPct": percent(availability), "strictPct": percent(strict),
      "lenientPct": percent(lenient), "coveragePct": percent(coverage),
      "lowerBoundPct": percent(lowerBound), "upperBoundPct": percent(upperBound),
      "incidents.touching": "\(counts.touching)", "incidents.started": "\(counts.started)",
      "incidents.recovered": "\(counts.recovered)", "incidents.open": "\(counts.open)",
      "incidents.censored": "\(counts.censored)", "mttrSeconds": seconds(mttr),
      "mtbfSeconds": seconds(mtbf), "longestDownSeconds": seconds(ms: longestDownMilliseconds),
      "warnings.outOfOrder": "\(warnings.outOfOrder)",
      "warnings.duplicates": "\(warnings.duplicates)",
      "warnings.conflicts": "\(warnings.conflicts)", "warnings.rejected": "\(warnings.rejected)",
      "warnings.clampedSkew": "\(warnings.clampedSkew)", "warnings.future": "\(warnings.future)",
      "warnings.unknownStatus": "\(warnings.unknownStatus)",
    ]
    text.merge(durations.printed(under: "")) { first, _ in first }
    for (index, day) in days.enumerated() {
      let path = "days.\(index)"
      text["\(path).date"] = day.date.description
      text["\(path).daySeconds"] = seconds(ms: day.durations.elapsed)
      text["\(path).availabilityPct"] = percent(day.availability)
      text.merge(day.durations.printed(under: "\(path).")) { first, _ in first }
    }
    if let budget = errorBudget {
      text["errorBudget.budgetSeconds"] = seconds(budget.budget)
      text["errorBudget.consumedSeconds"] = seconds(budget.consumed)
      text["errorBudget.remainingSeconds"] = seconds(budget.remaining)
      text["errorBudget.consumedPct"] = percent(budget.consumedShare)
    } else {
      text["errorBudget"] = "null"
    }
    if let latency {
      text["latencyMs.count"] = "\(latency.count)"
      text["latencyMs.p50"] = printed(latency.p50)
      text["latencyMs.p95"] = printed(latency.p95)
      text["latencyMs.p99"] = printed(latency.p99)
      text["latencyMs.max"] = printed(latency.max)
    } else {
      text["latencyMs"] = "null"
    }
    return text
  }

  private func printed(_ milliseconds: Double) -> String {
    milliseconds == milliseconds.rounded() ? "\(Int64(milliseconds))" : "\(milliseconds)"
  }
}

extension StateDurations {
  fileprivate func printed(under path: String) -> [String: String] {
    func seconds(_ ms: Int64) -> String { Fraction.seconds(milliseconds: ms).shortest() }
    return [
      "\(path)seconds.up": seconds(up), "\(path)seconds.degraded": seconds(degraded),
      "\(path)seconds.down": seconds(down), "\(path)seconds.maintenance": seconds(maintenance),
      "\(path)seconds.unknown": seconds(unknown),
    ]
  }
}
