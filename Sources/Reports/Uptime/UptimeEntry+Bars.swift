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

  /// A row for each bar; those in a row that were up throughout share one.
  private func rows(_ bars: StateBars) -> [UptimePage.BarRow] {
    var rows: [UptimePage.BarRow] = []
    var run: [StateBars.Bar] = []
    for bar in bars.bars {
      if bar.isUpThroughout {
        run.append(bar)
        continue
      }
      rows += row(of: run) + [row(of: bar, named: bar.span.name)]
      run = []
    }
    return rows + row(of: run)
  }

  private func row(of run: [StateBars.Bar]) -> [UptimePage.BarRow] {
    guard let first = run.first, let last = run.last else { return [] }
    var all = first
    for bar in run.dropFirst() { all.figures.durations.up += bar.figures.durations.up }
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
