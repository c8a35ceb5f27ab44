/// The revisions of one stream that segments hold, as runs without a gap.
struct RevisionSpans {
  /// Sorted; neither overlapping nor adjoining.
  private(set) var spans: [ClosedRange<Int64>] = []

  func firstOverlap(with range: ClosedRange<Int64>) -> Int64? {
    spans.first { $0.overlaps(range) }.map { max($0.lowerBound, range.lowerBound) }
  }

  mutating func insert(_ range: ClosedRange<Int64>) {
    let end = range.upperBound.addingReportingOverflow(1).partialValue
    let touching = spans.filter {
      $0.lowerBound <= end && range.lowerBound <= $0.upperBound + 1
    }
    let merged = touching.reduce(range) {
      min($0.lowerBound, $1.lowerBound)...max($0.upperBound, $1.upperBound)
    }
    spans.removeAll { touching.contains($0) }
    let place = spans.firstIndex { $0.lowerBound > merged.lowerBound } ?? spans.count
    spans.insert(merged, at: place)
  }

  /// What is missing from 0 to `last`.
  func gaps(through last: Int64) -> [ClosedRange<Int64>] {
    var gaps: [ClosedRange<Int64>] = []
    var next: Int64 = 0
    for span in spans where span.lowerBound <= last {
      if span.lowerBound > next { gaps.append(next...(span.lowerBound - 1)) }
      next = span.upperBound + 1
    }
    if next <= last { gaps.append(next...last) }
    return gaps
  }
}
