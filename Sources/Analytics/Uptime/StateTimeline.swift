/// What state a service was in, from the beginning of time to a horizon, as runs.
struct StateTimeline {
  struct Span {
    var startMs: Int64
    /// The fact this state comes from; -1 when no fact says so.
    var fact: Int32
    /// What counts.
    var state: ServiceState
    /// What it would be without planned maintenance windows.
    var beneath: ServiceState
    /// It is no part of the account: counted apart, whatever the state is.
    var isExcluded = false

    func saysTheSame(as other: Span) -> Bool {
      state == other.state && beneath == other.beneath && isExcluded == other.isExcluded
    }
  }

  /// Ascending; each lasts to the start of the next, the last to the horizon. The first starts at
  /// `Int64.min`: before the first fact the state is unknown.
  private(set) var spans: [Span]
  let horizonMs: Int64

  /// Nothing is known.
  init(horizonMs: Int64) {
    spans = [Span(startMs: .min, fact: -1, state: .unknown, beneath: .unknown)]
    self.horizonMs = horizonMs
  }

  /// The states that `facts` tell. With `staleAfterMs`, a fact's evidence lasts that long, and from
  /// then until the next fact the state is unknown.
  ///
  /// - Parameter facts: by time, all before the horizon; of several at one instant the last holds.
  /// - Complexity: O(n).
  init(_ facts: [SettledFacts.Fact], staleAfterMs: Int64?, horizonMs: Int64) {
    self.init(horizonMs: horizonMs)
    for (index, fact) in facts.enumerated() {
      let untilMs = index + 1 < facts.count ? facts[index + 1].timeMs : horizonMs
      guard untilMs > fact.timeMs else { continue }
      append(
        Span(
          startMs: fact.timeMs, fact: Int32(index), state: fact.state, beneath: fact.state))
      if let staleAfterMs, fact.timeMs + staleAfterMs < untilMs {
        append(
          Span(
            startMs: fact.timeMs + staleAfterMs, fact: -1, state: .unknown, beneath: .unknown))
      }
    }
  }

  /// Adds a span at the end; one that changes nothing only makes the last one longer.
  mutating func append(_ span: Span) {
    if spans.last?.startMs == span.startMs { spans.removeLast() }
    if let last = spans.last, last.saysTheSame(as: span) { return }
    spans.append(span)
  }

  /// When the span at `index` is over.
  func endMs(at index: Int) -> Int64 {
    index + 1 < spans.count ? spans[index + 1].startMs : horizonMs
  }

  /// The span that holds at `instantMs`.
  ///
  /// - Complexity: O(log n).
  func index(at instantMs: Int64) -> Int {
    max(0, spans.partitioningIndex { $0.startMs > instantMs } - 1)
  }
}

extension StateTimeline {
  /// The same with planned windows laid over it: inside them everything is maintenance.
  ///
  /// - Parameter windows: ascending, apart from each other.
  /// - Complexity: O(spans + windows).
  func overlaid(by windows: [Range<Int64>]) -> StateTimeline {
    guard !windows.isEmpty else { return self }
    var overlaid = self
    overlaid.spans = []
    var window = 0
    for (index, span) in spans.enumerated() {
      let endMs = endMs(at: index)
      var atMs = span.startMs
      repeat {
        while window < windows.count, windows[window].upperBound <= atMs { window += 1 }
        let next = window < windows.count ? windows[window] : endMs..<endMs
        let isInside = next.contains(atMs)
        overlaid.append(
          Span(
            startMs: atMs, fact: span.fact, state: isInside ? .maintenance : span.state,
            beneath: span.beneath, isExcluded: span.isExcluded))
        atMs = min(endMs, isInside ? next.upperBound : next.lowerBound)
      } while atMs < endMs
    }
    return overlaid
  }

  /// The time in each state within `range`, and the time in which a window, or an exclusion, hid
  /// that the service was down.
  ///
  /// - Complexity: O(log n + the spans in `range`).
  func durations(
    in range: Range<Int64>
  ) -> (StateDurations, maskedDownMs: Int64, excludedDownMs: Int64) {
    var durations = StateDurations()
    var (maskedDownMs, excludedDownMs): (Int64, Int64) = (0, 0)
    let end = min(range.upperBound, horizonMs)
    guard range.lowerBound < end else { return (durations, 0, 0) }
    for index in index(at: range.lowerBound)..<spans.count {
      let span = spans[index]
      guard span.startMs < end else { break }
      let length = min(endMs(at: index), end) - max(span.startMs, range.lowerBound)
      guard !span.isExcluded else {
        durations.excluded += length
        if span.state == .down { excludedDownMs += length }
        continue
      }
      durations.add(length, to: span.state)
      if span.beneath == .down, span.state != .down { maskedDownMs += length }
    }
    return (durations, maskedDownMs, excludedDownMs)
  }
}

extension StateDurations {
  fileprivate mutating func add(_ milliseconds: Int64, to state: ServiceState) {
    switch state {
    case .up: up += milliseconds
    case .degraded: degraded += milliseconds
    case .down: down += milliseconds
    case .maintenance: maintenance += milliseconds
    case .unknown: unknown += milliseconds
    }
  }
}
