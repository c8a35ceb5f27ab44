internal import Analytics
internal import Streams

/// An uptime report's figures in words, the same on the page and in the terminal.
struct UptimeWords {
  let report: UptimeReport

  private var decimals: Int { report.decimals }

  func percent(_ share: Fraction?) -> String { Wording.percent(share, decimals: decimals) }

  /// `2025-01, 2025-01-01 00:00 CET to 2025-02-01 00:00 CET`
  var period: String {
    let name = report.period.map { "\($0), " } ?? ""
    return name
      + "\(report.zone.text(report.options.start)) to \(report.zone.text(report.options.end))"
  }

  /// What the report is about as one: overall, or the only service.
  var whole: UptimeFigures? {
    report.overall ?? (report.services.count == 1 ? report.services.first : nil)
  }

  /// The one sentence to remember.
  var headline: String {
    guard let overall = report.overall else { return headlineWithoutOverall }
    let incidents = Wording.count(overall.counts.touching, "incident")
    guard overall.availability != nil else { return "All services: no data, \(incidents)." }
    return "All services: \(percent(overall.availability)) available, \(incidents)."
  }

  /// What "all services" means: the group in which every one is needed.
  static let together =
    "All services together are down while any of them is, and unknown while the state of any is "
    + "not known and none is down."

  private var headlineWithoutOverall: String {
    let services = Wording.count(report.services.count, "service")
    let incidents = Wording.count(
      report.services.reduce(0) { $0 + $1.counts.touching }, "incident")
    guard let worst = report.services.worstFirst.first, worst.availability != nil else {
      return "\(services): no data, \(incidents)."
    }
    if report.services.count == 1 {
      let name = Wording.short(worst.service)
      return "\(name): \(percent(worst.availability)) available, \(incidents)."
    }
    return "\(services), \(incidents); the lowest availability is "
      + "\(percent(worst.availability)) (\(Wording.short(worst.service)))."
  }

  /// What is known and what is not, beside an availability.
  func certainty(of figures: UptimeFigures) -> String {
    guard figures.coverage != nil else { return "Nothing of this period has elapsed." }
    let coverage = "Coverage \(percent(figures.coverage))"
    guard figures.durations.unknown > 0 else { return "\(coverage): the state was always known." }
    let unknown = Wording.duration(milliseconds: figures.durations.unknown)
    return "\(coverage): for \(unknown) the state is not known. With that time counted as down it "
      + "would be \(percent(figures.lowerBound)), counted as up \(percent(figures.upperBound))."
  }

  func bounds(_ figures: UptimeFigures) -> String {
    guard figures.lowerBound != nil else { return Wording.noData }
    return "\(percent(figures.lowerBound)) – \(percent(figures.upperBound))"
  }

  /// `1 started, 1 recovered, 1 still open, 1 of unknown length`
  func incidents(_ counts: IncidentCounts) -> String {
    guard counts.touching > 0 else { return "none" }
    var parts = ["\(counts.started) started", "\(counts.recovered) recovered"]
    if counts.open > 0 { parts.append("\(counts.open) open at the end") }
    if counts.censored > 0 { parts.append("\(counts.censored) of unknown true length") }
    return parts.joined(separator: ", ")
  }

  func ending(_ incident: Incident) -> String {
    let text =
      switch incident.ending {
      case .recovered: "recovered"
      case .maintenance: "into maintenance"
      case .unknown: "into unknown"
      case .open: "open at the end"
      }
    return incident.isCensored ? text + "; true length unknown" : text
  }

  func start(_ incident: Incident) -> String {
    let text = report.zone.clock(incident.start)
    return incident.startedInside ? text : "before \(text)"
  }

  func end(_ incident: Incident) -> String {
    incident.end.map { report.zone.clock($0) } ?? "–"
  }

  /// What is said of the cause, by the facts and by corrections, cut to a length that a table bears; data files have all of it.
  func cause(_ incident: Incident) -> String {
    let said = incident.corrections.map(\.asCause)
    let causes = ([incident.cause].compactMap { $0 } + said).filter { !$0.isEmpty }
    guard !causes.isEmpty else { return "–" }
    let cause = causes.joined(separator: "; ")
    let start = cause.prefix(Self.causeLength)
    return start.endIndex == cause.endIndex ? cause : start + "…"
  }

