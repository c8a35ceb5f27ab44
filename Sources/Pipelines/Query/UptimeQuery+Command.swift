internal import Analytics
internal import Reports
internal import Streams

extension UptimeQuery {
  /// The command that gives the same figures as data: same instants, same knowledge, same choices.
  ///
  /// - Parameter position: what the report was made at; nil for a file of facts.
  func command(_ options: UptimeOptions, position: Position?) -> String {
    var words = ["rookery report uptime"]
    words += ["--start \(options.start.rfc3339)", "--end \(options.end.rfc3339)"]
    words += ["--as-of \(options.asOf.rfc3339)", "--tz \(timezone)"]
    if let service { words.append("--service \(ShellWord.quote(service))") }
    for group in groups {
      words.append("--group \(ShellWord.quote(group.text))")
    }
    if degradedWeight != .zero {
      words.append("--degraded-weight \(degradedWeight.shortest(decimals: 9))")
    }
    if let sloTarget {
      words.append("--slo-target \((sloTarget * Fraction(100)).shortest(decimals: 9))")
    }
    let numbers: [(String, Int64?, Int64?)] = [
      ("stale-after-seconds", staleAfterSeconds, nil), ("merge-gap-seconds", mergeGapSeconds, 0),
      ("min-incident-seconds", minIncidentSeconds, 0), ("skew-seconds", skewSeconds, 300),
      ("decimals", Int64(decimals), 3), ("through-position", position?.rawValue, nil),
    ]
    for (name, value, standard) in numbers where value != standard {
      words.append("--\(name) \(value ?? 0)")
    }
    if !maintenance.isEmpty { words.append("--options FILE") }
    return (words + ["--format json"]).joined(separator: " ")
  }
}

extension UptimeQuery.Group {
  /// As ``init(_:)`` reads it.
  fileprivate var text: String { "\(name)=\(members.joined(separator: ",")):\(rule.rawValue)" }
}
