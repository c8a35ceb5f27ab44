internal import Analytics
internal import EventStore
internal import History
internal import Ingest
internal import Streams

/// The facts that an import refused, by when that was: they are counted on their service, or, where
/// the line did not tell, on every one.
struct RejectedFacts {
  private var arrivals: [String?: [Int64]] = [:]

  init(_ snapshot: HistorySnapshot) throws {
    guard let record = try snapshot.hot.stream(try FactRejects.stream) else { return }
    try snapshot.forEachEvent(of: record) { event in
      var service: String?
      JSONMembers.forEach(in: event.data) { key, value in
        if key.equals("service") { service = value.string }
      }
      arrivals[service, default: []].append(event.position.rawValue)
      return true
    }
  }

  func add(to history: inout StatusHistory) {
    for service in history.services + [nil] {
      for arrival in arrivals[service] ?? [] {
        history.addRejected(arrival: arrival, service: service)
      }
    }
  }
}
