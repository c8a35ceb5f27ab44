internal import Analytics
internal import Streams

extension UptimeReport {
  /// The report as Markdown, for a ticket, a wiki or a chat: headline, a row for each service (worst
  /// first), the latest incidents, and what the figures rest on.
  public func markdown() -> String {
    let words = UptimeWords(report: self)
    var blocks = ["# \(title.markdown)", words.period.markdown, "**\(words.headline.markdown)**"]
    if let overall {
      blocks.append("\(UptimeWords.together) \(words.certainty(of: overall))".markdown)
    }
    if !groups.isEmpty { blocks += ["## Groups", summaryTable(of: groups, "Group", words)] }
    blocks += ["## Services", summaryTable(of: services, "Service", words)]
    blocks += ["## Incidents"] + incidentTable(words)
    let oddities = words.warnings(warnings)
    if !oddities.isEmpty { blocks += ["## Odd input", Self.list(oddities)] }
    blocks += ["## Accounting", Self.list(words.options + [words.standing])]
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private static func list(_ lines: [String]) -> String {
    lines.map { "- \($0.markdown)" }.joined(separator: "\n")
  }

  private func summaryTable(
    of figures: [UptimeFigures], _ title: String, _ words: UptimeWords
  ) -> String {
    guard !figures.isEmpty else { return "None." }
    var table = MarkdownTable([
      (title, .left), ("State", .left), ("Availability", .right), ("Coverage", .right),
      ("Bounds", .right), ("Down", .right), ("Incidents", .right), ("MTTR", .right),
    ])
    for entry in figures.worstFirst {
      table.append([
        entry.service, entry.lastState?.word ?? Wording.noData, words.percent(entry.availability),
        words.percent(entry.coverage), words.bounds(entry),
        Wording.duration(milliseconds: entry.durations.down), String(entry.counts.touching),
        Wording.duration(entry.mttr),
      ])
    }
    return table.text
  }

  private func incidentTable(_ words: UptimeWords) -> [String] {
    let all = newestIncidents
    guard !all.isEmpty else { return ["None in this period."] }
    var table = MarkdownTable([
      ("Service", .left), ("Start", .left), ("End", .left), ("Down", .right), ("Ended", .left),
      ("Cause", .left), ("Events", .left),
    ])
    for (figures, incident) in all.prefix(Self.incidentsListed) {
      table.append([
        figures.service, words.start(incident), words.end(incident),
        Wording.duration(milliseconds: incident.downMilliseconds), words.ending(incident),
        words.cause(incident),
        words.revisions(incident.firstRevision?.rawValue, incident.lastRevision?.rawValue) ?? "–",
      ])
    }
    let hidden = all.count - Self.incidentsListed
    return hidden > 0 ? [table.text, "… and \(hidden) earlier ones."] : [table.text]
  }
}
