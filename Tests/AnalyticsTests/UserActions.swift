import Analytics
import Streams

/// One action of one user, in seconds since 1970.
struct UserAction {
  var actor: String
  var second: Int
  var category = "activity"
  var type = "UserDataUpdated"
  var topic: String?
  var padding = 0

  var event: RecordedEvent {
    let topic = topic.map { #""category":"\#($0)","# } ?? ""
    let data = "{\(topic)\"n\":\"\(String(repeating: "x", count: padding))\"}"
    let timestamp = Timestamp(microseconds: Int64(second) * 1_000_000)
    return RecordedEvent(
      revision: Revision(0), position: Position(0), id: EventID(high: 0, low: 0), type: type,
      timestamp: timestamp, recordedAt: .latest, metadata: Array("{}".utf8),
      data: Array(data.utf8))
  }

  var bytes: Int { event.data.count + event.metadata.count }
}

func history(actions: some Sequence<UserAction>) -> ActivityHistory {
  var history = ActivityHistory()
  for action in actions {
    action.event.withView {
      history.receive($0, actor: action.actor, category: action.category)
    }
  }
  return history
}

/// Whole UTC days from one date to before another.
func days(_ from: String, _ to: String) -> [LocalDay] {
  localDays(from: from, to: to, zone: "UTC")
}

/// The second of a time on a date in UTC, as `2025-01-10T06:00`.
func second(_ time: String) throws -> Int {
  Int(try Timestamp(rfc3339: time + ":00Z").microseconds / 1_000_000)
}

extension ActivityOptions {
  /// A period of whole UTC days, with all days listed that its figures need.
  init(_ from: String, _ to: String, listedFrom: String, asOf: Timestamp? = nil) throws {
    self.init(
      start: try Timestamp(rfc3339: from + "T00:00:00Z"),
      end: try Timestamp(rfc3339: to + "T00:00:00Z"), asOf: asOf,
      days: AnalyticsTests.days(listedFrom, to))
  }
}
