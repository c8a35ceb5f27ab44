/// One incident over its whole life, as far as it is known at the horizon.
///
///     up      down   unknown  down   up  (more than the merge gap)
///     ──────┐      ┌ ─ ─ ─ ┐       ┌──────
///           └──────┘       └───────┘
///         startMs                endMs     isOver, ending up, spans unknown: censored
struct Outage {
  let startMs: Int64
  /// The fact that began it; -1 when none did.
  let firstFact: Int32
  /// The end of the last down time in it.
  var endMs: Int64
  var downMs: Int64 = 0
  /// The down time inside the counted period.
  var downInPeriodMs: Int64 = 0
  /// The time inside the counted period in which it was down beneath a planned window.
  var maskedInPeriodMs: Int64 = 0
  /// It began out of, spans, or ended in unknown: its true length is not known.
  var isCensored: Bool
  /// What came after the last down time, and the fact that said so; nil at the horizon.
  var ending: ServiceState?
  var endingFact: Int32 = -1
  /// Enough good time was seen after it. Maintenance and unknown alone do not end an outage.
  var isOver = false
}

/// Finds the incidents in a timeline, in one pass.
///
/// An incident is a run of down. Only observed good time (up or degraded) ends one, and only if
/// there is more of it than the merge gap: the good time between two downs is summed, whatever
/// maintenance or unknown lies in between. Until then it is open, also when its state is no longer
/// known: nobody saw it recover.
struct OutageScan {
  private let mergeGapMs: Int64
  private let period: Range<Int64>
  private var current: Outage?
  private var goodMs: Int64 = 0
  private var sawUnknown = false
  /// Masked down time behind good time: the incident's only if it goes on.
  private var pendingMaskedMs: Int64 = 0
  private var found: [Outage] = []

  private init(mergeGapMs: Int64, period: Range<Int64>) {
    self.mergeGapMs = mergeGapMs
    self.period = period
  }

  /// All incidents of `timeline` in order, with their down time inside `period` set apart.
  ///
  /// - Complexity: O(spans).
  static func outages(
    in timeline: StateTimeline, mergeGapMs: Int64, period: Range<Int64>
  ) -> [Outage] {
    var scan = OutageScan(mergeGapMs: mergeGapMs, period: period)
    var before = ServiceState.unknown
    // What is excluded is cut out: it begins, ends, splits and censors nothing.
    for (index, span) in timeline.spans.enumerated() where !span.isExcluded {
      scan.take(span, until: timeline.endMs(at: index), after: before)
      before = span.state
    }
    scan.close()
    return scan.found
  }

  private mutating func take(
    _ span: StateTimeline.Span, until endMs: Int64, after before: ServiceState
  ) {
    if span.state != .down, current?.ending == nil {
      current?.ending = span.state
      current?.endingFact = span.state == span.beneath ? span.fact : -1
    }
    takeMasked(span, until: endMs)
    switch span.state {
    case .up, .degraded: if current != nil { goodMs += endMs - span.startMs }
    case .unknown: sawUnknown = true
    case .maintenance: break
    case .down: takeDown(span, until: endMs, after: before)
    }
  }

  private mutating func takeMasked(_ span: StateTimeline.Span, until endMs: Int64) {
    guard span.beneath == .down, span.state != .down, current != nil else { return }
    let maskedMs = inPeriod(span.startMs, endMs)
    if goodMs == 0, !span.state.isGood {
      current?.maskedInPeriodMs += maskedMs
    } else {
      pendingMaskedMs += maskedMs
    }
  }

  private func inPeriod(_ startMs: Int64, _ endMs: Int64) -> Int64 {
    max(0, min(endMs, period.upperBound) - max(startMs, period.lowerBound))
  }

  private mutating func takeDown(
    _ span: StateTimeline.Span, until endMs: Int64, after before: ServiceState
  ) {
    if goodMs > mergeGapMs { close() }
    var outage =
      current
      ?? Outage(
        startMs: span.startMs, firstFact: span.fact, endMs: endMs, isCensored: before == .unknown)
    if current != nil, sawUnknown { outage.isCensored = true }
    outage.endMs = endMs
    outage.downMs += endMs - span.startMs
    outage.downInPeriodMs += inPeriod(span.startMs, endMs)
    outage.maskedInPeriodMs += pendingMaskedMs
    outage.ending = nil
    current = outage
    goodMs = 0
    pendingMaskedMs = 0
    sawUnknown = false
  }

  private mutating func close() {
    guard var outage = current else { return }
    outage.isOver = goodMs > mergeGapMs
    if outage.ending == .unknown || (!outage.isOver && sawUnknown) { outage.isCensored = true }
    found.append(outage)
    current = nil
    goodMs = 0
    pendingMaskedMs = 0
  }
}
