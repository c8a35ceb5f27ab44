internal import Analytics
internal import Streams

/// The cells of a report that count actors, and the sums between them.
///
/// Ranges are of the report's days, numbered from 0; what began before it has negative numbers. The
/// same range is the same cell, in whatever table it stands.
struct PeopleCells {
  typealias Cell = Suppression.Cell

  struct Lifecycle {
    let new: Cell
    let returning: Cell
    let resurrected: Cell
    let dormant: Cell
  }

  let period: Range<Int>
  private(set) var active: [Range<Int>: Cell] = [:]
  private(set) var lifecycles: [Range<Int>: Lifecycle] = [:]
  /// By cohort, then week; the first is the size.
  private(set) var cohorts: [[Cell]] = []
  private(set) var buckets: [Cell] = []

  init(_ figures: ActivityFigures, _ plan: inout Suppression) {
    period = 0..<max(figures.days.count, 1)
    addActive(figures, &plan)
    addLifecycles(figures, &plan)
    addSums(&plan)
    addCohorts(figures, &plan)
    buckets = figures.distribution.buckets.map { plan.add(actors: $0.actors) }
    if let all = active[period] { plan.sum(buckets, is: all) }
  }

  /// The period that a window makes.
  static func range(endingWith day: Int, length: Int) -> Range<Int> { day - length + 1..<day + 1 }

  var previous: Range<Int> { Self.previous(of: period) }

  private static func previous(of range: Range<Int>) -> Range<Int> {
    range.lowerBound - range.count..<range.lowerBound
  }

  private mutating func addActive(_ figures: ActivityFigures, _ plan: inout Suppression) {
    active[period] = plan.add(actors: figures.actors)
    active[previous] = plan.add(actors: figures.previous.actors)
    for (number, day) in figures.days.enumerated() {
      for (length, count) in [(1, day.dau), (7, day.wau), (28, day.mau)] {
        let range = Self.range(endingWith: number, length: length)
        if active[range] == nil { active[range] = plan.add(actors: count) }
      }
    }
  }

  private mutating func addLifecycles(_ figures: ActivityFigures, _ plan: inout Suppression) {
    add(
      period, figures.new, figures.returning, figures.resurrected, figures.dormant, &plan)
    for (number, day) in figures.days.enumerated() {
      add(number..<number + 1, day.new, day.returning, day.resurrected, day.dormant, &plan)
    }
    for window in figures.windows {
      guard let last = figures.days.lastIndex(where: { $0.date == window.last }) else { continue }
      add(
        Self.range(endingWith: last, length: window.length), window.new, window.returning,
        window.resurrected, window.dormant, &plan)
    }
  }

  private mutating func add(
    _ range: Range<Int>, _ new: Int, _ returning: Int, _ resurrected: Int, _ dormant: Int,
    _ plan: inout Suppression
  ) {
    guard lifecycles[range] == nil else { return }
    lifecycles[range] = Lifecycle(
      new: plan.add(actors: new), returning: plan.add(actors: returning),
      resurrected: plan.add(actors: resurrected), dormant: plan.add(actors: dormant))
  }

  /// The active are the new, the returning and the resurrected; those of the period before return or
  /// are dormant; the new of a period are those of its days.
  private func addSums(_ plan: inout Suppression) {
    for (range, cells) in lifecycles.sorted(by: { $0.key.isBefore($1.key) }) {
      if let all = active[range] {
        plan.sum([cells.new, cells.returning, cells.resurrected], is: all)
      }
      if let before = active[Self.previous(of: range)] {
        plan.sum([cells.returning, cells.dormant], is: before)
      }
      let days = range.compactMap { lifecycles[$0..<$0 + 1]?.new }
      if range.count > 1, days.count == range.count { plan.sum(days, is: cells.new) }
    }
  }

  private mutating func addCohorts(_ figures: ActivityFigures, _ plan: inout Suppression) {
    cohorts = figures.cohorts.map { cohort in
      [plan.add(actors: cohort.size)]
        + cohort.weeks.dropFirst().map { plan.add(actors: $0.active) }
    }
    for (number, cohort) in figures.cohorts.enumerated() {
      let days = figures.days.indices.filter {
        (0..<7).contains(figures.days[$0].date.utcDay - cohort.week.utcDay)
      }
      guard let first = days.first, let last = days.last,
        figures.days[first].date == cohort.week
      else { continue }
      plan.sum(days.compactMap { lifecycles[$0..<$0 + 1]?.new }, is: cohorts[number][0])
      guard let active = active[first..<last + 1] else { continue }
      addDiagonal(upTo: number, active, figures, &plan)
    }
  }

  /// Where every actor of a week is in a listed cohort, these add up to the active.
  private func addDiagonal(
    upTo week: Int, _ active: Cell, _ figures: ActivityFigures, _ plan: inout Suppression
  ) {
    let listed = (0...week).filter { figures.cohorts[$0].weeks.indices.contains(week - $0) }
    let actors = listed.reduce(0) { $0 + figures.cohorts[$1].weeks[week - $1].active }
    guard plan.actors(behind: active) == actors else { return }
    plan.sum(listed.map { cohorts[$0][week - $0] }, is: active)
  }
}

extension Range<Int> {
  fileprivate func isBefore(_ other: Range<Int>) -> Bool {
    (lowerBound, upperBound) < (other.lowerBound, other.upperBound)
  }
}
