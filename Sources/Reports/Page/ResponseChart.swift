internal import Analytics
internal import Foundation

/// Percentiles of response times as lines over steps of time, on a logarithmic scale: a slow maximum
/// must not flatten the median. Drawn to fill its box; words and numbers stand around it as HTML.
///
/// A step without a sample is a gap.
struct ResponseChart {
  let steps: [LatencyFigures?]
  /// Powers of ten of a millisecond at the lower and the upper edge.
  private let low: Int
  private let high: Int

  private static let height = 100.0
  private static let step = 10
  private static let mostDecades = 9

  init(_ steps: [LatencyFigures?]) {
    self.steps = steps
    let found = steps.compactMap(\.self)
    let least = found.map(\.p50).filter { $0 > 0 }.min() ?? 1
    let most = max(found.map(\.max).max() ?? 1, least)
    high = Int(log10(min(most, 1e9)).rounded(.up))
    low = max(min(Int(log10(least).rounded(.down)), high - 1), high - Self.mostDecades)
  }

  var top: String { Wording.milliseconds(pow(10, Double(high))) }
  var bottom: String { Wording.milliseconds(pow(10, Double(low))) }

  func svg(label: String, summary: String) -> String {
    let width = max(steps.count, 1) * Self.step
    var out =
      "<svg class=\"chart\" viewBox=\"0 0 \(width) \(Int(Self.height))\""
      + " preserveAspectRatio=\"none\" role=\"img\"><title>\(HTMLEscape.escape(label))</title>"
      + "<desc>\(HTMLEscape.escape(summary))</desc><path class=\"grid\" d=\""
    for decade in (low + 1)...high { out += "M0 \(y(pow(10, Double(decade))))h\(width)" }
    out += "\"/>"
    for (name, value) in Self.lines {
      out += "<path class=\"line \(name)\" d=\"\(path(value))\"/>"
    }
    return out + "</svg>"
  }

  private static let lines: [(String, @Sendable (LatencyFigures) -> Double)] = [
    ("max", { $0.max }), ("p99", { $0.p99 }), ("p95", { $0.p95 }), ("p50", { $0.p50 }),
  ]

  private func path(_ value: (LatencyFigures) -> Double) -> String {
    var out = ""
    var isDrawing = false
    for (index, figures) in steps.enumerated() {
      guard let figures else {
        isDrawing = false
        continue
      }
      // The short stroke makes a point without neighbours visible.
      let x = index * Self.step + Self.step / 2
      out += "\(isDrawing ? "L" : "M")\(x) \(y(value(figures)))h.01"
      isDrawing = true
    }
    return out
  }

  /// A tenth of a unit is a tenth of what a screen shows.
  private func y(_ milliseconds: Double) -> String {
    let decades = log10(max(milliseconds, pow(10, Double(low)))) - Double(low)
    let tenths = Int((Self.height * (1 - decades / Double(high - low)) * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
  }
}
