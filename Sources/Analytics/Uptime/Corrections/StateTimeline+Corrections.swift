extension StateTimeline {
  /// The same with corrections laid over it, one after the other: where two overlap, the later one
  /// holds.
  ///
  /// - A reclassified range is what the correction says, also underneath: no fact says so any more.
  /// - A window is maintenance, with what it hides beneath.
  /// - An excluded range keeps its states and is counted apart.
  ///
  /// - Complexity: O(spans) for each correction.
  func corrected(by corrections: [Correction]) -> StateTimeline {
    corrections.reduce(self) { timeline, correction in
      switch correction.effect {
      case .annotation: timeline
      case .reclassification(let state):
        timeline.changed(in: correction.rangeMs) { span in
          Span(startMs: span.startMs, fact: -1, state: state, beneath: state)
        }
      case .maintenance:
        timeline.changed(in: correction.rangeMs) { span in
          Span(
            startMs: span.startMs, fact: span.fact, state: .maintenance, beneath: span.beneath)
        }
      case .exclusion:
        timeline.changed(in: correction.rangeMs) { span in
          var span = span
          span.isExcluded = true
          return span
        }
      }
    }
  }

  private func changed(in range: Range<Int64>, _ change: (Span) -> Span) -> StateTimeline {
    let range = range.clamped(to: Int64.min..<horizonMs)
    guard !range.isEmpty else { return self }
    var changed = StateTimeline(horizonMs: horizonMs)
    for (index, span) in spans.enumerated() {
      let endMs = endMs(at: index)
      let inside = range.clamped(to: span.startMs..<max(span.startMs, endMs))
      guard !inside.isEmpty else {
        changed.append(span)
        continue
      }
      if span.startMs < inside.lowerBound { changed.append(span) }
      changed.append(change(span.moved(to: inside.lowerBound)))
      if inside.upperBound < endMs { changed.append(span.moved(to: inside.upperBound)) }
    }
    return changed
  }

  /// Where within `range` this timeline says something else than `other`, in order and apart.
  ///
  /// - Complexity: O(log n + the spans of both in `range`).
  func differences(from other: StateTimeline, in range: Range<Int64>) -> [Range<Int64>] {
    let end = min(range.upperBound, min(horizonMs, other.horizonMs))
    var found: [Range<Int64>] = []
    var (mine, theirs) = (index(at: range.lowerBound), other.index(at: range.lowerBound))
    var atMs = range.lowerBound
    while atMs < end {
      let untilMs = min(end, min(endMs(at: mine), other.endMs(at: theirs)))
      if !spans[mine].saysTheSame(as: other.spans[theirs]) {
        if let last = found.last, last.upperBound == atMs {
          found[found.count - 1] = last.lowerBound..<untilMs
        } else {
          found.append(atMs..<untilMs)
        }
      }
      atMs = untilMs
      if endMs(at: mine) <= atMs, mine + 1 < spans.count { mine += 1 }
      if other.endMs(at: theirs) <= atMs, theirs + 1 < other.spans.count { theirs += 1 }
    }
    return found
  }
}

extension StateTimeline.Span {
  fileprivate func moved(to startMs: Int64) -> Self {
    var span = self
    span.startMs = startMs
    return span
  }
}
