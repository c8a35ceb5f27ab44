internal import Streams

extension ActivityPage {
  static func charts(_ words: ActivityWords) -> [Chart] {
    guard !words.shown.days.isEmpty else { return [] }
    return [activeChart(words), lifecycleChart(words)]
  }

  private static func activeChart(_ words: ActivityWords) -> Chart {
    let days = words.shown.days
    let chart = SeriesChart(
      bars: [.init(name: "dau", values: days.map(\.dau.value))],
      lines: [
        .init(name: "wau", values: days.map(\.wau.value)),
        .init(name: "mau", values: days.map(\.mau.value)),
      ])
    let last = days[days.count - 1]
    return Chart(
      chart, id: "active", heading: "Active people, day by day", days: days,
      legend: [
        .init(mark: "dau", label: "in the day"),
        .init(mark: "wau", label: "in the 7 days that end with it"),
        .init(mark: "mau", label: "in the 28 days that end with it"),
      ],
      summary: "On \(last.date): \(words.count(last.dau)) in the day, \(words.count(last.wau)) in "
        + "7 days, \(words.count(last.mau)) in 28 days.")
  }

  private static func lifecycleChart(_ words: ActivityWords) -> Chart {
    let days = words.shown.days
    let chart = SeriesChart(
      bars: [
        .init(name: "returning", values: days.map(\.lifecycle.returning.value)),
        .init(name: "resurrected", values: days.map(\.lifecycle.resurrected.value)),
        .init(name: "new", values: days.map(\.lifecycle.new.value)),
      ],
      lines: [.init(name: "dormant", values: days.map(\.lifecycle.dormant.value))])
    let last = days[days.count - 1]
    return Chart(
      chart, id: "lifecycle", heading: "Who they were", days: days,
      legend: [
        .init(mark: "returning", label: "returning"),
        .init(mark: "resurrected", label: "resurrected"),
        .init(mark: "new", label: "new"),
        .init(mark: "dormant", label: "dormant: active the day before, not in this one"),
      ],
      summary: "On \(last.date): \(words.count(last.lifecycle.new)) new, "
        + "\(words.count(last.lifecycle.returning)) returning, "
        + "\(words.count(last.lifecycle.resurrected)) resurrected, "
        + "\(words.count(last.lifecycle.dormant)) dormant.")
  }
}

extension ActivityPage.Chart {
  fileprivate init(
    _ chart: SeriesChart, id: String, heading: String, days: [ShownActivity.Day], legend: [Key],
    summary: String
  ) {
    chartID = id
    self.heading = heading
    svg = chart.svg(label: heading, summary: summary)
    self.legend = legend
    top = Wording.grouped(chart.top)
    middle = chart.top % 2 == 0 ? Wording.grouped(chart.top / 2) : ""
    first = days.first?.date.description ?? ""
    last = days.count > 1 ? days.last?.date.description ?? "" : ""
    let isPartial = (chart.bars + chart.lines).contains { $0.values.contains(nil) }
    self.summary = isPartial ? summary + " Hidden counts are not drawn." : summary
  }
}
