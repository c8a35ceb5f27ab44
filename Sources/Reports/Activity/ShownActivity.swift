internal import Analytics
internal import Streams

/// Activity figures with everything taken out that this reader may not see. All forms of the report
/// are written from this one, so that none can show what another hides.
///
/// What is hidden ``Suppression`` decides: counts of fewer than k actors with all that belongs to
/// them, and whatever would give them away by subtraction.
struct ShownActivity {
  let start: Timestamp
  let end: Timestamp
  let asOf: Timestamp
  let isComplete: Bool
  let k: Int
  let actors: ShownCount
  let actions: ShownCount
  let bytes: ShownCount
  let lifecycle: Lifecycle
  let previous: Totals
  let stickiness: ShownShare
  let days: [Day]
  let windows: [Window]
  let cohorts: [Cohort]
  let categories: [Breakdown]
  let breakdown: [Breakdown]
  let topics: [Breakdown]
  let distribution: Distribution
  let sessions: Sessions
  let hours: [Hour]
  /// Empty unless nothing is hidden.
  let topActors: [ActivityFigures.TopActor]

  /// new + returning + resurrected = active; dormant stands beside.
  struct Lifecycle {
    let new: ShownCount
    let returning: ShownCount
    let resurrected: ShownCount
    let dormant: ShownCount
  }

  struct Totals {
    let start: Timestamp
    let end: Timestamp
    let actors: ShownCount
    let actions: ShownCount
    let bytes: ShownCount
    let sessions: ShownCount
  }

  struct Day {
    let date: CivilDate
    let isComplete: Bool
    let actions: ShownCount
    let dau: ShownCount
    let wau: ShownCount
    let mau: ShownCount
    let lifecycle: Lifecycle
    let stickiness: ShownShare
  }

  struct Window {
    let length: Int
    let first: CivilDate
    let last: CivilDate
    let isComplete: Bool
    let active: ShownCount
    let lifecycle: Lifecycle
  }

  struct Cohort {
    let week: CivilDate
    let size: ShownCount
    let weeks: [Week]

    struct Week {
      let active: ShownCount
      let isComplete: Bool
      /// active / size.
      let share: ShownShare
    }
  }

  struct Breakdown {
    let category: String
    let type: String?
    let topic: String?
    let events: ShownCount
    let actors: ShownCount
    let bytes: ShownCount
    let perActorP50: ShownCount
    let perActorP95: ShownCount
    let perActorMax: ShownCount
  }

  struct Distribution {
    /// Nil where nobody was active.
    let p50: ShownCount?
    let p95: ShownCount?
    let max: ShownCount?
    let buckets: [Bucket]

    struct Bucket {
      let from: Int
      let to: Int
      let actors: ShownCount
    }
  }

  struct Sessions {
    let count: ShownCount
    /// Seconds; nil where there is no session.
    let lengthP50: ShownCount?
    let lengthP95: ShownCount?
    let buckets: [Bucket]

    struct Bucket {
      let fromSeconds: Int64
      let toSeconds: Int64?
      let sessions: ShownCount
      let actors: ShownCount
    }
  }

  struct Hour {
    let weekday: Int
    let hour: Int
    /// Nil where there was no such hour.
    let actions: ShownCount?
    let actors: ShownCount?
    let elapsedSeconds: Int64
    let actionsPerHour: ShownShare
  }
}
