public import EventStore
public import Streams

/// Which events of which streams are restored.
public struct RestoreSelection: Sendable, Hashable {
  public enum Streams: Sendable, Hashable {
    case named([StreamName])
    /// A glob of stream names. The store's own streams match only a pattern that begins with `$`.
    case matching(String)
    /// The streams of one user, in every category. The id may contain `-`.
    case user(String)
  }

  public var streams: Streams
  public var revisions: ClosedRange<Int64>
  /// Only events that happened at this time or later, and before `until`.
  public var since: Timestamp?
  public var until: Timestamp?

  public init(
    _ streams: Streams, revisions: ClosedRange<Int64> = 0...Int64.max, since: Timestamp? = nil,
    until: Timestamp? = nil
  ) {
    self.streams = streams
    self.revisions = revisions
    self.since = since
    self.until = until
  }

  public var hasPeriod: Bool { since != nil || until != nil }

  public func includes(_ event: EventView) -> Bool {
    revisions.contains(event.revision.rawValue) && happens(event.timestamp)
  }

  private func happens(_ time: Timestamp) -> Bool {
    since.map { $0 <= time } ?? true && until.map { time < $0 } ?? true
  }

  /// Whether some event between these two times may be wanted.
  func overlaps(_ first: Timestamp, _ last: Timestamp) -> Bool {
    since.map { $0 <= last } ?? true && until.map { first < $0 } ?? true
  }

  /// The streams chosen, by name.
  ///
  /// - Throws: `StoreError` `.streamNotFound` and `.streamDeleted` for a stream that was named; a
  ///   deleted one that only matches is left out.
  public func records(_ snapshot: Snapshot) throws -> [StreamRecord] {
    switch streams {
    case .named(let names):
      return try Set(names).sorted().map { try snapshot.readableStream($0) }
    case .matching(let pattern):
      return try snapshot.streams(matching: pattern).filter {
        $0.status != .deleted && (!$0.name.isReserved || pattern.hasPrefix("$"))
      }
    case .user(let id):
      return try UserCategory.allCases
        .map { try StreamName("user-\(id)-\($0.rawValue)") }.sorted()
        .compactMap { try snapshot.stream($0) }.filter { $0.status != .deleted }
    }
  }
}
