/// How the states of a group's members make the state of the group.
public enum GroupRule: String, CaseIterable, Sendable {
  /// All are needed: down if any is down, else unknown if any is, else degraded, else up.
  case worst
  /// One suffices: up if any is up, else unknown, else degraded, else down.
  case best

  /// The states in which one member decides, strongest first.
  fileprivate var precedence: [ServiceState] {
    switch self {
    case .worst: [.down, .unknown, .degraded, .up]
    case .best: [.up, .unknown, .degraded, .down]
    }
  }
}

extension StateTimeline {
  /// The timelines of `members` combined at each instant, members in maintenance left out; with all
  /// in maintenance so is the group. A group without members is unknown.
  ///
  /// What is beneath the windows is combined by the same rule, so that the group's masked down time
  /// is the time in which it would have been down, had there been no window, and now is not. Members
  /// whose time is excluded are left out as well; with all of them excluded so is the group.
  ///
  /// - Complexity: O(n log n) in the spans of all members.
  init(combining members: [StateTimeline], by rule: GroupRule, horizonMs: Int64) {
    self.init(horizonMs: horizonMs)
    var changes: [MemberChange] = []
    for (member, timeline) in members.enumerated() {
      changes += timeline.spans.map { MemberChange(member: member, to: $0) }
    }
    changes.sort { $0.startMs < $1.startMs }
    var shown = StateTally(members: members.count)
    var beneath = StateTally(members: members.count)
    for (index, change) in changes.enumerated() {
      shown.set(change.member, to: change.state, isExcluded: change.isExcluded)
      beneath.set(change.member, to: change.beneath, isExcluded: change.isExcluded)
      let isLastOfInstant =
        index + 1 == changes.count || changes[index + 1].startMs > change.startMs
      guard isLastOfInstant else { continue }
      append(
        Span(
          startMs: change.startMs, fact: -1, state: shown.combined(by: rule),
          beneath: beneath.combined(by: rule), isExcluded: shown.areAllExcluded))
    }
  }
}

private struct MemberChange {
  let startMs: Int64
  let member: Int
  let state: ServiceState
  let beneath: ServiceState
  let isExcluded: Bool

  init(member: Int, to span: StateTimeline.Span) {
    startMs = span.startMs
    self.member = member
    state = span.state
    beneath = span.beneath
    isExcluded = span.isExcluded
  }
}

/// How many members are in each state now; those that are excluded are in none.
private struct StateTally {
  private var states: [ServiceState?]
  private var counts = Array(repeating: 0, count: ServiceState.allCases.count)
  private var excluded = 0

  init(members: Int) {
    states = Array(repeating: .unknown, count: members)
    counts[Int(ServiceState.unknown.rawValue)] = members
  }

  var areAllExcluded: Bool { !states.isEmpty && excluded == states.count }

  mutating func set(_ member: Int, to state: ServiceState, isExcluded: Bool) {
    count(states[member], by: -1)
    states[member] = isExcluded ? nil : state
    count(states[member], by: 1)
  }

  private mutating func count(_ state: ServiceState?, by step: Int) {
    if let state { counts[Int(state.rawValue)] += step } else { excluded += step }
  }

  func combined(by rule: GroupRule) -> ServiceState {
    let deciding = rule.precedence.first { counts[Int($0.rawValue)] > 0 }
    return deciding ?? (states.isEmpty ? .unknown : .maintenance)
  }
}
