import Analytics
import Streams

extension Samples {
  /// `figures` with bars and steps that say the same: its days as far as there are any, and all else
  /// in the last month and the first step.
  static func viewed(_ figures: UptimeFigures, _ options: UptimeOptions) -> UptimeFigures {
    var figures = figures
    let spanFigures = { (durations: StateDurations) in
      SpanFigures(durations: durations, incidentsStarted: figures.counts.started)
    }
    let days = Dictionary(figures.days.map { ($0.date.description, $0) }) { $1 }
    figures.views.days = options.views.days.map { span in
      var day = spanFigures(days[span.name]?.durations ?? StateDurations())
      day.revisions = days[span.name]?.revisions
      return day
    }
    figures.views.months = options.views.months.map { _ in spanFigures(StateDurations()) }
    figures.views.months[11] = spanFigures(figures.durations)
    figures.views.steps = options.views.steps.map { _ in spanFigures(StateDurations()) }
    figures.views.steps[0] = spanFigures(figures.durations)
    figures.views.hours = figures.views.steps
    figures.views.stepLatency = options.views.steps.map { _ in nil }
    figures.views.stepLatency[0] = figures.latency
    figures.views.burnDown = figures.errorBudget.map { budget in
      BurnDown(
        allowance: budget.budget, consumed: options.views.steps.map { _ in budget.consumed },
        exhaustedAt: options.start.adding(seconds: 21_686))
    }
    figures.views.previous = options.views.previous.map { previous(figures, $0) }
    return figures
  }

  private static func previous(
    _ figures: UptimeFigures, _ period: Range<Timestamp>
  ) -> PreviousFigures {
    var durations = StateDurations()
    durations.up = 86_100_000
    durations.down = 300_000
    var previous = PreviousFigures(
      start: period.lowerBound, end: period.upperBound, durations: durations)
    previous.availability = Fraction(861, over: 864)
    previous.coverage = .one
    previous.counts.touching = 2
    previous.mttr = Fraction(150)
    return previous
  }
}
