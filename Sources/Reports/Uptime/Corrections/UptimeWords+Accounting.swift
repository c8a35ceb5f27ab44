internal import Analytics
internal import Streams

extension UptimeWords {
  /// When outages are one incident, and when they are one at all.
  var incidentRules: [String] {
    let gap = Wording.duration(milliseconds: report.options.mergeGapSeconds * 1000)
    let shortest = Wording.duration(milliseconds: report.options.minIncidentSeconds * 1000)
    return [
      report.options.mergeGapSeconds > 0
        ? "Outages with at most \(gap) of good time between them are one incident."
        : "Any good time between two outages makes them two incidents.",
      report.options.minIncidentSeconds > 0
        ? "Outages shorter than \(shortest) are downtime, but no incident."
        : "An outage of any length is an incident.",
    ]
  }

  /// The rest of what the figures rest on: clocks, groups, corrections, and what was not looked at.
  var accounting: [String] {
    let skew = Wording.duration(milliseconds: report.options.skewSeconds * 1000)
    let future = report.warnings.future
    return [
      "A fact's time more than \(skew) after it was recorded is taken for a wrong clock."
    ] + report.groupRules.map(rule) + [corrections]
      + (future == 0
        ? [] : ["\(Wording.count(future, "fact")) from after the as-of time: not counted."])
  }

  private func rule(_ group: UptimeReport.GroupDefinition) -> String {
    let rule =
      switch group.rule {
      case .worst: "needs every one"
      case .best: "needs one"
      }
    return "Group \(group.name) \(rule) of \(group.members.joined(separator: ", "))."
  }

  private var corrections: String {
    let count = report.corrections.count
    return count == 0
      ? "No correction touches this period: the figures are those of the facts alone."
      : "\(Wording.count(count, "correction")) laid over the facts; both figures are given above. "
        + "Excluded time is in no figure, and an incident is seen as if that time had not been."
  }
}
