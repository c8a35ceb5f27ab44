public import Streams

/// The facts that came after a position and changed what is said of a period.
public struct LateFacts: Hashable, Sendable {
  public struct Fact: Hashable, Sendable {
    public var time: Timestamp
    public var state: ServiceState
    /// Its revision in its stream; -1 in a file of facts.
    public var revision: Int64
  }

  public var service: String
  /// How many there are.
  public var count = 0
  /// The first of them, in order of time.
  public var facts: [Fact] = []
}

extension StatusHistory {
  /// The facts of `service` that arrived after `position` and made the period's states other than
  /// they were: those at a time that is told otherwise now, the one from before that holds where such
  /// a time begins, and the one that ends it.
  ///
  /// - Parameters:
  ///   - then: what the figures were asked for at `position`.
  ///   - now: what they are asked for now; its corrections are not looked at.
  ///   - limit: how many are named; all are counted.
  /// - Complexity: O(n) in the facts of the service.
  public func lateFacts(
    of service: String, after position: Position, then: UptimeOptions, now: UptimeOptions,
    limit: Int
  ) -> LateFacts {
    var late = LateFacts(service: service)
    guard let log = log(of: service), let last = log.lastRevision(by: position.rawValue) else {
      return late
    }
    let (before, after) = (then.withoutCorrections, now.withoutCorrections)
    let known = ReckonedService(service, in: self, before)
    let restated = ReckonedService(service, in: self, after)
    var named: Set<Int64> = []
    for range in restated.timeline.differences(
      from: known.timeline.reaching(after.asOfMs), in: after.countedMs)
    {
      for fact in restated.facts.told(in: range)
      where fact.revision > last && named.insert(fact.revision).inserted {
        late.count += 1
        guard late.facts.count < limit else { continue }
        late.facts.append(
          .init(
            time: Timestamp(milliseconds: fact.timeMs), state: fact.state, revision: fact.revision))
      }
    }
    return late
  }
}

extension UptimeOptions {
  /// The figures of the facts alone.
  public var withoutCorrections: UptimeOptions {
    var options = self
    options.corrections = Corrections()
    return options
  }
}

extension ServiceLog {
  /// The last revision that had arrived by `position`, -1 when none had; nil where facts have no
  /// revisions.
  fileprivate func lastRevision(by position: Int64) -> Int64? {
    var last: Int64 = -1
    var haveRevisions = true
    forEach { fact in
      guard let revision = fact.revision else { return haveRevisions = false }
      if fact.arrival <= position { last = max(last, revision) }
    }
    return haveRevisions ? last : nil
  }
}

extension SettledFacts {
  /// The facts in `range` and at its end, after the one that holds at its start.
  fileprivate func told(in range: Range<Int64>) -> ArraySlice<Fact> {
    let inside = indices(in: range.lowerBound..<range.upperBound + 1)
    let startsInside = inside.first.map { facts[$0].timeMs == range.lowerBound } ?? false
    let first = startsInside ? inside.lowerBound : max(0, inside.lowerBound - 1)
    return facts[first..<inside.upperBound]
  }
}

extension StateTimeline {
  /// The same up to a later horizon, of which nothing is known beyond its own: what was not asked
  /// about then is told otherwise now.
  fileprivate func reaching(_ laterMs: Int64) -> StateTimeline {
    guard laterMs > horizonMs else { return self }
    var reaching = StateTimeline(horizonMs: laterMs)
    for span in spans { reaching.append(span) }
    reaching.append(Span(startMs: horizonMs, fact: -1, state: .unknown, beneath: .unknown))
    return reaching
  }
}
