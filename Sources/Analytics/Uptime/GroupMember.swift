internal import Streams

/// A service as a group sees it: what is left of its facts once they are settled.
///
/// Memory: a few bytes for each change of state, and 8 for each response time in the period.
public struct GroupMember: Sendable {
  let timeline: StateTimeline
  /// Those that are laid over it.
  let corrections: [Correction]
  let warnings: UptimeWarnings
  let lastFactAt: Timestamp?
  /// Of each step of the report, or of the period where it has none; as they were taken.
  let responsesMs: [[Double]]

  init(_ service: ReckonedService, _ options: UptimeOptions) {
    timeline = service.timeline
    corrections = service.corrections
    warnings = service.facts.warnings
    lastFactAt = service.facts.facts.last.map { Timestamp(milliseconds: $0.timeMs) }
    responsesMs = options.latencyRangesMs.map {
      service.facts.goodResponsesMs(in: $0, service.timeline)
    }
  }
}

extension UptimeOptions {
  /// What response times are summed up over: the steps make up the period.
  var latencyRangesMs: [Range<Int64>] {
    views.steps.isEmpty
      ? [countedMs] : views.steps.map { $0.rangeMs.clamped(to: countedMs) }
  }
}
