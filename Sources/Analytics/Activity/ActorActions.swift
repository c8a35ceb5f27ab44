internal import Streams

/// All counted actions of one actor.
struct ActorActions {
  let actor: Int
  /// By time; never empty.
  let actions: [Action]
  /// The numbers of the listed days with an action, ascending.
  let days: [Int]

  /// The time of the first action ever.
  var firstUs: Int64 { actions[0].timeUs }

  /// The actions with a time in `range`.
  ///
  /// - Complexity: O(log n).
  func actions(in range: Range<Int64>) -> ArraySlice<Action> {
    let lower = actions.partitioningIndex { $0.timeUs >= range.lowerBound }
    let upper = actions.partitioningIndex { $0.timeUs >= range.upperBound }
    return actions[lower..<max(lower, upper)]
  }
}

extension ActivityHistory {
  /// Calls `body` once an actor with all its actions before `endUs`, from whatever streams; actors
  /// without any are left out.
  ///
  /// - Complexity: O(n), and O(m log m) for an actor whose m actions are not in order of time.
  func forEachActor(
    before endUs: Int64, days: [LocalDay], _ body: (ActorActions) -> Void
  ) {
    let calendar = DayIndex(days)
    let order = runs.indices.sorted { (runs[$0].actor, $0) < (runs[$1].actor, $1) }
    var next = 0
    while next < order.count {
      let actor = runs[order[next]].actor
      var actions: [Action] = []
      while next < order.count, runs[order[next]].actor == actor {
        forEachAction(of: runs[order[next]]) { if $0.timeUs < endUs { actions.append($0) } }
        next += 1
      }
      guard !actions.isEmpty else { continue }
      actions.sortByTime()
      body(ActorActions(actor: actor, actions: actions, days: calendar.days(of: actions)))
    }
  }
}

extension [Action] {
  fileprivate mutating func sortByTime() {
    let isSorted = zip(self, dropFirst()).allSatisfy { $0.timeUs <= $1.timeUs }
    if !isSorted { sort { $0.timeUs < $1.timeUs } }
  }
}

/// Finds the local day of an instant.
private struct DayIndex {
  private let days: [LocalDay]

  init(_ days: [LocalDay]) { self.days = days }

  /// The numbers of the days that hold actions, ascending.
  ///
  /// - Parameter actions: by time.
  func days(of actions: [Action]) -> [Int] {
    guard let first = days.first else { return [] }
    var found: [Int] = []
    var at = actions.partitioningIndex { $0.timeUs >= first.start.microseconds }
    while at < actions.count {
      let timeUs = actions[at].timeUs
      let day = days.partitioningIndex { $0.end.microseconds > timeUs }
      guard day < days.count else { break }
      found.append(day)
      let endUs = days[day].end.microseconds
      while at < actions.count, actions[at].timeUs < endUs { at += 1 }
    }
    return found
  }
}
