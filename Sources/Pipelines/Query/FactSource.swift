internal import Analytics
internal import EventStore
internal import History
internal import Streams

/// The facts of one stream (or one file), folded.
struct FactSource {
  var stream: StreamName?
  var history: StatusHistory

  /// Those of every uptime stream that `principal` may read.
  static func all(
    _ snapshot: HistorySnapshot, for principal: Principal, full: Bool
  ) throws -> [FactSource] {
    let rollups = Rollups(snapshot)
    let rejected = try RejectedFacts(snapshot)
    var sources: [FactSource] = []
    for record in try snapshot.hot.streams(matching: "service-uptime-*")
    where record.status != .deleted && record.allows(principal, to: .read) {
      var history = try rollups.summary(StatusHistory.self, of: record, full: full)
      rejected.add(to: &history)
      sources.append(FactSource(stream: record.name, history: history))
    }
    return sources
  }

  /// Whether somebody who says `name` means `service`: by its name, its slug or its stream.
  func isMeant(by name: String, service: String) -> Bool {
    name == service || stream?.rawValue == name || stream?.rawValue == "service-uptime-\(name)"
  }
}
