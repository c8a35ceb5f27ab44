internal import Analytics
internal import Streams

/// One service, group or the whole on its way to the page.
struct UptimeEntry {
  typealias Kind = UptimeReading.Kind

  let kind: Kind
  let figures: UptimeFigures
  let words: UptimeWords

  /// The same in every report.
  var id: String {
    ReportAnchor.entry(kind, name: figures.service)
  }

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

  /// - Parameter hasDetail: whether the page has more to say of it.
  func row(hasDetail: Bool, withStrip: Bool = true) -> UptimePage.Row {
    UptimePage.Row(
      links: hasDetail ? [id] : [], plainNames: hasDetail ? [] : [figures.service],
      name: figures.service, state: state, stateName: stateName,
      availability: words.percent(figures.availability), coverage: words.percent(figures.coverage),
      bounds: words.bounds(figures),
      downtime: Wording.duration(milliseconds: figures.durations.down),
      incidents: Wording.grouped(figures.counts.touching), verdicts: verdicts,
      strip: withStrip ? dayBars.strip : "", marks: marks)
  }

  private var verdicts: [String] { words.verdict(on: figures).map { [$0] } ?? [] }

  /// - Parameter incidentsLeft: how many incidents the page still bears.
  func detail(isOpen: Bool, _ limits: UptimePageLimits, incidentsLeft: inout Int)
    -> UptimePage.Detail
  {
    UptimePage.Detail(
      id: id, kind: kind.word, name: figures.service, state: state, stateName: stateName,
      availability: words.percent(figures.availability), isOpen: isOpen, marks: marks,
      figures: availabilityFigures + incidentFigures + otherFigures,
      verdicts: words.verdictSentence(on: figures).map { [$0] } ?? [],
      barRows: barRows, comparison: comparison, response: response, budget: budget,
      incidentTables: incidentTables(limits, &incidentsLeft),
      oddities: UptimePage.Oddities.listing(words.warnings(figures.warnings)), sources: sources)
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

extension UptimeReading.Kind {
  var word: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}
