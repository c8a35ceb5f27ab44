internal import Analytics
internal import Streams

/// What `uptime.mustache` shows: texts only, ready to be placed.
///
/// Property names are the template's tags. There is no optional among them, because Mustache looks
/// for a missing value in the surrounding section; what may be absent is a list.
struct UptimePage {
  let style: String
  let title: String
  let period: String
  let headline: String
  let certainty: [String]
  let tiles: [Figure]
  let tables: [Table]
  let details: [Detail]
  let oddities: [Oddities]
  let corrections: [CorrectionsSection]
  let options: [String]
  let standing: String
  let checkCommand: String
  let readCommand: String

  struct Figure {
    let label: String
    let value: String
    let notes: [String]
  }

  struct Table {
    let tableID: String
    let heading: String
    let rows: [Row]
  }

  struct Row {
    let id: String
    let name: String
    let state: String
    let stateName: String
    let availability: String
    let coverage: String
    let bounds: String
    let downtime: String
    let incidents: String
    let strip: String
    let marks: [String]
  }

  struct Detail {
    let id: String
    let kind: String
    let name: String
    let state: String
    let stateName: String
    let availability: String
    let isOpen: Bool
    let marks: [String]
    let figures: [Figure]
    let bars: String
    let barsLabel: String
    let oddDays: [OddDays]
    let incidentTables: [IncidentTable]
    let oddities: [Oddities]
    let sources: [Source]
  }

  /// What was odd about the input; a list of none or one.
  struct Oddities {
    let sentences: [String]

    static func listing(_ sentences: [String]) -> [Oddities] {
      sentences.isEmpty ? [] : [Oddities(sentences: sentences)]
    }
  }

  /// The days that were anything else than up.
  struct OddDays {
    let count: String
    let days: [Day]
  }

  struct Day {
    let date: String
    let availability: String
    let downtime: String
    let coverage: String
    let events: String
  }

  struct IncidentTable {
    let zone: String
    let incidents: [Row]

    struct Row {
      let start: String
      let end: String
      let length: String
      let cause: String
      let ending: String
      let events: String
    }
  }

  struct Source {
    let stream: String
    let command: String
  }
}
