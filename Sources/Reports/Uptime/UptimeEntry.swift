internal import Analytics
internal import Streams

/// One service, group or the whole on its way to the page.
struct UptimeEntry {
  let id: String
  let kind: String
  let figures: UptimeFigures
  let words: UptimeWords

  private var state: String { figures.lastState?.word ?? "unknown" }

  private var stateName: String {
    switch figures.lastState {
    case .up: "Up"
    case .degraded: "Degraded"
    case .down: "Down"
    case .maintenance: "Maintenance"
    case .unknown: "Unknown"
    case nil: "No data"
    }
  }

  private var marks: [String] { words.mark(figures).map { [$0] } ?? [] }

  var row: UptimePage.Row {
    UptimePage.Row(
      id: id, name: figures.service, state: state, stateName: stateName,
      availability: words.percent(figures.availability), coverage: words.percent(figures.coverage),
      bounds: words.bounds(figures),
      downtime: Wording.duration(milliseconds: figures.durations.down),
      incidents: Wording.grouped(figures.counts.touching),
      strip: DayBars(of: figures, words: words).strip, marks: marks)
  }

  func detail(isOpen: Bool) -> UptimePage.Detail {
    let bars = DayBars(of: figures, words: words)
    return UptimePage.Detail(
      id: id, kind: kind, name: figures.service, state: state, stateName: stateName,
      availability: words.percent(figures.availability), isOpen: isOpen, marks: marks,
      figures: availabilityFigures + incidentFigures + otherFigures,
      bars: bars.svg(label: "Each day of \(figures.service)"), barsLabel: barsLabel(bars),
      oddDays: oddDays(bars.days), incidentTables: incidentTables,
      oddities: UptimePage.Oddities.listing(words.warnings(figures.warnings)), sources: sources)
  }

  private func barsLabel(_ bars: DayBars) -> String {
    guard let first = bars.days.first, let last = bars.days.last else { return "No days." }
    let range = bars.days.count == 1 ? "\(first.date)" : "\(first.date) to \(last.date)"
    let cut =
      figures.days.count > bars.days.count
      ? " The last \(bars.days.count) of \(figures.days.count) days are shown." : ""
    return "\(range). \(bars.summary)\(cut)"
  }

  private var sources: [UptimePage.Source] {
    guard let stream = figures.stream else { return [] }
    let first = figures.days.compactMap { $0.revisions?.lowerBound }.min() ?? 0
    return [
      UptimePage.Source(
        stream: stream, command: "rookery read \(stream.shellWord) --from \(first)")
    ]
  }
}
