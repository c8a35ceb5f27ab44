public import Streams

extension EventStore {
  /// The events of `stream` after a revision, each exactly once and in order, and then every new
  /// one as it is committed: in this process at once, in another within 200 ms.
  ///
  /// The stream need not exist yet. The sequence has no end but cancellation, which ends it without
  /// an error. It reads a page (512 events or 1 MiB) when the caller has taken the one before: a
  /// slow caller holds up nobody, and keeps no snapshot open.
  ///
  /// Only hot events are read. A subscriber that is, or falls, behind what was released to segments
  /// gets ``SubscriptionError`` `.streamReleased`; `History.subscribe(to:after:)` goes on through the
  /// archive instead.
  ///
  /// - Parameter after: nil for the stream's beginning.
  /// - Throws: while iterating, ``SubscriptionError``; ``StoreError`` `.streamDeleted`, `.busy`,
  ///   `.io`, `.corrupt`. What came before is sound and without a gap.
  public func subscribe(
    to stream: StreamName, after revision: Revision? = nil
  ) -> some AsyncSequence<RecordedEvent, any Error> & Sendable {
    Subscription(store: self, feed: StreamFeed(stream: stream, after: revision))
  }

  /// The events of all streams after a position, the store's own (`$…`) among them; otherwise as
  /// ``subscribe(to:after:)``.
  ///
  /// Events of deleted streams are left out. Positions that hold no row, while the store has
  /// streams with released events, may be theirs: there ``SubscriptionError``
  /// `.positionsReleased` is thrown, rather than skip an event. Who keeps up never meets it, and
  /// `History.subscribeAll(after:)` goes on through the archive instead.
  ///
  /// - Parameter after: nil for the store's beginning.
  public func subscribeAll(
    after position: Position? = nil
  ) -> some AsyncSequence<StreamEvent, any Error> & Sendable {
    Subscription(store: self, feed: StoreFeed(after: position))
  }
}

/// An event and the stream it is in.
public struct StreamEvent: Hashable, Sendable {
  public var stream: StreamName
  public var event: RecordedEvent

  public init(stream: StreamName, event: RecordedEvent) {
    self.stream = stream
    self.event = event
  }
}

/// Why a subscription can't go on from where it is.
public enum SubscriptionError: CodedError, Equatable {
  /// The stream's next event is in a segment.
  case streamReleased(StreamName, next: Revision, through: Revision)
  /// Some of these positions' events may be in segments.
  case positionsReleased(ClosedRange<Position>)

  public var code: ErrorCode { .eventsReleased }

  public var message: String {
    switch self {
    case .streamReleased(let name, let next, let through):
      "Revisions \(next) to \(through) of \(name) are in the archive only."
    case .positionsReleased(let range):
      "Events at positions \(range.lowerBound) to \(range.upperBound) may be in the archive only."
    }
  }

  public var remedy: String {
    switch self {
    case .streamReleased(_, _, let through):
      "Read them from the archive first, then subscribe after revision \(through)."
    case .positionsReleased(let range):
      "Subscribe through the history, which goes on in the archive, or after position "
        + "\(range.upperBound)."
    }
  }
}

extension ErrorCode {
  public static let eventsReleased = ErrorCode(rawValue: "events-released")
}
