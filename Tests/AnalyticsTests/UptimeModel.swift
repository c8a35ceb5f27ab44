import Analytics
import Streams

/// The rules of uptime again, as plainly as they can be said: one state a second, no cleverness.
struct UptimeModel {
  var start: Int
  var end: Int
  var asOf: Int
  var staleAfter: Int?
  var mergeGap: Int
  var minIncident: Int
  var windows: [(service: String?, range: Range<Int>)]

  typealias Second = (shown: ServiceState, beneath: ServiceState)

  var options: UptimeOptions {
    func instant(_ second: Int) -> Timestamp { Timestamp(microseconds: Int64(second) * 1_000_000) }
    var options = UptimeOptions(start: instant(start), end: instant(end), asOf: instant(asOf))
    options.staleAfterSeconds = staleAfter.map(Int64.init)
    options.mergeGapSeconds = Int64(mergeGap)
    options.minIncidentSeconds = Int64(minIncident)
    options.maintenance = windows.map {
      MaintenanceWindow(
        service: $0.service, start: instant($0.range.lowerBound), end: instant($0.range.upperBound))
    }
    return options
  }

  /// The state of `service` in each second from 0 to before `asOf`.
  func seconds(of service: String, _ facts: [RandomFact]) -> [Second] {
    var seen: [Int: RandomFact] = [:]
    var known: [(time: Int, state: ServiceState)] = []
    for fact in facts where fact.service == service && !fact.isBroken {
      if let id = fact.id {
        if seen[id] != nil { continue }
        seen[id] = fact
      }
      let recorded = fact.recorded ?? fact.time
      known.append((fact.time > recorded + 300 ? recorded : fact.time, fact.state))
    }
    return (0..<asOf).map { second in
      var holding: (time: Int, state: ServiceState)?
      for fact in known where fact.time <= second && fact.time >= holding?.time ?? 0 {
        holding = fact
      }
      var state = holding?.state ?? .unknown
      if let staleAfter, let holding, second >= holding.time + staleAfter { state = .unknown }
      let isPlanned = windows.contains {
        ($0.service == nil || $0.service == service) && $0.range.contains(second)
      }
      return (isPlanned ? .maintenance : state, state)
    }
  }

  func combined(_ members: [[Second]], _ rule: GroupRule) -> [Second] {
    func combine(_ states: [ServiceState]) -> ServiceState {
      let counted = states.filter { $0 != .maintenance }
      if counted.isEmpty { return .maintenance }
      switch rule {
      case .worst:
        if counted.contains(.down) { return .down }
        if counted.contains(.unknown) { return .unknown }
        return counted.contains(.degraded) ? .degraded : .up
      case .best:
        if counted.contains(.up) { return .up }
        if counted.contains(.unknown) { return .unknown }
        return counted.contains(.degraded) ? .degraded : .down
      }
    }
    return (0..<asOf).map { second in
      (combine(members.map { $0[second].shown }), combine(members.map { $0[second].beneath }))
    }
  }

  var counted: Range<Int> { start..<max(start, min(end, asOf)) }

  /// As ``UptimeFigures/seconds`` prints them.
  func totals(_ seconds: [Second]) -> String {
    [ServiceState.up, .degraded, .down, .maintenance, .unknown].compactMap { state in
      let count = seconds[counted].count { $0.shown == state }
      return count == 0 ? nil : "\(state) \(count)"
    }.joined(separator: " ")
  }

  func maskedDown(_ seconds: [Second]) -> Int {
    seconds[counted].count { $0.beneath == .down && $0.shown != .down }
  }

  struct Expected: Equatable {
    var counts = IncidentCounts()
    var mttr: Fraction?
    var mtbf: Fraction?
    var longest: Int?
  }

  /// The incidents: downs with no more than the merge gap of good seconds between them.
  func incidents(_ seconds: [Second]) -> Expected {
    let shown = seconds.map(\.shown)
    func good(_ range: Range<Int>) -> Int {
      shown[range].count { $0 == .up || $0 == .degraded }
    }
    var groups: [[Int]] = []
    for down in shown.indices where shown[down] == .down {
      if let last = groups.last?.last, good(last..<down) <= mergeGap {
        groups[groups.count - 1].append(down)
      } else {
        groups.append([down])
      }
    }
    var expected = Expected()
    var repaired: [Int] = []
    for group in groups where group.count >= minIncident {
      guard let first = group.first, let last = group.last else { continue }
      let over = last + 1
      let isOver = good(over..<shown.count) > mergeGap
      let isOverInside = isOver && over < counted.upperBound
      guard first < counted.upperBound, !isOver || over >= start else { continue }
      expected.counts.touching += 1
      if first >= start { expected.counts.started += 1 }
      if !isOverInside { expected.counts.open += 1 }
      let isCensored =
        first == 0 || shown[first - 1] == .unknown || shown[first..<over].contains(.unknown)
        || (isOver ? shown[over] == .unknown : shown[over...].contains(.unknown))
      if isCensored { expected.counts.censored += 1 }
      if isOverInside, shown[over] != .unknown {
        expected.counts.recovered += 1
        if !isCensored { repaired.append(group.count) }
      }
      let inside = group.count { counted.contains($0) }
      if inside > 0 { expected.longest = max(expected.longest ?? 0, inside) }
    }
    if !repaired.isEmpty {
      expected.mttr = Fraction(Int128(repaired.reduce(0, +)), over: Int128(repaired.count))
    }
    if expected.counts.started > 0 {
      expected.mtbf = Fraction(Int128(good(counted)), over: Int128(expected.counts.started))
    }
    return expected
  }
}
