internal import Analytics
internal import Streams

extension UptimeReport {
  /// The corrections and what they changed, for a terminal; nothing where there are none.
  func correctionSections(_ words: UptimeWords) -> [String] {
    var sections: [String] = []
    let corrections = corrections
    if !corrections.isEmpty { sections.append(Self.table(of: corrections, words)) }
    if !unreadableCorrections.isEmpty {
      sections.append(
        "Events that are meant as corrections and can't be read; left out\n"
          + unreadableCorrections.map { "- \($0.place)\n" }.joined())
    }
    if let factsAlone, !factsAlone.entries.isEmpty {
      sections.append(
        Self.table(of: words.changes(factsAlone), ("FACTS ALONE", "AS CORRECTED")))
    }
    return sections
  }

  /// As published against as restated, for a terminal; nothing where nothing was published.
  func publishedSections(_ words: UptimeWords) -> [String] {
    guard let published else { return [] }
    var sections = [
      "\(words.publication(published).printable)\n\(words.outcome(published))\n"
    ]
    let changes = words.changes(published.comparison)
    if !changes.isEmpty {
      sections.append(Self.table(of: changes, ("AS PUBLISHED", "AS RESTATED")))
    }
    guard !published.events.isEmpty else { return sections }
    var table = TextTable(
      [
        ("SINCE THEN", .left), ("REVISION", .right), ("OF", .left), ("TIME", .left),
        ("SAYS", .left),
      ],
      widestCell: 60)
    for event in published.events {
      table.append([
        event.stream, String(event.revision), event.service ?? "all services",
        zone.clock(event.time), event.says,
      ])
    }
    sections.append(table.text + (words.more(published).map { "… \($0)\n" } ?? ""))
    return sections
  }

  private static func table(of corrections: [Correction], _ words: UptimeWords) -> String {
    var table = TextTable(
      [
        ("CORRECTION OF", .left), ("RANGE", .left), ("SAYS", .left), ("WHY", .left), ("BY", .left),
        ("EVENT", .left),
      ], widestCell: 60)
    for correction in corrections {
      table.append([
        correction.service ?? "all services", words.range(correction), correction.says,
        correction.reason, correction.principal, correction.place,
      ])
    }
    return table.text
  }

  private static func table(
    of changes: [FigureChange], _ titles: (before: String, after: String)
  ) -> String {
    var table = TextTable(
      [
        ("ENTRY", .left), ("FIGURE", .left), (titles.before, .right), (titles.after, .right),
        ("DIFFERENCE", .right),
      ], widestCell: 40)
    for change in changes {
      table.append([
        change.entry, change.figure, change.before, change.after, change.difference,
      ])
    }
    return table.text
  }
}
