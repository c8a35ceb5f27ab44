/// Daily counts as bars and lines, drawn to fill whatever box the page gives it. Words and numbers
/// stand around it as HTML, so that they keep their size on a phone.
///
/// A hidden count is a gap.
struct SeriesChart {
  struct Series {
    /// Also the CSS class.
    let name: String
    let values: [Int64?]
  }

  /// Stacked upon each other, the first at the bottom.
  let bars: [Series]
  let lines: [Series]
  /// The value at the upper edge: 1, 2 or 5 times a power of ten.
  let top: Int64
  /// Of days, or whatever stands side by side.
  private let count: Int

  private static let height = 100
  private static let step = 10

  init(bars: [Series], lines: [Series]) {
    self.bars = bars
    self.lines = lines
    count = (bars + lines).map(\.values.count).max() ?? 0
    let stacked = (0..<count).map { day in
      bars.reduce(Int64(0)) { $0 + ($1.values[day] ?? 0) }
    }
    let highest = (stacked + lines.flatMap { $0.values.compactMap { $0 } }).max() ?? 0
    top = Self.roundedUp(max(highest, 1))
  }

  func svg(label: String, summary: String) -> String {
    var out =
      "<svg class=\"chart\" viewBox=\"0 0 \(max(count, 1) * Self.step) \(Self.height)\""
      + " preserveAspectRatio=\"none\" role=\"img\"><title>\(HTMLEscape.escape(label))</title>"
      + "<desc>\(HTMLEscape.escape(summary))</desc>"
    out += "<path class=\"grid\" d=\"M0 0h\(count * Self.step)M0 50h\(count * Self.step)\"/>"
    out += stackedBars
    for line in lines {
      out += "<path class=\"line \(line.name)\" d=\"\(path(line.values))\"/>"
    }
    return out + "</svg>"
  }

  private var stackedBars: String {
    var below = Array(repeating: Int64(0), count: count)
    var out = ""
    for series in bars {
      var path = ""
      for (day, value) in series.values.enumerated() {
        guard let value, value > 0 else { continue }
        let bottom = y(below[day])
        below[day] += value
        path += "M\(day * Self.step + 1) \(bottom)V\(y(below[day]))h8V\(bottom)z"
      }
      if !path.isEmpty { out += "<path class=\"\(series.name)\" d=\"\(path)\"/>" }
    }
    return out
  }

  private func path(_ values: [Int64?]) -> String {
    var out = ""
    var isDrawing = false
    for (day, value) in values.enumerated() {
      guard let value else {
        isDrawing = false
        continue
      }
      // The short stroke makes a point without neighbours visible.
      out += "\(isDrawing ? "L" : "M")\(day * Self.step + 5) \(y(value))h.01"
      isDrawing = true
    }
    return out
  }

  /// Two digits after the point are a hundredth of what a screen shows.
  private func y(_ value: Int64) -> String {
    let hundredths = Int64(Self.height) * 100 - value * Int64(Self.height) * 100 / top
    let fraction = hundredths % 100
    return fraction == 0
      ? String(hundredths / 100) : "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }

  private static func roundedUp(_ value: Int64) -> Int64 {
    var power: Int64 = 1
    while power * 10 <= value { power *= 10 }
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= value } ?? value
  }
}
