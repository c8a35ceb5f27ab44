internal import Analytics
internal import Streams

extension UptimePage {
  /// Details are shown opened while there are few of them.
  private static let openDetails = 4

  init(_ report: UptimeReport, style: String) {
    let words = UptimeWords(report: report)
    let overall = (report.overall.map { [$0] } ?? []).map { (kind: "Overall", figures: $0) }
    let groups = report.groups.worstFirst.map { (kind: "Group", figures: $0) }
    let services = report.services.worstFirst.map { (kind: "Service", figures: $0) }
    let entries = (overall + groups + services).enumerated().map { index, entry in
      Entry(id: "entry-\(index + 1)", kind: entry.kind, figures: entry.figures, words: words)
    }
    self.style = style
    title = report.title
    period = words.period
    headline = words.headline
    certainty = report.overall.map { [words.certainty(of: $0)] } ?? []
    tiles = Self.tiles(report, words)
    tables = Self.tables(entries)
    details = entries.map { $0.detail(isOpen: entries.count <= Self.openDetails) }
    oddities = Oddities.listing(words.warnings(report.warnings))
    options = words.options
    standing = words.standing
    checkCommand = report.options.checkCommand
    readCommand = "rookery read STREAM --from N"
  }

  private static func tiles(_ report: UptimeReport, _ words: UptimeWords) -> [Figure] {
    let services = report.services
    let downNow = services.count { $0.lastState == .down }
    let unknownNow = services.count { $0.lastState == .unknown || $0.lastState == nil }
    let touching = services.reduce(0) { $0 + $1.counts.touching }
    let open = services.reduce(0) { $0 + $1.counts.open }
    let down = services.reduce(0) { $0 + $1.durations.down }
    return [
      Figure(
        label: "Services", value: Wording.grouped(services.count),
        notes: ["\(downNow) down at the end", "\(unknownNow) unknown at the end"]),
      Figure(
        label: "Incidents of services", value: Wording.grouped(touching),
        notes: ["\(open) open at the end"]),
      Figure(
        label: "Downtime of services", value: Wording.duration(milliseconds: down),
        notes: ["added up over all services"]),
    ]
  }

  private static func tables(_ entries: [Entry]) -> [Table] {
    [("Group", "Groups"), ("Service", "Services")].compactMap { kind, heading in
      let rows = entries.filter { $0.kind == kind }.map(\.row)
      if rows.isEmpty && kind == "Group" { return nil }
      return Table(tableID: heading.lowercased(), heading: heading, rows: rows)
    }
  }
}

/// One service, group or the whole on its way to the page.
private struct Entry {
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

  var row: UptimePage.Row {
    UptimePage.Row(
      id: id, name: figures.service, state: state, stateName: stateName,
      availability: words.percent(figures.availability), coverage: words.percent(figures.coverage),
      bounds: words.bounds(figures),
      downtime: Wording.duration(milliseconds: figures.durations.down),
      incidents: Wording.grouped(figures.counts.touching),
      strip: DayBars(of: figures, words: words).strip)
  }

  func detail(isOpen: Bool) -> UptimePage.Detail {
    let bars = DayBars(of: figures, words: words)
    return UptimePage.Detail(
      id: id, kind: kind, name: figures.service, state: state, stateName: stateName,
      availability: words.percent(figures.availability), isOpen: isOpen,
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
        stream: stream, command: "rookery read \(Self.shellWord(stream)) --from \(first)")
    ]
  }

  /// `text` as one word of a POSIX shell.
  private static func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }
}

extension Entry {
  private var availabilityFigures: [UptimePage.Figure] {
    let durations = figures.durations
    return [
      UptimePage.Figure(
        label: "Availability", value: words.percent(figures.availability),
        notes: ["coverage \(words.percent(figures.coverage))"]),
      UptimePage.Figure(
        label: "If unknown time counted", value: words.bounds(figures),
        notes: ["\(Wording.duration(milliseconds: durations.unknown)) unknown"]),
      UptimePage.Figure(
        label: "Down", value: Wording.duration(milliseconds: durations.down),
        notes: figures.maskedDownMilliseconds > 0
          ? [
            "and \(Wording.duration(milliseconds: figures.maskedDownMilliseconds))"
              + " under maintenance"
          ] : []),
    ] + degradedFigures + maintenanceFigures
  }

