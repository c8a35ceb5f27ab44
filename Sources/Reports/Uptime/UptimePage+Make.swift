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
      UptimeEntry(id: "entry-\(index + 1)", kind: entry.kind, figures: entry.figures, words: words)
    }
    self.style = style
    title = report.title
    period = words.period
    headline = words.headline
    certainty = report.overall.map { [UptimeWords.together, words.certainty(of: $0)] } ?? []
    tiles = Self.tiles(report, words)
    tables = Self.tables(entries)
    details = entries.map { $0.detail(isOpen: entries.count <= Self.openDetails) }
    oddities = Oddities.listing(words.warnings(report.warnings))
    corrections = CorrectionsSection.listing(report, words)
    options = words.options
    standing = words.standing
    checkCommand = report.checkCommand
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

  private static func tables(_ entries: [UptimeEntry]) -> [Table] {
    [("Group", "Groups"), ("Service", "Services")].compactMap { kind, heading in
      let rows = entries.filter { $0.kind == kind }.map(\.row)
      if rows.isEmpty && kind == "Group" { return nil }
      return Table(tableID: heading.lowercased(), heading: heading, rows: rows)
    }
  }
}
