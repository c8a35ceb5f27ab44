internal import Analytics

/// The cells of a report that count what was done, and the sums between them: the actions of the
/// days, of the hours and of the categories are all actions, those of a category's types are the
/// category's, those of a type's topics the type's.
struct AmountCells {
  typealias Cell = Suppression.Cell

  let actions: Cell
  let sessions: Cell
  let previousActions: Cell
  private(set) var days: [Cell] = []
  private(set) var hours: [Cell] = []
  private(set) var sessionBuckets: [Cell] = []
  private(set) var categories: [Cell] = []
  private(set) var types: [Cell] = []
  private(set) var topics: [Cell] = []

  init(_ figures: ActivityFigures, _ plan: inout Suppression) {
    actions = plan.add(Int64(figures.actions), of: figures.actors)
    sessions = plan.add(Int64(figures.sessions.count), of: figures.actors)
    previousActions = plan.add(Int64(figures.previous.actions), of: figures.previous.actors)
    days = figures.days.map { plan.add(Int64($0.actions), of: $0.dau) }
    hours = figures.hours.map { plan.add(Int64($0.actions), of: $0.actors) }
    sessionBuckets = figures.sessions.buckets.map {
      plan.add(Int64($0.sessions), of: $0.actors)
    }
    plan.sum(days, is: actions)
    plan.sum(hours, is: actions)
    plan.sum(sessionBuckets, is: sessions)
    addBreakdown(figures, &plan)
  }

  private mutating func addBreakdown(_ figures: ActivityFigures, _ plan: inout Suppression) {
    func cell(_ row: ActivityBreakdown) -> Cell { plan.add(Int64(row.events), of: row.actors) }
    categories = figures.categories.map(cell)
    types = figures.breakdown.map(cell)
    topics = figures.topics.map(cell)
    plan.sum(categories, is: actions)
    for (row, total) in zip(figures.categories, categories) {
      let parts = figures.breakdown.indices.filter {
        figures.breakdown[$0].category == row.category
      }
      plan.sum(parts.map { types[$0] }, is: total)
    }
    for (row, total) in zip(figures.breakdown, types) {
      let parts = figures.topics.indices.filter {
        figures.topics[$0].category == row.category && figures.topics[$0].type == row.type
      }
      plan.sum(parts.map { topics[$0] }, is: total)
    }
  }
}
