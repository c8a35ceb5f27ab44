import Analytics
import Streams

/// A fact of a random history; all times in seconds.
struct RandomFact {
  var service: String
  var time: Int
  var state: ServiceState
  var id: Int?
  var recorded: Int?
  var isBroken = false

  private static let words: [ServiceState: [String]] = [
    .up: ["up", "OK"], .degraded: ["slow", "degraded"], .down: ["down", "Major Outage"],
    .maintenance: ["maintenance"], .unknown: ["unknown", "sideways"],
  ]

  /// Facts in order of arrival with repeats, conflicts, late ones, wrong clocks and broken lines.
  static func some(_ count: Int, span: Int, _ random: inout SplitMix) -> [RandomFact] {
    var facts: [RandomFact] = []
    for number in 0..<count {
      if random.below(10) == 0, let earlier = facts.randomElement(using: &random) {
        var again = earlier
        if random.below(3) == 0 { again.time = random.below(span) }
        if random.below(3) == 0 { again.state = .down }
        facts.append(again)
        continue
      }
      let inOrder = number * span / count
      let time = random.below(4) == 0 ? random.below(span) : inOrder
      let skew = [0, 0, 0, 200, 301, 900][random.below(6)]
      facts.append(
        RandomFact(
          service: ["a", "b", "c \"quoted\""][random.below(3)], time: time,
          state: [.up, .up, .degraded, .down, .down, .maintenance, .unknown][random.below(7)],
          id: random.below(2) == 0 ? number : nil, recorded: max(0, time - skew),
          isBroken: random.below(20) == 0))
    }
    return facts
  }

  /// As the data of an event.
  func data(_ random: inout SplitMix) -> [UInt8] {
    let name = service.replacing("\"", with: "\\\"")
    if isBroken {
      return Array([#"{"serviceName":"\#(name)"}"#, "{", "[]", ""][random.below(4)].utf8)
    }
    let word = Self.words[state]?.randomElement(using: &random) ?? ""
    let instant = Timestamp(microseconds: Int64(time) * 1_000_000)
    var line = #"{"serviceName":"\#(name)","status":"\#(word)","timestamp":"\#(instant.rfc3339)""#
    if let id { line += #","eventId":"e\#(id)""# }
    if random.below(3) == 0 {
      line += ",\"responseMs\":\(random.below(2000)).\(random.below(1000))"
    }
    if random.below(2) == 0 { line += ",\"metadata\":{\"reason\":\"r\(random.below(5))\"}" }
    return Array((line + "}").utf8)
  }
}

/// The history of events with these data, their positions and revisions counted from `first`.
func history(events: ArraySlice<([UInt8], recordedAt: Timestamp)>) -> StatusHistory {
  var history = StatusHistory()
  for (index, event) in zip(events.indices, events) {
    statusEvent(event.0, number: Int64(index * 3), recordedAt: event.recordedAt)
      .withView { history.receive($0) }
  }
  return history
}

extension [RandomFact] {
  func events(_ random: inout SplitMix) -> [([UInt8], recordedAt: Timestamp)] {
    map { fact in
      let recorded = Int64(fact.recorded ?? 0) * 1_000_000
      return (fact.data(&random), recordedAt: Timestamp(microseconds: recorded))
    }
  }
}
