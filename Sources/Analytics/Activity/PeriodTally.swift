internal import Streams

/// Counts the actors of the period against those of the one before.
struct PeriodTally {
  private let options: ActivityOptions
  private var figures: ActivityFigures
  private var previousSessions: SessionTally
  private var actionsOfActors: [(actor: Int, actions: Int)] = []

  init(_ options: ActivityOptions) {
    self.options = options
    figures = ActivityFigures(
      start: options.start, end: options.end, asOf: options.asOf,
      previousStart: Timestamp(microseconds: options.previousUs.lowerBound))
    previousSessions = SessionTally(gapSeconds: options.sessionGapSeconds)
  }

  mutating func take(_ actor: ActorActions, _ actions: ArraySlice<Action>) {
    let before = actor.actions(in: options.previousUs)
    takePrevious(before)
    guard !actions.isEmpty else {
      if !before.isEmpty { figures.dormant += 1 }
      return
    }
    figures.actors += 1
    figures.actions += actions.count
    figures.bytes += actions.bytes
    if actor.firstUs >= options.start.microseconds {
      figures.new += 1
    } else if !before.isEmpty {
      figures.returning += 1
    } else {
      figures.resurrected += 1
    }
    actionsOfActors.append((actor.actor, actions.count))
  }

  private mutating func takePrevious(_ actions: ArraySlice<Action>) {
    guard !actions.isEmpty else { return }
    figures.previous.actors += 1
    figures.previous.actions += actions.count
    figures.previous.bytes += actions.bytes
    previousSessions.take(actions)
  }

  func figures(of actors: Interner) -> ActivityFigures {
    var figures = figures
    figures.previous.sessions = previousSessions.count
    figures.distribution = ActorDistribution(actionsOfActors.map(\.actions))
    figures.topActors =
      actionsOfActors
      .sorted { ($1.actions, actors[$0.actor]) < ($0.actions, actors[$1.actor]) }
      .prefix(max(0, options.topActors))
      .map { ActivityFigures.TopActor(actor: actors[$0.actor], actions: $0.actions) }
    return figures
  }
}

extension ArraySlice<Action> {
  fileprivate var bytes: Int64 { reduce(0) { $0 + Int64($1.bytes) } }
}
