internal import Analytics
internal import EventStore
internal import History
internal import Ingest
internal import Streams

/// The facts that an import refused: they are counted on their service, or, where the line did not
/// tell, on every one.
struct RejectedFacts {
  private var counts: [String: Int] = [:]
  private var unattributed = 0

  init(_ snapshot: HistorySnapshot) throws {
    guard let record = try snapshot.hot.stream(try FactRejects.stream) else { return }
    try snapshot.forEachEvent(of: record) { event in
      var service: String?
      JSONMembers.forEach(in: event.data) { key, value in
        if key.equals("service") { service = value.string }
      }
      if let service { counts[service, default: 0] += 1 } else { unattributed += 1 }
      return true
    }
  }

  func add(to history: inout StatusHistory) {
    for service in history.services {
      if let count = counts[service] { history.addRejected(count, service: service) }
    }
    if unattributed > 0 { history.addRejected(unattributed, service: nil) }
  }
}
