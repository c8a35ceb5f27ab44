internal import Analytics
internal import Streams

/// One figure before and after, in words.
struct FigureChange {
  let entry: String
  let figure: String
  let before: String
  let after: String
  let difference: String
}

extension UptimeWords {
  /// The figures that differ, entry by entry.
  func changes(_ comparison: UptimeComparison) -> [FigureChange] {
    comparison.entries.flatMap { entry -> [FigureChange] in
      [
        share("availability", entry, \.availability), time("down", entry, \.durations.down),
        time("maintenance", entry, \.durations.maintenance),
        time("unknown", entry, \.durations.unknown),
        time("excluded", entry, \.durations.excluded), share("coverage", entry, \.coverage),
        incidents(entry), repair(entry),
      ].compactMap { $0 }
    }
  }

  private func change(
    _ figure: String, _ entry: UptimeComparison.Entry, _ before: String?, _ after: String?,
    _ difference: String?
  ) -> FigureChange? {
    guard before != after || difference != nil else { return nil }
    return FigureChange(
      entry: entry.name, figure: figure, before: before ?? "not there", after: after ?? "not there",
      difference: difference ?? "–")
  }

  private func share(
    _ figure: String, _ entry: UptimeComparison.Entry, _ share: (UptimeFigures) -> Fraction?
  ) -> FigureChange? {
    let (before, after) = (entry.before.flatMap(share), entry.after.flatMap(share))
    var difference: String?
    if let before, let after, before != after {
      let points = after - before
      difference =
        (points < .zero ? "−" : "+")
        + percent(points < .zero ? -points : points).replacing("%", with: "points")
    }
    return change(
      figure, entry, entry.before.map { percent(share($0)) },
      entry.after.map { percent(share($0)) },
      difference)
  }

  private func time(
    _ figure: String, _ entry: UptimeComparison.Entry, _ time: (UptimeFigures) -> Int64
  ) -> FigureChange? {
    let step = (entry.after.map(time) ?? 0) - (entry.before.map(time) ?? 0)
    return change(
      figure, entry, entry.before.map { Wording.duration(milliseconds: time($0)) },
      entry.after.map { Wording.duration(milliseconds: time($0)) },
      step == 0
        ? nil : (step > 0 ? "+" : "") + Wording.duration(milliseconds: step))
  }

  private func incidents(_ entry: UptimeComparison.Entry) -> FigureChange? {
    let step = (entry.after?.counts.touching ?? 0) - (entry.before?.counts.touching ?? 0)
    return change(
      "incidents", entry, entry.before.map { Wording.grouped($0.counts.touching) },
      entry.after.map { Wording.grouped($0.counts.touching) },
      step == 0 ? nil : (step > 0 ? "+" : "−") + Wording.grouped(step.magnitude))
  }

  private func repair(_ entry: UptimeComparison.Entry) -> FigureChange? {
    change(
      "mean time to repair", entry, entry.before.map { Wording.duration($0.mttr) },
      entry.after.map { Wording.duration($0.mttr) }, nil)
  }

  /// `2026-10-05 06:00 to 2026-10-05 07:00`, as far as it stands.
  func range(_ correction: Correction) -> String {
    "\(report.zone.clock(correction.start)) to \(report.zone.clock(correction.standingEnd))"
  }

  /// Where a correction comes from: `system, 2026-11-02 09:00, system-incidents revision 3`.
  func origin(_ correction: Correction) -> String {
    "\(correction.principal), \(report.zone.clock(correction.source.recordedAt)), "
      + correction.place
  }

  /// `2 corrections`; nil when there is none that changes a figure.
  func mark(_ figures: UptimeFigures) -> String? {
    figures.corrections.isEmpty
      ? nil : Wording.count(figures.corrections.count, "correction") + " in it"
  }

  /// What was published, where and when.
  func publication(_ published: UptimeRestatement) -> String {
    let position =
      published.position.rawValue < 0 ? "from an empty store" : "at position \(published.position)"
    let asOf = "as of \(report.zone.text(published.asOf))"
    guard let publication = published.publication else { return "Known \(position), \(asOf)." }
    let head = publication.archiveHead.map { ", archive chain head \($0)" } ?? ""
    return "Published on \(report.zone.text(publication.madeAt)) as \(publication.path), made "
      + "\(position), \(asOf)\(head)."
  }

  /// What came of it since.
  func outcome(_ published: UptimeRestatement) -> String {
    let count = published.comparison.entries.count
    guard count > 0 else { return "No figure has changed since." }
    let events = Wording.count(published.eventCount, "event")
    return "\(Wording.count(count, "entry", plural: "entries")) changed; \(events) came since that "
      + "\(published.eventCount == 1 ? "touches" : "touch") the period."
  }

  func more(_ published: UptimeRestatement) -> String? {
    let hidden = published.eventCount - published.events.count
    return hidden > 0 ? "And \(Wording.grouped(hidden)) more." : nil
  }
}
