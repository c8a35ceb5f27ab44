internal import Analytics
internal import Streams

/// What `activity.mustache` shows: texts only, ready to be placed. As in ``UptimePage``, the names
/// are the template's tags and what may be absent is a list.
struct ActivityPage {
  let style: String
  let title: String
  let period: String
  let headline: String
  let trends: [String]
  let tiles: [Figure]
  let charts: [Chart]
  let cohortTables: [CohortTable]
  let breakdowns: [Table]
  let amounts: [Table]
  let hourMaps: [HourMap]
  let actorTables: [Table]
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
    let zero: String
    let first: String
    let last: String
    let summary: String
    /// The numbers behind it, unless another chart has them.
    let tables: [Table]

    struct Key {
      let mark: String
      let label: String
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

  struct HourMap {
    let svg: String
    let summary: String
    let weekdays: [String]
    let table: Table
  }

  /// A table whose first column heads its rows.
  struct Table {
    let tableID: String
    let heading: String
    let caption: String
    let columns: [Column]
    let rows: [Row]

    struct Column {
      let text: String
      let isNumber: Bool
    }

    struct Row {
      let head: String
      let cells: [Cell]
    }

    struct Cell {
      let text: String
      let isNumber: Bool
      /// 0…1: the length of a bar behind the number.
      let bars: [String]
    }
  }
}
