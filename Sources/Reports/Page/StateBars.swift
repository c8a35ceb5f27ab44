internal import Analytics
internal import Streams

/// A row of bars, one an hour, day or month: each bar is a column of what it was made of, downtime
/// at the bottom. Shapes only, as SVG; the page's stylesheet and patterns give them their looks.
struct StateBars {
  struct Bar {
    let span: LocalSpan
    var figures: SpanFigures
  }

  /// `hour`, `day` or `month`.
  let noun: String
  let bars: [Bar]
  let words: UptimeWords

  init(_ noun: String, _ spans: [LocalSpan], _ figures: [SpanFigures], words: UptimeWords) {
    self.noun = noun
    bars = zip(spans, figures).map(Bar.init)
    self.words = words
  }

  private static let height = 40
  private static let step = 10
  private static let width = 8
  /// So that one second is still seen; a month has nearly always had some.
  private var smallest: Int { noun == "month" ? 2 : 5 }

  private struct Part {
    var state: ServiceState
    var y: Int
    var height: Int
  }

  /// Bars with a tooltip each, for the details; `label` is what a screen reader says instead.
  func svg(label: String) -> String {
    var out = open(className: "bars", attributes: "role=\"img\"")
    out += "<title>\(HTMLEscape.escape(label))</title>"
    out += "<desc>\(HTMLEscape.escape(summary))</desc>"
    for (index, bar) in bars.enumerated() {
      out += "<g><title>\(HTMLEscape.escape(words.bar(bar)))</title>"
      for part in parts(of: bar.figures.durations) {
        out +=
          "<rect class=\"\(part.state.word)\" x=\"\(index * Self.step)\" y=\"\(part.y)\""
          + " width=\"\(Self.width)\" height=\"\(part.height)\"/>"
      }
      out += "</g>"
    }
    return out + "</svg>"
  }

  /// The same bars without tooltips, one path a state: small enough for a table of many services.
  var strip: String {
    guard !bars.isEmpty else { return "" }
    var paths: [ServiceState: String] = [:]
    for (index, bar) in bars.enumerated() {
      for part in parts(of: bar.figures.durations) {
        paths[part.state, default: ""] +=
          "M\(index * Self.step) \(part.y)h\(Self.width)v\(part.height)h-\(Self.width)z"
      }
    }
    var out = open(className: "strip", attributes: "aria-hidden=\"true\"")
    for state in Self.order {
      guard let path = paths[state] else { continue }
      out += "<path class=\"\(state.word)\" d=\"\(path)\"/>"
    }
    return out + "</svg>"
  }

  /// What the bars show, in words.
  var summary: String {
    let down = bars.count { $0.figures.durations.down > 0 }
    let perfect = bars.count { $0.isUpThroughout }
    let blind = bars.count { $0.figures.durations.unknown > 0 }
    return "\(Wording.count(bars.count, noun)): \(perfect) up throughout, \(down) with downtime, "
      + "\(blind) with unknown time."
  }

  private func open(className: String, attributes: String) -> String {
    let width = max(bars.count * Self.step - (Self.step - Self.width), 1)
    return "<svg class=\"\(className)\" viewBox=\"0 0 \(width) \(Self.height)\""
      + " style=\"max-width:\(bars.count * 40)px\" preserveAspectRatio=\"none\" \(attributes)>"
  }

  /// From the bottom up; good time fills what is left.
  private static let order: [ServiceState] = [.down, .degraded, .unknown, .maintenance, .up]

  private func parts(of durations: StateDurations) -> [Part] {
    guard durations.elapsed > 0 else { return [] }
    var heights = Self.order.map { height(of: durations[$0], in: durations.elapsed) }
    Self.trim(&heights)
    var parts: [Part] = []
    var bottom = Self.height
    for (state, size) in zip(Self.order, heights) where size > 0 {
      bottom -= size
      parts.append(Part(state: state, y: bottom, height: size))
    }
    return parts
  }

  private func height(of part: Int64, in whole: Int64) -> Int {
    part == 0 ? 0 : max(smallest, Int(Int128(part) * Int128(Self.height) / Int128(whole)))
  }

  /// Makes the heights sum up to the bar's, at the cost of the largest part.
  private static func trim(_ heights: inout [Int]) {
    guard let largest = heights.indices.max(by: { heights[$0] < heights[$1] }) else { return }
    heights[largest] += height - heights.reduce(0, +)
  }
}

extension StateBars.Bar {
  /// The state it was in throughout; nil when there were several, or nothing of it has elapsed.
  var onlyState: ServiceState? {
    guard figures.durations.elapsed > 0 else { return nil }
    return ServiceState.allCases.first { figures.durations[$0] == figures.durations.elapsed }
  }

  var isUpThroughout: Bool {
    figures.durations.elapsed > 0 && figures.durations.elapsed == figures.durations.up
  }
}

extension StateDurations {
  subscript(state: ServiceState) -> Int64 {
    switch state {
    case .unknown: unknown
    case .up: up
    case .degraded: degraded
    case .down: down
    case .maintenance: maintenance
    }
  }

  /// Known time over elapsed time, without what is excluded.
  var coverage: Fraction? {
    accounted == 0 ? nil : Fraction(Int128(known), over: Int128(accounted))
  }
}
