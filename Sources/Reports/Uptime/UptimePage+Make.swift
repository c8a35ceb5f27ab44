internal import Analytics
internal import Streams

extension UptimePage {
  init(_ report: UptimeReport, style: String, limits: UptimePageLimits = UptimePageLimits()) {
    let words = UptimeWords(report: report)
    let sections = UptimeSections(report, words, limits)
    self.style = style
    kicker =
      report.period != nil && report.options.sloTarget != nil ? "SLA report" : "Uptime report"
    title = report.title
    period = words.period
    headline = words.headline
    certainty = report.overall.map { [UptimeWords.together, words.certainty(of: $0)] } ?? []
    sla = Self.sla(report, words)
    comparisons = words.whole.flatMap { words.comparison($0) }.map { [$0] } ?? []
    tiles = Self.tiles(report, words)
    tables = sections.tables
    details = sections.details
    detailsNotes = sections.notes
    oddities = Oddities.listing(words.warnings(report.warnings))
    corrections = CorrectionsSection.listing(report, words)
    options = words.options
    standing = words.standing
    checkCommand = report.checkCommand
    readCommand = "rookery read STREAM --from N"
  }

  private static func sla(_ report: UptimeReport, _ words: UptimeWords) -> [SLA] {
    guard let whole = words.whole, let verdict = words.verdict(on: whole),
      let sentence = words.verdictSentence(on: whole)
    else { return [] }
    let verdicts = report.services.compactMap { report.verdict(on: $0) }
    let counts = [
      (SLAVerdict.met, "met"), (.missed, "missed"), (.undecided, "not decidable"),
      (.noData, "without data"),
    ].map { kind, word in "\(verdicts.count { $0 == kind }) \(word)" }
    return [
      SLA(
        verdict: verdict, sentence: sentence,
        counts: "\(Wording.count(report.services.count, "service")): "
          + counts.joined(separator: ", ") + ".")
    ]
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
}
