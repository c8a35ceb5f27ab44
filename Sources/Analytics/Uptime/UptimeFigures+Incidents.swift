internal import Streams

extension Outage {
  /// Whether it is part of what `period` shows. An outage that ended exactly at its start is: the
  /// recovery, and the repair time, belong to the period in which that instant lies.
  fileprivate func touches(_ period: Range<Int64>) -> Bool {
    startMs < period.upperBound && (!isOver || endMs >= period.lowerBound)
  }

  /// Whether it was over at the end of `period`. A recovery exactly at the end was not.
  fileprivate func isOver(in period: Range<Int64>) -> Bool { isOver && endMs < period.upperBound }

  fileprivate func ending(in period: Range<Int64>) -> Incident.Ending {
    guard isOver(in: period), let ending else { return .open }
    switch ending {
    case .maintenance: return .maintenance
    case .unknown: return .unknown
    case .up, .degraded, .down: return .recovered
    }
  }
}

extension UptimeFigures {
  /// Fills in the incidents and what is counted of them.
  ///
  /// MTTR is the mean down time of the incidents that ended in the period, in good time or in
  /// maintenance, and are not censored. The whole down time counts, also what lies before the
  /// period: an outage's repair time belongs to the period of its recovery, undivided.
  mutating func add(
    _ outages: [Outage], period: Range<Int64>, minIncidentMs: Int64, facts: SettledFacts?,
    corrections all: [Correction]
  ) {
    let shown = outages.filter { $0.downMs >= minIncidentMs && $0.touches(period) }
    var repairedMs: Int64 = 0
    var repaired = 0
    for outage in shown {
      var incident = Incident(outage, period: period, facts: facts)
      incident.corrections = all.filter { $0.touches(outage.startMs..<outage.endMs) }
      incidents.append(incident)
      counts.count(incident)
      if incident.isRepaired, !incident.isCensored {
        repairedMs += outage.downMs
        repaired += 1
      }
    }
    // What lies before the period counts in the repair time of an incident that ended in it.
    let ofIncidents = Set(incidents.flatMap(\.corrections))
    corrections = all.filter { ofIncidents.contains($0) || $0.touches(period) }
    mttr = repaired == 0 ? nil : Fraction(Int128(repairedMs), over: Int128(repaired) * 1000)
    let goodMs = durations.up + durations.degraded
    mtbf =
      counts.started == 0 ? nil : Fraction(Int128(goodMs), over: Int128(counts.started) * 1000)
    // An incident may touch a period without any down time in it: all of it was not seen.
    longestDownMilliseconds = shown.map(\.downInPeriodMs).filter { $0 > 0 }.max()
  }
}

extension IncidentCounts {
  fileprivate mutating func count(_ incident: Incident) {
    touching += 1
    if incident.startedInside { started += 1 }
    if incident.isRepaired { recovered += 1 }
    if incident.ending == .open { open += 1 }
    if incident.isCensored { censored += 1 }
  }
}

extension Incident {
  /// It ended in the period, and not out of sight.
  fileprivate var isRepaired: Bool { ending == .recovered || ending == .maintenance }

  /// - Complexity: O(1).
  fileprivate init(_ outage: Outage, period: Range<Int64>, facts: SettledFacts?) {
    let ending = outage.ending(in: period)
    let isOpen = ending == .open
    self.init(
      start: Timestamp(milliseconds: max(outage.startMs, period.lowerBound)),
      end: isOpen ? nil : Timestamp(milliseconds: outage.endMs),
      downMilliseconds: outage.downInPeriodMs, ending: ending,
      startedInside: outage.startMs >= period.lowerBound, isCensored: outage.isCensored)
    beganAt = Timestamp(milliseconds: outage.startMs)
    maskedDownMilliseconds = outage.maskedInPeriodMs
    lengthMilliseconds =
      max(0, (isOpen ? period.upperBound : outage.endMs) - max(outage.startMs, period.lowerBound))
    guard let facts else { return }
    cause = facts.cause(of: outage.firstFact)
    firstRevision = facts.revision(of: outage.firstFact)
    lastRevision = isOpen ? nil : facts.revision(of: outage.endingFact)
  }
}

extension SettledFacts {
  fileprivate func revision(of fact: Int32) -> Revision? {
    guard fact >= 0, facts[Int(fact)].revision >= 0 else { return nil }
    return Revision(facts[Int(fact)].revision)
  }

  fileprivate func cause(of fact: Int32) -> String? {
    guard fact >= 0, facts[Int(fact)].cause >= 0 else { return nil }
    return causes[Int(facts[Int(fact)].cause)]
  }
}
