internal import Analytics
internal import Streams

/// What `uptime.mustache` shows: texts only, ready to be placed.
///
/// Property names are the template's tags. There is no optional among them, because Mustache looks
/// for a missing value in the surrounding section; what may be absent is a list.
struct UptimePage {
  let style: String
  let kicker: String
  let title: String
  let period: String
  let headline: String
  let certainty: [String]
  let sla: [SLA]
  let comparisons: [String]
  let tiles: [Figure]
  let tables: [Table]
  let details: [Detail]
  let detailsNotes: [String]
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

  /// The head of a report on a promise; a list of none or one.
  struct SLA {
    let verdict: String
    let sentence: String
    let counts: String
  }

  struct Table {
    let tableID: String
    let heading: String
    let hasTarget: Bool
    let rows: [Row]
    let rests: [Rest]
  }

  /// Those that have no row with bars: a list of none or one.
  struct Rest {
    let count: String
    let hasTarget: Bool
    let rows: [Row]
    let hidden: [String]
  }

  struct Row {
    /// Where its details are; a list of none or one.
    let links: [String]
    let plainNames: [String]
    let name: String
    let state: String
    let stateName: String
    let availability: String
    let coverage: String
    let bounds: String
    let downtime: String
    let incidents: String
    let verdicts: [String]
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
    let verdicts: [String]
    let barRows: [Bars]
    let comparison: [Comparison]
    let response: [Response]
    let budget: [Budget]
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

  /// A row of bars, and the table behind it.
  struct Bars {
    let svg: String
    let label: String
    let noun: String
    let rows: [BarRow]
  }

  /// One bar, or several in a row that were in one and the same state throughout.
  struct BarRow {
    let name: String
    let availability: String
    let downtime: String
    let coverage: String
    let events: String
  }

  struct IncidentTable {
    let zone: String
    let incidents: [Row]
    let hidden: [String]

    struct Row {
      let anchor: String
      let start: String
      let end: String
      let length: String
      let downtime: String
      let masked: String
      let cause: String
      let ending: String
      let events: String
      /// The command that reads them; a list of none or one.
      let commands: [String]
    }
  }

  struct Source {
    let stream: String
    let command: String
  }
}

/// What the partials of single sections show.
extension UptimePage {
  /// `uptime-comparison.mustache`
  struct Comparison {
    let previousName: String
    let rows: [Row]
    let notes: [String]

    struct Row {
      let label: String
      let now: String
      let before: String
      let change: String
    }
  }

  /// `uptime-response.mustache`
  struct Response {
    let svg: String
    let top: String
    let bottom: String
    let first: String
    let last: String
    let step: String
    let rows: [Row]

    struct Row {
      let name: String
      let p50: String
      let p95: String
      let p99: String
      let max: String
      let count: String
    }
  }

  /// `uptime-budget.mustache`
  struct Budget {
    let svg: String
    let top: String
    let bottom: String
    let first: String
    let last: String
    let step: String
    let sentences: [String]
    let rows: [Row]

    struct Row {
      let name: String
      let used: String
      let left: String
      let leftShare: String
      let coverage: String
    }
  }
}
