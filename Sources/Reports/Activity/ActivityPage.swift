internal import Analytics
internal import Streams

/// What `activity.mustache` shows: texts only, ready to be placed. As in ``UptimePage``, the names
/// are the template's tags and what may be absent is a list.
struct ActivityPage {
  let style: String
  let title: String
  let period: String
  let headline: String
  let tiles: [Figure]
  let charts: [Chart]
  let dayTables: [DayTable]
  let cohortTables: [CohortTable]
  let breakdowns: [BreakdownTable]
  let actorTables: [ActorTable]
  let options: [String]
  let standing: String
  let checkCommand: String
  let readCommand: String

  struct Figure {
    let label: String
    let value: String
    let notes: [String]
  }

  struct Chart {
    let chartID: String
    let heading: String
    let svg: String
    let legend: [Key]
    let top: String
    let middle: String
    let first: String
    let last: String
    let summary: String

    struct Key {
      let mark: String
      let label: String
    }
  }

  struct DayTable {
    let days: [Day]

    struct Day {
      let date: String
      let counts: [String]
    }
  }

  struct CohortTable {
    let columns: [Int]
    let cohorts: [Cohort]

    struct Cohort {
      let week: String
      let size: String
      let cells: [Cell]
    }

    struct Cell {
      let share: String
      /// 0…1, two digits: how strongly the cell is tinted.
      let tint: String
      let isRunning: Bool
    }
  }

  struct BreakdownTable {
    let tableID: String
    let heading: String
    let hasTopics: Bool
    let rows: [Row]

    struct Row {
      let category: String
      let type: String
      let topic: String
      let events: String
      let people: String
      let bytes: String
      let p50: String
      let p95: String
      let most: String
    }
  }

  struct ActorTable {
    let actors: [Actor]

    struct Actor {
      let actor: String
      let actions: String
    }
  }
}
