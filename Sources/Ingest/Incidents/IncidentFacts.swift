internal import Streams

/// What incidents say, in the words of facts.
struct IncidentFacts {
  struct Fact {
    var service: String
    var status: String
    /// RFC 3339.
    var timestamp: String
    var recordedAt: String?
    var incidents: [String]
    var update: String?
    var title: String?
  }

  /// A service was not well for a time.
  struct Span {
    /// Of several at once the last of these holds.
    enum State: String, Comparable {
      case maintenance, degraded, down

      static func < (a: State, b: State) -> Bool { a.rank < b.rank }
      private var rank: Int {
        switch self {
        case .maintenance: 0
        case .degraded: 1
        case .down: 2
        }
      }
    }

    var service: String
    var state: State
    var start: Timestamp
    /// Nil as long as it is not over.
    var end: Timestamp?
    var incident: String
  }

  var facts: [Fact] = []
  var spans: [Span] = []

  var isEmpty: Bool { facts.isEmpty && spans.isEmpty }
}

/// Spans by service, until all are known.
struct IncidentOverlap {
  /// The facts of one service: one at every instant at which a span starts or ends, also where the
  /// state stays, so that a list that has grown says again what holds there; what arrives last holds.
  struct Service: IteratorProtocol {
    private struct Change {
      let instant: Timestamp
      let state: IncidentFacts.Span.State
      let isStart: Bool
      let incident: String
    }

    /// No fact names more incidents that start or end with it.
    private static let maxIncidents = 20

    private let name: String
    private let changes: [Change]
    private var at = 0
    private var active: [IncidentFacts.Span.State: Int] = [:]

    /// - Complexity: O(n log n), once; each fact then O(1).
    fileprivate init(name: String, spans: [IncidentFacts.Span]) {
      self.name = name
      let starts = spans.map {
        Change(instant: $0.start, state: $0.state, isStart: true, incident: $0.incident)
      }
      let ends = spans.compactMap { span in
        span.end.map {
          Change(instant: $0, state: span.state, isStart: false, incident: span.incident)
        }
      }
      changes = (starts + ends).sorted { ($0.instant, $0.incident) < ($1.instant, $1.incident) }
    }

    mutating func next() -> IncidentFacts.Fact? {
      guard at < changes.count else { return nil }
      let instant = changes[at].instant
      var incidents: [String] = []
      while at < changes.count, changes[at].instant == instant {
        let change = changes[at]
        active[change.state, default: 0] += change.isStart ? 1 : -1
        if incidents.count < Self.maxIncidents, incidents.last != change.incident {
          incidents.append(change.incident)
        }
        at += 1
      }
      let worst = active.filter { $0.value > 0 }.keys.max()
      return IncidentFacts.Fact(
        service: name, status: worst?.rawValue ?? "up", timestamp: instant.rfc3339,
        incidents: incidents)
    }
  }

  private var spans: [ExactText: [IncidentFacts.Span]] = [:]

  mutating func add(_ span: IncidentFacts.Span) {
    spans[ExactText(span.service), default: []].append(span)
  }

  /// The last service by name; nil when none is left.
  mutating func removeLast() -> Service? {
    guard let name = spans.keys.max(), let found = spans.removeValue(forKey: name) else {
      return nil
    }
    return Service(name: name.text, spans: found)
  }
}
