public import Streams

/// The facts of one stream (or of one file of facts), summed up so that any figure of any period
/// can be made of them.
///
/// Folding is associative: merging the histories of adjacent ranges gives the history of both. Two
/// services may share a stream, because a stream's name is a slug of theirs: they are kept apart
/// here by their exact names.
///
/// Memory: about 16 bytes a fact.
public struct StatusHistory: Hashable, Sendable {
  private(set) var logs: [ServiceLog] = []
  /// What could not be read so far that it was known whose it is.
  private(set) var unattributed = RejectedFacts()
  private var numbers = Interner()
  private var lastUsed = 0

  public init() {}

  /// The services in it, in the order they were first heard of.
  public var services: [String] { numbers.texts }

  /// How many facts it holds, duplicates included.
  public var factCount: Int { logs.reduce(0) { $0 + $1.count } }

  /// Adds what was read after this history was.
  ///
  /// - Complexity: O(n) in the facts of `later`.
  public mutating func merge(_ later: StatusHistory) {
    for log in later.logs {
      logs[number(of: log.service)].append(log)
    }
    unattributed.append(later.unattributed)
  }

  /// Counts a fact that was found unreadable before it came here.
  ///
  /// - Parameters:
  ///   - arrival: its store position, or its line in a file of facts.
  ///   - service: whose it was; nil counts it on every service of the history.
  public mutating func addRejected(arrival: Int64, service: String?) {
    guard let service else { return unattributed.append(arrival: arrival) }
    logs[number(of: service)].rejected.append(arrival: arrival)
  }

  /// The services of which anything had arrived by `position`; all of them when it is nil.
  ///
  /// - Complexity: O(n) in the facts; O(1) without a position.
  public func services(through position: Position?) -> [String] {
    guard let position = position?.rawValue else { return services }
    return logs.filter { $0.wasHeardOf(by: position) }.map(\.service)
  }

  /// The facts of `service`; nil when it was never heard of.
  func log(of service: String) -> ServiceLog? {
    numbers.number(of: service).map { logs[$0] }
  }

  public static func == (a: StatusHistory, b: StatusHistory) -> Bool {
    a.logs == b.logs && a.unattributed == b.unattributed
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(logs)
    hasher.combine(unattributed)
  }
}

extension StatusHistory {
  mutating func append(
    _ fact: StatusFact, to service: UnsafeRawBufferPointer, cause: String?
  ) -> Bool {
    guard let number = number(of: service) else { return false }
    logs[number].append(fact, cause: cause)
    return true
  }

  mutating func reject(arrival: Int64, service: UnsafeRawBufferPointer?) {
    if let service, let number = number(of: service) {
      logs[number].rejected.append(arrival: arrival)
    } else {
      unattributed.append(arrival: arrival)
    }
  }

  mutating func insert(_ log: ServiceLog) {
    logs[number(of: log.service)] = log
  }

  mutating func setUnattributed(_ rejected: RejectedFacts) { unattributed = rejected }

  /// The log of the service called `name`, a new one if needed; nil for bytes that are no name.
  private mutating func number(of name: UnsafeRawBufferPointer) -> Int? {
    if lastUsed < logs.count, logs[lastUsed].isNamed(name) { return lastUsed }
    guard !name.isEmpty, let text = String(validating: name, as: UTF8.self) else { return nil }
    lastUsed = number(of: text)
    return lastUsed
  }

  private mutating func number(of service: String) -> Int {
    let number = numbers.intern(service)
    if number == logs.count { logs.append(ServiceLog(service: service)) }
    return number
  }
}
