public import Analytics

/// The figures of all entries under one set of options.
public struct UptimeReading: Sendable {
  public enum Kind: String, Sendable {
    case overall, group, service
  }

  public var overall: UptimeFigures?
  public var groups: [UptimeFigures]
  public var services: [UptimeFigures]

  public init(overall: UptimeFigures?, groups: [UptimeFigures], services: [UptimeFigures]) {
    self.overall = overall
    self.groups = groups
    self.services = services
  }

  /// Overall, groups and services, in this order, with the kind of each.
  public var entries: [(kind: Kind, figures: UptimeFigures)] {
    (overall.map { [(.overall, $0)] } ?? []) + groups.map { (.group, $0) }
      + services.map { (.service, $0) }
  }
}

/// Two readings of one period, by what differs between them.
public struct UptimeComparison: Sendable {
  /// An entry that is not the same in both; nil where it was not there.
  public struct Entry: Sendable {
    public var kind: UptimeReading.Kind
    public var name: String
    public var before: UptimeFigures?
    public var after: UptimeFigures?
  }

  /// Only those whose figures differ, in the order of the later reading; then those it has not.
  public var entries: [Entry]

  /// - Complexity: O(n) in the entries.
  public init(before: UptimeReading, after: UptimeReading) {
    func key(_ entry: (kind: UptimeReading.Kind, figures: UptimeFigures)) -> String {
      "\(entry.kind)\0\(entry.figures.service)\0\(entry.figures.stream ?? "")"
    }
    let earlier = Dictionary(before.entries.map { (key($0), $0.figures) }, uniquingKeysWith: { $1 })
    let later = Set(after.entries.map(key))
    entries =
      after.entries.map {
        Entry(
          kind: $0.kind, name: $0.figures.service, before: earlier[key($0)], after: $0.figures)
      }
      + before.entries.filter { !later.contains(key($0)) }.map {
        Entry(kind: $0.kind, name: $0.figures.service, before: $0.figures, after: nil)
      }
    entries.removeAll { $0.isUnchanged }
  }
}

extension UptimeComparison.Entry {
  /// Whether every figure is the same. All that is not looked at here follows from what is.
  fileprivate var isUnchanged: Bool {
    guard let before, let after else { return false }
    return before.durations == after.durations && before.counts == after.counts
      && before.maskedDownMilliseconds == after.maskedDownMilliseconds
      && before.mttr == after.mttr && before.latency == after.latency
      && before.longestDownMilliseconds == after.longestDownMilliseconds
  }
}
