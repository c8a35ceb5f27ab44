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
  struct Service {
    let name: String
    fileprivate let spans: [IncidentFacts.Span]

    /// A fact at every instant at which a span starts or ends, also where the state stays: a list
    /// that has grown says again what holds there, and what arrives last holds.
    ///
    /// - Complexity: O(n log n), and O(n²) for n spans that all overlap.
    func facts() -> [IncidentFacts.Fact] {
      let byStart = spans.sorted { $0.start < $1.start }
      var rest = byStart[...]
      var active: [IncidentFacts.Span] = []
      var facts: [IncidentFacts.Fact] = []
      for instant in Set(spans.map(\.start) + spans.compactMap(\.end)).sorted() {
        let ended = active.filter { $0.end == instant }
        active.removeAll { $0.end == instant }
        while let span = rest.first, span.start == instant { active.append(rest.removeFirst()) }
        let causes = active.isEmpty ? ended : active
        facts.append(
          IncidentFacts.Fact(
            service: name, status: active.map(\.state).max()?.rawValue ?? "up",
            timestamp: instant.rfc3339, incidents: causes.map(\.incident).sorted()))
      }
      return facts
    }
  }

  private var spans: [ExactText: [IncidentFacts.Span]] = [:]

  mutating func add(_ span: IncidentFacts.Span) {
    spans[ExactText(span.service), default: []].append(span)
  }

  /// The last by name first.
  consuming func services() -> [Service] {
    spans.sorted { $0.key > $1.key }.map { Service(name: $0.key.text, spans: $0.value) }
  }
}
