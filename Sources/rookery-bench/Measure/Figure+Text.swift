internal import Foundation

extension Figure {
  var text: String {
    var lines = ["\(isMet ? "ok    " : "MISSED") \(name)"]
    lines.append(line(ours))
    if let peer { lines.append(line(peer)) }
    if let missing { lines.append("         peer missing: \(missing)") }
    if let ratio {
      lines.append("         ratio \(Self.number(ratio))\(kind == .time ? " times faster" : "")")
    }
    lines.append("         aim   \(aimText)")
    lines += notes.map { "         \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  var aimText: String {
    switch aim {
    case .ratioAtLeast(let least): "ratio at least \(Self.number(least))"
    case .ratioAtMost(let most): "ratio at most \(Self.number(most))"
    case .valueAtMost(let most): "at most \(Self.number(most)) \(unit)"
    case .none: "none"
    }
  }

  private func line(_ side: Side) -> String {
    let all = side.values.map(Self.number).joined(separator: ", ")
    let runs = side.values.count > 1 ? "   (\(all))" : ""
    return "         \(Self.number(side.median)) \(unit)  \(side.label)\(runs)"
  }

  /// Four digits, more for large numbers.
  static func number(_ value: Double) -> String {
    let digits =
      switch abs(value) {
      case 1000...: 0
      case 100...: 1
      case 10...: 2
      default: 3
      }
    return String(format: "%.\(digits)f", value)
  }
}
