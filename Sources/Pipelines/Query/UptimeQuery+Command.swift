internal import Analytics
internal import Reports
internal import Streams

extension UptimeQuery {
  /// The command that makes `report` again: the same period, rules, as-of time and position, so the
  /// same figures, whatever came since.
  func command(
    for report: UptimeReport, principal: Principal = .system, factsFile: String? = nil
  ) -> String {
    var words = ["rookery", "report", "uptime"]
    func add(_ option: String, _ value: String?, unless isStandard: Bool = false) {
      if let value, !isStandard { words += [option, value.shellWord] }
    }
    let standard = UptimeQuery()
    add("--facts", factsFile)
    if principal != .system { add("--as", principal.description) }
    words += period(of: report)
    add("--tz", report.zone.name)
    add("--as-of", report.options.asOf.rfc3339)
    add("--service", service)
    add(
      "--degraded-weight", degradedWeight.shortest(decimals: 9),
      unless: degradedWeight == standard.degradedWeight)
    add("--stale-after-seconds", staleAfterSeconds.map(String.init))
    add("--merge-gap-seconds", String(mergeGapSeconds), unless: mergeGapSeconds == 0)
    add("--min-incident-seconds", String(minIncidentSeconds), unless: minIncidentSeconds == 0)
    add("--skew-seconds", String(skewSeconds), unless: skewSeconds == standard.skewSeconds)
    add("--slo-target", sloTarget.map { ($0 * Fraction(100)).shortest(decimals: 9) })
    add("--decimals", String(decimals), unless: decimals == standard.decimals)
    let others = otherOptions(than: standard)
    add("--options", others.isEmpty ? nil : JSONValue.object(others).text)
    add("--through", report.throughPosition.map(\.description))
    add("--published-at", publishedAt.map(\.description))
    if withoutCorrections { words.append("--without-corrections") }
    return (words + ["--format", "json"]).joined(separator: " ")
  }

  /// Its name in the calendar, which also tells what it is compared with; days of the zone where it
  /// starts and ends with one; else instants.
  private func period(of report: UptimeReport) -> [String] {
    if let period = report.period { return ["--period", period.description] }
    let zone = report.zone
    let (start, end) = (report.options.start, report.options.end)
    let (from, to) = (zone.localDate(of: start), zone.localDate(of: end))
    guard zone.startOfDay(from) == start, zone.startOfDay(to) == end else {
      return ["--start", start.rfc3339, "--end", end.rfc3339]
    }
    return ["--from", from.description, "--to", to.description]
  }

  /// Those that are no flag.
  private func otherOptions(than standard: UptimeQuery) -> [(String, JSONValue)] {
    var members: [(String, JSONValue)] = []
    if title != standard.title { members.append(("title", .string(title))) }
    if !groups.isEmpty { members.append(("groups", .array(groups.map(\.json)))) }
    if !maintenance.isEmpty { members.append(("maintenance", maintenanceJSON)) }
    return members
  }

  private var maintenanceJSON: JSONValue {
    let windows = maintenance.sorted {
      ($0.start, $0.end, $0.service ?? "") < ($1.start, $1.end, $1.service ?? "")
    }
    return .array(
      windows.map { window in
        .object(
          (window.service.map { [("service", .string($0))] } ?? [])
            + [("start", .time(window.start)), ("end", .time(window.end))])
      })
  }

  /// What the figures of a service rest on, as canonical JSON.
  var rules: String {
    let members: JSONValue = [
      "degradedWeight": .string(degradedWeight.shortest(decimals: 9)),
      "staleAfterSeconds": .optional(staleAfterSeconds) { .int($0) },
      "mergeGapSeconds": .int(mergeGapSeconds), "minIncidentSeconds": .int(minIncidentSeconds),
      "skewSeconds": .int(skewSeconds), "maintenance": maintenanceJSON,
      "withoutCorrections": .bool(withoutCorrections),
    ]
    return members.text
  }

  var groupRules: String {
    JSONValue.array(groups.sorted { $0.name < $1.name }.map(\.json)).text
  }
}

extension UptimeQuery.Group {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "members": .array(members.map { .string($0) }),
      "rule": .string(rule.rawValue),
    ]
  }
}
