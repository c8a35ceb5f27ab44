internal import Analytics
internal import Streams

/// The tables and the details of one page: who has a row, and of whom there is more to see.
struct UptimeSections {
  let tables: [UptimePage.Table]
  let details: [UptimePage.Detail]
  let notes: [String]

  init(_ report: UptimeReport, _ words: UptimeWords, _ limits: UptimePageLimits) {
    let entries = { (kind: UptimeEntry.Kind, figures: [UptimeFigures]) in
      figures.map { UptimeEntry(kind: kind, figures: $0, words: words) }
    }
    let kinds = [
      entries(.overall, report.overall.map { [$0] } ?? []),
      entries(.group, report.groups.worstFirst), entries(.service, report.services.worstFirst),
    ]
    let detailed = kinds.map { kind in
      kind.enumerated().filter { index, entry in
        index < limits.details || report.details.contains(entry.figures.service)
      }.map(\.element)
    }
    tables = zip(kinds.dropFirst(), ["Groups", "Services"]).compactMap { entries, heading in
      entries.isEmpty && heading == "Groups"
        ? nil : UptimePage.Table(heading, entries, report.details, limits)
    }
    let all = detailed.flatMap(\.self)
    var incidentsLeft = limits.incidents
    var details: [UptimePage.Detail] = []
    for entry in all {
      details.append(
        entry.detail(
          isOpen: all.count <= limits.openDetails, limits, incidentsLeft: &incidentsLeft))
    }
    self.details = details
    let hidden = kinds.reduce(0) { $0 + $1.count } - all.count
    notes =
      hidden == 0
      ? []
      : [
        "The worst \(limits.details) are shown, and those asked for by --detail NAME. "
          + "\(Wording.count(hidden, "more entry", plural: "more entries")) with all their "
          + "incidents are in the JSON and CSV of this report."
      ]
  }
}

extension UptimePage.Table {
  fileprivate init(
    _ heading: String, _ entries: [UptimeEntry], _ detailed: Set<String>,
    _ limits: UptimePageLimits
  ) {
    tableID = heading.lowercased()
    self.heading = heading
    let hasTarget = entries.first?.words.report.options.sloTarget != nil
    self.hasTarget = hasTarget
    let row = { (index: Int, entry: UptimeEntry, withStrip: Bool) in
      entry.row(
        hasDetail: index < limits.details
          || detailed.contains(entry.figures.service), withStrip: withStrip)
    }
    let numbered = entries.enumerated()
    rows = numbered.prefix(limits.rowsWithBars).map { row($0.offset, $0.element, true) }
    let rest = numbered.dropFirst(limits.rowsWithBars)
    let shown = rest.prefix(limits.rows - limits.rowsWithBars)
    let hidden = rest.count - shown.count
    guard !rest.isEmpty else {
      rests = []
      return
    }
    rests = [
      UptimePage.Rest(
        count: Wording.grouped(rest.count), hasTarget: hasTarget,
        rows: shown.map { row($0.offset, $0.element, false) },
        hidden: hidden == 0
          ? [] : ["\(Wording.grouped(hidden)) more are in the JSON and CSV of this report."])
    ]
  }
}
