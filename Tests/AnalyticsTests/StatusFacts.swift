import Analytics
import Streams

/// A line of a file of facts; the time is in January 2025, as `10T06:00` or `10T06:00:00.250`.
func fact(
  _ time: String, _ status: String, of service: String = "api", id: String? = nil,
  recorded: String? = nil, ms: String? = nil, metadata: String? = nil
) -> String {
  var line = #"{"serviceName":"\#(service)","status":"\#(status)","timestamp":"\#(rfc3339(time))""#
  if let id { line += #","eventId":"\#(id)""# }
  if let recorded { line += #","recordedAt":"\#(rfc3339(recorded))""# }
  if let ms { line += #","responseMs":\#(ms)"# }
  if let metadata { line += #","metadata":\#(metadata)"# }
  return line + "}"
}

/// `10T06:00` as `2025-01-10T06:00:00Z`.
func rfc3339(_ time: String) -> String {
  "2025-01-\(time)\(time.utf8.count == 8 ? ":00" : "")Z"
}

func instant(_ time: String) throws -> Timestamp { try Timestamp(rfc3339: rfc3339(time)) }

/// The history of a file of facts, in order of arrival from `first` on.
func history(_ lines: [String], from first: Int64 = 0) -> StatusHistory {
  var history = StatusHistory()
  let validator = JSONValidator()
  for (index, line) in lines.enumerated() {
    Array(line.utf8).withUnsafeBytes {
      history.receive(line: $0, arrival: first + Int64(index), validator: validator)
    }
  }
  return history
}

/// A `ServiceStatusChanged` event with these data.
func statusEvent(
  _ data: [UInt8], number: Int64 = 0, recordedAt: Timestamp = .latest
) -> RecordedEvent {
  RecordedEvent(
    revision: Revision(number), position: Position(number),
    id: EventID(high: 0, low: UInt64(number)), type: KnownEventType.serviceStatusChanged,
    timestamp: .earliest, recordedAt: recordedAt, metadata: [], data: data)
}

/// 10 January 2025, or from one of its days to before another.
func period(_ from: String = "10T00:00", _ to: String = "11T00:00", asOf: String? = nil) throws
  -> UptimeOptions
{
  UptimeOptions(
    start: try instant(from), end: try instant(to), asOf: try asOf.map { try instant($0) })
}

func window(_ start: String, _ end: String, service: String? = nil) throws -> MaintenanceWindow {
  MaintenanceWindow(service: service, start: try instant(start), end: try instant(end))
}

extension StatusHistory {
  /// The seconds in each state, as `up 85800 down 600`, those of no length left out.
  func seconds(_ options: UptimeOptions, of service: String = "api") -> String {
    figures(of: service, options).seconds
  }
}

extension UptimeFigures {
  var seconds: String {
    let states = [
      ("up", durations.up), ("degraded", durations.degraded), ("down", durations.down),
      ("maintenance", durations.maintenance), ("unknown", durations.unknown),
    ]
    return states.filter { $0.1 != 0 }
      .map { "\($0.0) \(Fraction.seconds(milliseconds: $0.1).shortest())" }
      .joined(separator: " ")
  }

  /// The counts of the incidents, those of none left out.
  var incidentCounts: String {
    let counts = [
      ("touching", counts.touching), ("started", counts.started),
      ("recovered", counts.recovered), ("open", counts.open), ("censored", counts.censored),
    ]
    return counts.filter { $0.1 != 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
  }

  var mttrText: String? { mttr?.shortest() }
}
