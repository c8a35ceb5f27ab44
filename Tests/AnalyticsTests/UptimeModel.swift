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
  /// In order of position.
  var corrections: [ModelCorrection] = []
  var through: Int?

  struct Second {
    var shown: ServiceState
    var beneath: ServiceState
    var isExcluded = false
  }

  var options: UptimeOptions {
    func instant(_ second: Int) -> Timestamp { Timestamp(microseconds: Int64(second) * 1_000_000) }
    var options = UptimeOptions(start: instant(start), end: instant(end), asOf: instant(asOf))
    options.staleAfterSeconds = staleAfter.map(Int64.init)
    options.mergeGapSeconds = Int64(mergeGap)
    options.minIncidentSeconds = Int64(minIncident)
    options.throughPosition = through.map { Position(Int64($0)) }
    options.corrections = corrections.folded
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
      let told = Second(shown: isPlanned ? .maintenance : state, beneath: state)
      return corrected(told, second, [nil, service])
    }
  }

  /// One correction after the other, each as far as it stands.
  private func corrected(_ second: Second, _ at: Int, _ names: [String?]) -> Second {
    var second = second
    for correction in corrections where names.contains(correction.service) {
      guard correction.holds(at: at, through: through) else { continue }
      switch correction.effect {
      case .annotation: break
      case .reclassification(let state): second = Second(shown: state, beneath: state)
      case .maintenance:
        second.shown = .maintenance
        second.isExcluded = false
      case .exclusion: second.isExcluded = true
      }
    }
    return second
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
      let counted = members.map { $0[second] }.filter { !$0.isExcluded }
      let told = Second(
        shown: combine(counted.map(\.shown)), beneath: combine(counted.map(\.beneath)),
        isExcluded: counted.isEmpty)
      return corrected(told, second, ["site"])
    }
  }

  var counted: Range<Int> { start..<max(start, min(end, asOf)) }

  /// As ``UptimeFigures/seconds`` prints them.
  func totals(_ seconds: [Second]) -> String {
    [ServiceState.up, .degraded, .down, .maintenance, .unknown].compactMap { state in
      let count = seconds[counted].count { $0.shown == state && !$0.isExcluded }
      return count == 0 ? nil : "\(state) \(count)"
    }.joined(separator: " ")
  }

  func maskedDown(_ seconds: [Second]) -> Int {
    seconds[counted].count { $0.beneath == .down && $0.shown != .down && !$0.isExcluded }
  }

  func excluded(_ seconds: [Second]) -> Int { seconds[counted].count(where: \.isExcluded) }

  func excludedDown(_ seconds: [Second]) -> Int {
    seconds[counted].count { $0.isExcluded && $0.shown == .down }
  }

  struct Expected: Equatable {
    var counts = IncidentCounts()
    var mttr: Fraction?
    var mtbf: Fraction?
    var longest: Int?
  }

  /// The incidents: downs with no more than the merge gap of good seconds between them.
  func incidents(_ seconds: [Second]) -> Expected {
    // What is excluded is cut out: it is no state at all.
    let shown = seconds.map { $0.isExcluded ? nil : $0.shown }
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
      let next = shown[over...].first { $0 != nil } ?? nil
      let isOverInside = isOver && over < counted.upperBound
      guard first < counted.upperBound, !isOver || over >= start else { continue }
      expected.counts.touching += 1
      if first >= start { expected.counts.started += 1 }
      if !isOverInside { expected.counts.open += 1 }
      let isCensored =
        (shown[..<first].last { $0 != nil } ?? .unknown) == .unknown
        || shown[first..<over].contains(.unknown)
        || (isOver ? next == .unknown : shown[over...].contains(.unknown))
      if isCensored { expected.counts.censored += 1 }
      if isOverInside, next != .unknown {
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

/// A correction of the model; all times in seconds.
struct ModelCorrection {
  var service: String?
  var range: Range<Int>
  var effect: Correction.Effect
  var position: Int
  /// When it was taken back, wholly or from a second on.
  var ends: [(position: Int, from: Int?)] = []

  func holds(at second: Int, through position: Int?) -> Bool {
    let limit = position ?? .max
    guard self.position <= limit, range.contains(second) else { return false }
    return ends.allSatisfy { end in
      end.position > limit || end.from.map { second < $0 } ?? false
    }
  }

  static func some(_ random: inout SplitMix) -> [ModelCorrection] {
    (0..<random.below(6)).map { number -> ModelCorrection in
      let lower = random.below(1500)
      let range = lower..<(lower + 1 + random.below(300))
      let effects: [Correction.Effect] = [
        .annotation(text: "why", link: nil), .exclusion, .exclusion, .maintenance,
        .reclassification(.up), .reclassification(.down), .reclassification(.degraded),
        .reclassification(.unknown),
      ]
      let effect = effects[random.below(effects.count)]
      let services = ["a", "b", "site", effect == .maintenance ? nil : "a"]
      let ends: [(Int, Int?)] = (0..<random.below(3)).map { _ in
        (random.below(300), random.below(2) == 0 ? nil : lower + random.below(400))
      }
      return ModelCorrection(
        service: services[random.below(4)], range: range, effect: effect, position: number * 40,
        ends: ends)
    }
  }
}

extension [ModelCorrection] {
  /// The events that say so, in order of position, each by the stream that holds such.
  var events: [(stream: String, event: RecordedEvent)] {
    func instant(_ second: Int) -> String {
      Timestamp(microseconds: Int64(second) * 1_000_000).rfc3339
    }
    func event(
      _ type: String, _ members: [String], _ position: Int, id: EventID
    ) -> (stream: String, event: RecordedEvent) {
      let text = (members + [#""reason":"r""#, #""principal":"system""#]).joined(separator: ",")
      let stream = type.hasPrefix("Maintenance") ? "system-maintenance" : "system-incidents"
      return (
        stream,
        RecordedEvent(
          revision: Revision(Int64(position)), position: Position(Int64(position)), id: id,
          type: type, timestamp: Timestamp(microseconds: 0),
          recordedAt: Timestamp(microseconds: 0), metadata: [], data: [UInt8]("{\(text)}".utf8))
      )
    }
    let all = enumerated().flatMap {
      number, correction -> [(stream: String, event: RecordedEvent)] in
      let id = EventID(high: 7, low: UInt64(number))
      var members = [
        "\"start\":\"\(instant(correction.range.lowerBound))\"",
        "\"end\":\"\(instant(correction.range.upperBound))\"",
      ]
      if let service = correction.service { members.append("\"serviceName\":\"\(service)\"") }
      var type = KnownEventType.incidentExcluded
      switch correction.effect {
      case .annotation(let text, _):
        type = KnownEventType.incidentAnnotated
        members.append("\"text\":\"\(text)\"")
      case .reclassification(let state):
        type = KnownEventType.incidentReclassified
        members.append("\"status\":\"\(state)\"")
      case .exclusion: break
      case .maintenance: type = KnownEventType.maintenancePlanned
      }
      let isWindow = correction.effect == .maintenance
      return [event(type, members, correction.position, id: id)]
        + correction.ends.enumerated().map { end, taken in
          event(
            isWindow
              ? KnownEventType.maintenanceCancelled : KnownEventType.incidentCorrectionWithdrawn,
            ["\"id\":\"\(id)\""] + (taken.from.map { ["\"from\":\"\(instant($0))\""] } ?? []),
            taken.position, id: EventID(high: UInt64(number), low: UInt64(end)))
        }
    }
    return all.sorted { $0.event.position < $1.event.position }
  }

  var folded: Corrections { Corrections(events) }
}

extension Corrections {
  init(_ events: some Sequence<(stream: String, event: RecordedEvent)>) {
    self.init()
    for (stream, event) in events {
      guard let stream = try? StreamName(stream) else { continue }
      event.withView { receive($0, of: stream) }
    }
  }
}
