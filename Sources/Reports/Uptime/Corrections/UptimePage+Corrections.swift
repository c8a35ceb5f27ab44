internal import Analytics
internal import Streams

/// What `uptime-corrections.mustache` shows: texts only, and lists of none or one.
struct CorrectionsSection {
  let lists: [List]
  let unreadable: [String]
  let published: [Published]

  struct List {
    let zone: String
    let corrections: [Row]
    let changes: [Changes]
  }

  struct Row {
    let service: String
    let range: String
    let says: String
    let links: [String]
    let reason: String
    let origin: String
  }

  struct Changes {
    let caption: String
    let before: String
    let after: String
    let rows: [FigureChange]
  }

  struct Published {
    let publication: String
    let outcome: String
    let changes: [Changes]
    let eventLists: [EventList]
  }

  struct EventList {
    let zone: String
    let events: [Event]
    let more: [String]
  }

  struct Event {
    let stream: String
    let revision: String
    let service: String
    let time: String
    let says: String
  }
}

extension CorrectionsSection {
  /// None where nothing was corrected and nothing published.
  static func listing(_ report: UptimeReport, _ words: UptimeWords) -> [CorrectionsSection] {
    let section = CorrectionsSection(report, words)
    let isEmpty =
      section.lists.isEmpty && section.unreadable.isEmpty && section.published.isEmpty
    return isEmpty ? [] : [section]
  }

  private init(_ report: UptimeReport, _ words: UptimeWords) {
    unreadable = report.unreadableCorrections.map(\.place)
    let rows = report.corrections.map { Row($0, words) }
    lists =
      rows.isEmpty
      ? []
      : [
        List(
          zone: report.zone.name, corrections: rows,
          changes: Self.changes(report.factsAlone, words, "Facts alone", "As corrected"))
      ]
    published = report.published.map { [Published($0, words)] } ?? []
  }

  fileprivate static func changes(
    _ comparison: UptimeComparison?, _ words: UptimeWords, _ before: String, _ after: String
  ) -> [Changes] {
    let rows = comparison.map { words.changes($0) } ?? []
    guard !rows.isEmpty else { return [] }
    return [
      Changes(
        caption: "The figures that differ; the difference is that of the exact figures",
        before: before, after: after, rows: rows)
    ]
  }
}

extension CorrectionsSection.Row {
  fileprivate init(_ correction: Correction, _ words: UptimeWords) {
    service = correction.service ?? "all services"
    range = words.range(correction)
    reason = correction.reason
    origin = words.origin(correction)
    if case .annotation(let text, let link) = correction.effect {
      says = "cause: \(text)"
      links = link.map { [$0] } ?? []
    } else {
      says = correction.says
      links = []
    }
  }
}

extension CorrectionsSection.Published {
  fileprivate init(_ published: UptimeRestatement, _ words: UptimeWords) {
    publication = words.publication(published)
    outcome = words.outcome(published)
    changes = CorrectionsSection.changes(
      published.comparison, words, "As published", "As restated")
    let events = published.events.map { event in
      CorrectionsSection.Event(
        stream: event.stream, revision: String(event.revision),
        service: event.service ?? "all services", time: words.report.zone.clock(event.time),
        says: event.says)
    }
    eventLists =
      events.isEmpty
      ? []
      : [
        CorrectionsSection.EventList(
          zone: words.report.zone.name, events: events,
          more: words.more(published).map { [$0] } ?? [])
      ]
  }
}
