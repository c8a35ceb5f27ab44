internal import Analytics
internal import Streams

extension UptimeEntry {
  var hourBars: StateBars { bars("hour", \.hours, \.hours) }
  var dayBars: StateBars { bars("day", \.days, \.days) }
  var monthBars: StateBars { bars("month", \.months, \.months) }

  private func bars(
    _ noun: String, _ spans: (UptimeViews) -> [LocalSpan],
    _ figures: (UptimeViewFigures) -> [SpanFigures]
  ) -> StateBars {
    StateBars(
      noun, spans(words.report.options.views), figures(self.figures.views), words: words)
  }

  var barRows: [UptimePage.Bars] {
    [hourBars, dayBars, monthBars].filter { !$0.bars.isEmpty }.map { bars in
      UptimePage.Bars(
        svg: bars.svg(label: "Each \(bars.noun) of \(figures.service)"), label: label(bars),
        noun: bars.noun, rows: rows(bars))
    }
  }

  private func label(_ bars: StateBars) -> String {
    guard let first = bars.bars.first?.span.name, let last = bars.bars.last?.span.name else {
      return ""
    }
    return "\(first == last ? first : "\(first) to \(last)"). \(bars.summary)"
  }

  /// A row for each bar; those in a row that were in one and the same state throughout share one.
  private func rows(_ bars: StateBars) -> [UptimePage.BarRow] {
    var rows: [UptimePage.BarRow] = []
    var run: [StateBars.Bar] = []
    for bar in bars.bars {
      if let last = run.last, bar.onlyState == nil || bar.onlyState != last.onlyState {
        rows += row(of: run)
        run = []
      }
      run.append(bar)
    }
    return rows + row(of: run)
  }

  private func row(of run: [StateBars.Bar]) -> [UptimePage.BarRow] {
    guard let first = run.first, let last = run.last else { return [] }
    var all = first
    all.figures.durations = run.dropFirst().reduce(first.figures.durations) {
      $0.adding($1.figures.durations)
    }
    let known = run.compactMap(\.figures.revisions)
    if let lower = known.map(\.lowerBound).min(), let upper = known.map(\.upperBound).max() {
      all.figures.revisions = lower...upper
    }
    let name = run.count == 1 ? first.span.name : "\(first.span.name) to \(last.span.name)"
    return [row(of: all, named: name)]
  }

  private func row(of bar: StateBars.Bar, named name: String) -> UptimePage.BarRow {
    let durations = bar.figures.durations
    let weight = words.report.options.degradedWeight
    return UptimePage.BarRow(
      name: name,
      availability: durations.elapsed == 0
        ? "not yet" : words.percent(durations.availability(degradedWeight: weight)),
      downtime: Wording.duration(milliseconds: durations.down),
      coverage: words.percent(durations.coverage),
      events: words.revisions(bar.figures.revisions) ?? "none")
  }
}

extension StateDurations {
  fileprivate func adding(_ other: StateDurations) -> StateDurations {
    var sum = self
    sum.up += other.up
    sum.degraded += other.degraded
    sum.down += other.down
    sum.maintenance += other.maintenance
    sum.unknown += other.unknown
    sum.excluded += other.excluded
    return sum
  }
}
