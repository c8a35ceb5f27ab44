internal import Analytics
internal import Streams

extension UptimeReport {
  /// The report for a terminal: headline, one aligned row for each service (worst first), the
  /// latest incidents, warnings, and where the figures come from.
  public func text() -> String {
    let words = UptimeWords(report: self)
    var sections = [
      [title.printable, words.period, "", words.headline.printable].joined(separator: "\n") + "\n"
    ]
    if let overall { sections.append("\(UptimeWords.together)\n\(words.certainty(of: overall))\n") }
    let summary = [
      words.whole.flatMap { words.verdictSentence(on: $0) },
      words.whole.flatMap { words.comparison($0) },
    ].compactMap(\.self)
    if !summary.isEmpty { sections.append(summary.map { "\($0)\n" }.joined()) }
    if !groups.isEmpty { sections.append(summaryTable(of: groups, "GROUP", words)) }
    sections.append(
      services.isEmpty ? "No services.\n" : summaryTable(of: services, "SERVICE", words))
    sections.append(incidentTable(words))
    let oddities = words.warnings(warnings)
    if !oddities.isEmpty { sections.append("Warnings\n" + Self.list(oddities)) }
    sections += correctionSections(words) + publishedSections(words)
    sections.append(Self.list(words.options) + words.standing + "\n")
    sections.append("Reproduce: \(checkCommand.printable)\n")
    return sections.joined(separator: "\n").replacing("\u{A0}", with: " ")
      .replacing("\u{202F}", with: " ")
  }

  private static func list(_ lines: [String]) -> String {
    lines.map { "- \($0.printable)\n" }.joined()
  }

  private func summaryTable(
    of figures: [UptimeFigures], _ title: String, _ words: UptimeWords
  ) -> String {
    var table = TextTable(
      [
        (title, .left), ("STATE", .left), ("AVAILABILITY", .right), ("COVERAGE", .right),
        ("BOUNDS", .right), ("DOWN", .right), ("INCIDENTS", .right), ("MTTR", .right),
        ("P95", .right), ("TARGET", .left),
      ].filter { $0.0 != "TARGET" || self.options.sloTarget != nil }, widestCell: 40)
    for entry in figures.worstFirst {
      table.append([
        entry.service + (entry.corrections.isEmpty ? "" : " *"),
        entry.lastState?.word ?? Wording.noData, words.percent(entry.availability),
        words.percent(entry.coverage), words.bounds(entry),
        Wording.duration(milliseconds: entry.durations.down), String(entry.counts.touching),
        Wording.duration(entry.mttr),
        entry.latency.map { Wording.milliseconds($0.p95) } ?? Wording.noData,
        words.verdict(on: entry) ?? "",
      ])
    }
    return figures.allSatisfy(\.corrections.isEmpty)
      ? table.text : table.text + "* with corrections in it\n"
  }

  private func incidentTable(_ words: UptimeWords) -> String {
    let all = newestIncidents
    guard !all.isEmpty else { return "No incidents.\n" }
    var table = TextTable(
      [
        ("INCIDENT OF", .left), ("START", .left), ("END", .left), ("LENGTH", .right),
        ("DOWN", .right), ("MASKED", .right),
        ("ENDED", .left), ("EVENTS", .left), ("CAUSE", .left),
      ], widestCell: 40)
    for (figures, incident) in all.prefix(Self.incidentsListed) {
      table.append([
        figures.service, words.start(incident), words.end(incident),
        Wording.duration(milliseconds: incident.lengthMilliseconds),
        Wording.duration(milliseconds: incident.downMilliseconds),
        Wording.duration(milliseconds: incident.maskedDownMilliseconds), words.ending(incident),
        words.revisions(incident.firstRevision?.rawValue, incident.lastRevision?.rawValue) ?? "–",
        words.cause(incident),
      ])
    }
    let hidden = all.count - Self.incidentsListed
    return hidden > 0 ? table.text + "… and \(hidden) earlier ones.\n" : table.text
  }
}
