internal import Analytics
internal import Streams

extension ActivityPage {
  static func charts(_ words: ActivityWords) -> [Chart] {
    guard !words.shown.days.isEmpty else { return [] }
    return [activeChart(words), growthChart(words), stickinessChart(words)]
  }

  private static func activeChart(_ words: ActivityWords) -> Chart {
    let days = words.shown.days
    let last = days[days.count - 1]
    let chart = SeriesChart(
      bars: [.init(name: "dau", values: days.map(\.dau.value))],
      lines: [
        .init(name: "wau", values: days.map(\.wau.value)),
        .init(name: "mau", values: days.map(\.mau.value)),
      ])
    return Chart(
      chart, id: "active", heading: "How many are active?", dates: days.map(\.date),
      legend: [
        .init(mark: "dau", label: "in the day"),
        .init(mark: "wau", label: "in the 7 days that end with it"),
        .init(mark: "mau", label: "in the 28 days that end with it"),
      ],
      summary: "On \(words.date(last.date, last.isComplete)): \(words.count(last.dau)) in the day, "
        + "\(words.count(last.wau)) in 7 days, \(words.count(last.mau)) in 28 days.",
      table: Table(
        ActivitySection.days(words, atMost: .max), id: "days", caption: "Activity by local day"))
  }

  /// Weeks where there are some: days go up and down with the weekend.
  private static func growthChart(_ words: ActivityWords) -> Chart {
    let weeks = words.shown.windows.filter { $0.length == 7 }
    let table = Table(
      ActivitySection.windows(words), id: "windows",
      caption: "7 and 28 days that end with the last day, and those before")
    if weeks.count > 1 {
      return lifecycleChart(
        words, weeks.map(\.lifecycle), dates: weeks.map(\.last), unit: "the 7 days to",
        before: "the 7 days before", table: table)
    }
    return lifecycleChart(
      words, words.shown.days.map(\.lifecycle), dates: words.shown.days.map(\.date), unit: "",
      before: "the day before", table: table)
  }

  private static func lifecycleChart(
    _ words: ActivityWords, _ lifecycles: [ShownActivity.Lifecycle], dates: [CivilDate],
    unit: String, before: String, table: Table
  ) -> Chart {
    let chart = SeriesChart(
      bars: [
        .init(name: "returning", values: lifecycles.map(\.returning.value)),
        .init(name: "resurrected", values: lifecycles.map(\.resurrected.value)),
        .init(name: "new", values: lifecycles.map(\.new.value)),
      ],
      lines: [.init(name: "dormant", values: lifecycles.map(\.dormant.value))])
    let last = lifecycles[lifecycles.count - 1]
    let counts = zip(["new", "returning", "resurrected", "dormant"], last.counts).map {
      "\(words.count($1)) \($0)"
    }
    return Chart(
      chart, id: "growth", heading: "Is it growing?", dates: dates,
      legend: [
        .init(mark: "returning", label: "returning"),
        .init(mark: "resurrected", label: "resurrected"),
        .init(mark: "new", label: "new"),
        .init(mark: "dormant", label: "dormant: active in \(before), not any more"),
      ],
      summary: "In \(unit.isEmpty ? "" : unit + " ")\(dates[dates.count - 1]): "
        + counts.joined(separator: ", ") + ".",
      table: table)
  }

  private static func stickinessChart(_ words: ActivityWords) -> Chart {
    let days = words.shown.days
    let tenths = days.map { day in
      day.stickiness.value.map { Int64($0.numerator * 1000 / $0.denominator) }
    }
    let chart = SeriesChart(bars: [], lines: [.init(name: "wau", values: tenths)])
    let last = days[days.count - 1]
    return Chart(
      chart, id: "stickiness", heading: "How often do they come?", dates: days.map(\.date),
      legend: [.init(mark: "wau", label: "stickiness: daily over monthly active people")],
      summary: "On \(words.date(last.date, last.isComplete)): \(words.percent(last.stickiness)).",
      table: nil
    ) { Fraction(Int128($0), over: 10).shortest(decimals: 1) + "\u{A0}%" }
  }
}

extension ActivityPage.Chart {
  /// - Parameters:
  ///   - table: nil where another chart has it.
  ///   - text: of a number at the axis.
  fileprivate init(
    _ chart: SeriesChart, id: String, heading: String, dates: [CivilDate], legend: [Key],
    summary: String, table: ActivityPage.Table?,
    text: (Int64) -> String = { Wording.grouped($0) }
  ) {
    chartID = id
    self.heading = heading
    svg = chart.svg(label: heading, summary: summary)
    self.legend = legend
    top = text(chart.top)
    middle = chart.top % 2 == 0 ? text(chart.top / 2) : ""
    zero = text(0)
    first = dates.first?.description ?? ""
    last = dates.count > 1 ? dates.last?.description ?? "" : ""
    let isPartial = (chart.bars + chart.lines).contains { $0.values.contains(nil) }
    self.summary = isPartial ? summary + " Hidden counts are not drawn." : summary
    tables = table.map { [$0] } ?? []
  }
}