  private static let causeLength = 300

  /// `revisions 12 to 15`; nil when no event is known.
  func revisions(_ first: Int64?, _ last: Int64?) -> String? {
    guard let first = first ?? last else { return nil }
    guard let last, last != first else { return "revision \(first)" }
    return "revisions \(first) to \(last)"
  }

  /// What was odd about the input, a sentence for each kind that occurred.
  func warnings(_ warnings: UptimeWarnings) -> [String] {
    let sentences: [(Int, String)] = [
      (warnings.outOfOrder, "arrived out of order; the time in the fact decides"),
      (warnings.duplicates, "arrived twice and counted once"),
      (warnings.conflicts, "reused an event id with other content; the first one holds"),
      (warnings.rejected, "could not be read; left out"),
      (warnings.clampedSkew, "came from a clock that runs ahead; moved to when it was recorded"),
      (warnings.unknownStatus, "had a status word Rookery does not know; counted as unknown"),
    ]
    return sentences.filter { $0.0 > 0 }.map { "\(Wording.count($0.0, "fact")) \($0.1)." }
  }

  /// The choices the figures rest on.
  var options: [String] {
    let options = report.options
    var lines = [
      "Percentages are cut, not rounded, after \(Wording.count(decimals, "digit")).",
      "Degraded time counts as bad with weight "
        + "\(options.degradedWeight.shortest(decimals: 9)).",
    ]
    lines.append(
      options.staleAfterSeconds.map {
        "A fact is evidence for \(Wording.duration(milliseconds: $0 * 1000)); after that the state "
          + "is unknown until the next one."
      } ?? "A fact holds until the next one, however old.")
    lines += incidentRules
    if let target = options.sloTarget {
      let percent = target * Fraction(100)
      lines.append("The target is \(percent.shortest(decimals: 9))\u{A0}%.")
    }
    return lines + maintenance + accounting
  }

  private var maintenance: [String] {
    let windows = report.options.maintenance
    let shown = windows.prefix(Self.windowsShown).map { window in
      "Planned maintenance of \(window.service ?? "all services"): "
        + "\(report.zone.text(window.start)) to \(report.zone.text(window.end))."
    }
    let hidden = windows.count - shown.count
    return hidden == 0 ? shown : shown + ["And \(hidden) more planned windows."]
  }

  private static let windowsShown = 20

  /// Where the report stands: position, zone, as-of, made at, and the archive it was made over.
  var standing: String {
    let position =
      report.throughPosition.map { "Made from the store at position \($0)" }
      ?? "Made from facts outside the store"
    let head = report.archiveHead.map { " Archive chain head \($0)" } ?? ""
    return "\(position), as of \(report.zone.text(report.options.asOf)), on "
      + "\(report.zone.text(report.madeAt)). Days and times are those of \(report.zone.name)."
      + head
  }
}

extension UptimeWords {
  /// A bar in words.
  func bar(_ bar: StateBars.Bar) -> String {
    let durations = bar.figures.durations
    guard durations.elapsed > 0 else { return "\(bar.span.name): not yet" }
    let availability = durations.availability(degradedWeight: report.options.degradedWeight)
    var parts = [
      availability == nil ? "availability: no data" : "\(percent(availability)) available",
      "down \(Wording.duration(milliseconds: durations.down))",
    ]
    if durations.degraded > 0 {
      parts.append("degraded \(Wording.duration(milliseconds: durations.degraded))")
    }
    if durations.maintenance > 0 {
      parts.append("maintenance \(Wording.duration(milliseconds: durations.maintenance))")
    }
    parts.append("coverage \(percent(durations.coverage))")
    parts.append(revisions(bar.figures.revisions) ?? "no event")
    return "\(bar.span.name): " + parts.joined(separator: ", ")
  }

  func revisions(_ range: ClosedRange<Int64>?) -> String? {
    revisions(range?.lowerBound, range?.upperBound)
  }
}
