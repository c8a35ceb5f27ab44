internal import Streams

/// A service's facts as a report sees them: those that count, in order of time.
struct SettledFacts {
  struct Fact {
    var timeMs: Int64
    /// -1 in a file of facts.
    var revision: Int64
    /// NaN when there is none.
    var responseMs: Double
    /// The number of a text in `causes`; -1 when there is none.
    var cause: Int32
    var state: ServiceState
  }

  /// By time, ties by arrival: of several at one instant the last holds.
  private(set) var facts: [Fact] = []
  /// What the facts say of why the service was down.
  let causes: [String]
  private(set) var warnings = UptimeWarnings()
  /// Later facts have higher revisions, as in a stream whose facts came in order.
  private var isInOrderOfRevision = false

  /// - Complexity: O(n), and O(n log n) when facts arrived out of order.
  init(_ log: ServiceLog, _ options: UptimeOptions) {
    causes = log.causes.texts
    var sieve = FactSieve(options, repeats: RepeatedIDs(of: log))
    facts.reserveCapacity(log.count)
    if log.isInOrderOfArrival {
      log.forEach { if let fact = sieve.settle($0) { facts.append(fact) } }
    } else {
      var arrived: [StatusFact] = []
      log.forEach { arrived.append($0) }
      arrived.sort { $0.arrival < $1.arrival }
      facts = arrived.compactMap { sieve.settle($0) }
    }
    warnings = sieve.warnings
    warnings.rejected = log.rejected.count(through: options.throughPosition?.rawValue)
    // The sort is stable, so that ties stay in order of arrival.
    if warnings.outOfOrder > 0 { facts.sort { $0.timeMs < $1.timeMs } }
    isInOrderOfRevision =
      facts.first?.revision ?? 0 >= 0
      && zip(facts, facts.dropFirst()).allSatisfy { $0.revision <= $1.revision }
  }

  /// The facts with a time in `range`.
  ///
  /// - Complexity: O(log n).
  func indices(in range: Range<Int64>) -> Range<Int> {
    let lower = firstIndex(from: range.lowerBound)
    return lower..<max(lower, firstIndex(from: range.upperBound))
  }

  private func firstIndex(from timeMs: Int64) -> Int {
    facts.partitioningIndex { $0.timeMs >= timeMs }
  }

  /// The lowest and the highest revision of the facts in `range`; nil when none has one.
  ///
  /// - Complexity: O(log n) when facts came in order, else O(log n + the facts in `range`).
  func revisions(in range: Range<Int64>) -> ClosedRange<Int64>? {
    if isInOrderOfRevision {
      let found = facts[indices(in: range)]
      guard let first = found.first, let last = found.last else { return nil }
      return first.revision...last.revision
    }
    var bounds: ClosedRange<Int64>?
    for fact in facts[indices(in: range)] where fact.revision >= 0 {
      let known = bounds ?? fact.revision...fact.revision
      bounds = min(known.lowerBound, fact.revision)...max(known.upperBound, fact.revision)
    }
    return bounds
  }
}

/// Lets through the facts that count, as they arrive, and counts why others do not.
private struct FactSieve {
  private let throughPosition: Int64
  private let skewMs: Int64
  private let asOfMs: Int64
  private var repeats: RepeatedIDs
  private var newestMs = Int64.min
  private(set) var warnings = UptimeWarnings()

  init(_ options: UptimeOptions, repeats: RepeatedIDs) {
    throughPosition = options.throughPosition?.rawValue ?? .max
    skewMs = options.skewMs
    asOfMs = options.asOfMs
    self.repeats = repeats
  }

  mutating func settle(_ fact: StatusFact) -> SettledFacts.Fact? {
    guard fact.arrival <= throughPosition else { return nil }
    switch repeats.verdict(on: fact) {
    case .first: break
    case .duplicate:
      warnings.duplicates += 1
      return nil
    case .conflict:
      warnings.conflicts += 1
      return nil
    }
    var timeMs = fact.timeMs
    if let recorded = fact.recordedMs, timeMs > recorded + skewMs {
      timeMs = recorded
      warnings.clampedSkew += 1
    }
    guard timeMs < asOfMs else {
      warnings.future += 1
      return nil
    }
    if fact.isUnknownWord { warnings.unknownStatus += 1 }
    if timeMs < newestMs { warnings.outOfOrder += 1 }
    newestMs = max(newestMs, timeMs)
    return SettledFacts.Fact(
      timeMs: timeMs, revision: fact.revision ?? -1, responseMs: fact.responseMs ?? .nan,
      cause: fact.cause.map(Int32.init) ?? -1, state: fact.state)
  }
}