  private var degradedFigures: [UptimePage.Figure] {
    guard figures.durations.degraded > 0 else { return [] }
    return [
      UptimePage.Figure(
        label: "Degraded", value: Wording.duration(milliseconds: figures.durations.degraded),
        notes: [
          "\(words.percent(figures.strict)) if bad, \(words.percent(figures.lenient)) if good"
        ])
    ]
  }

  private var maintenanceFigures: [UptimePage.Figure] {
    guard figures.durations.maintenance > 0 else { return [] }
    return [
      UptimePage.Figure(
        label: "Maintenance",
        value: Wording.duration(milliseconds: figures.durations.maintenance),
        notes: ["left out of the availability"])
    ]
  }

  private var incidentFigures: [UptimePage.Figure] {
    [
      UptimePage.Figure(
        label: "Incidents", value: Wording.grouped(figures.counts.touching),
        notes: figures.counts.touching == 0 ? [] : [words.incidents(figures.counts)]),
      UptimePage.Figure(
        label: "Mean time to repair", value: Wording.duration(figures.mttr),
        notes: figures.longestDownMilliseconds.map {
          ["longest \(Wording.duration(milliseconds: $0))"]
        } ?? []),
      UptimePage.Figure(
        label: "Mean time between failures", value: Wording.duration(figures.mtbf), notes: []),
    ]
  }

  private var otherFigures: [UptimePage.Figure] {
    [latencyFigure] + (figures.errorBudget.map { [budgetFigure($0)] } ?? [])
  }

  private var latencyFigure: UptimePage.Figure {
    guard let latency = figures.latency, latency.count > 0 else {
      return UptimePage.Figure(label: "Response time", value: Wording.noData, notes: [])
    }
    let parts = [("p50", latency.p50), ("p99", latency.p99), ("max", latency.max)]
      .map { "\($0.0) \(Wording.milliseconds($0.1))" }
    return UptimePage.Figure(
      label: "Response time, p95", value: Wording.milliseconds(latency.p95),
      notes: [parts.joined(separator: ", "), Wording.count(latency.count, "sample")])
  }

  private func budgetFigure(_ budget: ErrorBudget) -> UptimePage.Figure {
    let share = budget.consumedShare.map { words.percent($0) } ?? Wording.noData
    return UptimePage.Figure(
      label: "Error budget used", value: share,
      notes: [
        "\(Wording.duration(budget.consumed)) of \(Wording.duration(budget.budget)), "
          + "\(Wording.duration(budget.remaining)) left"
      ])
  }

  private func oddDays(_ days: [DayFigures]) -> [UptimePage.OddDays] {
    let odd = days.filter { $0.durations.elapsed > 0 && $0.durations.up != $0.durations.elapsed }
    guard !odd.isEmpty else { return [] }
    let rows = odd.map { day in
      UptimePage.Day(
        date: day.date.description, availability: words.percent(day.availability),
        downtime: Wording.duration(milliseconds: day.durations.down),
        coverage: words.percent(day.durations.coverage),
        events: words.revisions(day.revisions) ?? "none")
    }
    return [UptimePage.OddDays(count: Wording.count(odd.count, "day"), days: rows)]
  }

  private var incidentTables: [UptimePage.IncidentTable] {
    guard !figures.incidents.isEmpty else { return [] }
    let rows = figures.incidents.reversed().map { incident in
      UptimePage.IncidentTable.Row(
        start: words.start(incident), end: words.end(incident),
        length: Wording.duration(milliseconds: incident.downMilliseconds),
        cause: incident.cause ?? "–", ending: words.ending(incident),
        events: words.revisions(
          incident.firstRevision?.rawValue, incident.lastRevision?.rawValue) ?? "–")
    }
    return [UptimePage.IncidentTable(zone: words.report.zone.name, incidents: rows)]
  }
}
