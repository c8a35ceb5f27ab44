public import Streams

/// Where an event is: what a reader needs to look it up.
public struct EventReference: Hashable, Sendable {
  public var stream: StreamName
  public var revision: Revision
  public var position: Position
  public var type: String
  public var recordedAt: Timestamp

  public init(
    stream: StreamName, revision: Revision, position: Position, type: String, recordedAt: Timestamp
  ) {
    self.stream = stream
    self.revision = revision
    self.position = position
    self.type = type
    self.recordedAt = recordedAt
  }
}

/// What somebody said, later or beforehand, of a range of a service's time.
///
/// It never changes a fact: it is an event of its own, laid over what the facts say. Where several
/// overlap, the one that was appended last holds.
public struct Correction: Hashable, Sendable {
  public enum Effect: Hashable, Sendable {
    /// Says why, and changes no figure.
    case annotation(text: String, link: String?)
    /// What the state really was.
    case reclassification(ServiceState)
    /// The range is no part of the account: neither good nor bad, neither known nor unknown.
    case exclusion
    /// A planned window.
    case maintenance
  }

  public var id: EventID
  public var effect: Effect
  /// The service or group; nil means every service.
  public var service: String?
  /// Half open, as said; ``standingEnd`` is where it holds now.
  public var start: Timestamp
  public var end: Timestamp
  public var reason: String
  /// Who said so, as text.
  public var principal: String
  public var source: EventReference
  /// What took it back, wholly or from an instant on; nil while it stands as it was said.
  public var withdrawal: Withdrawal?

  public init(
    id: EventID, effect: Effect, service: String?, start: Timestamp, end: Timestamp,
    reason: String, principal: String, source: EventReference
  ) {
    self.id = id
    self.effect = effect
    self.service = service
    self.start = start
    self.end = end
    self.reason = reason
    self.principal = principal
    self.source = source
  }
}

/// The end of a correction, said by an event of its own.
public struct Withdrawal: Hashable, Sendable {
  /// The event id of the correction.
  public var id: EventID
  /// The correction holds until then; nil takes all of it back.
  public var from: Timestamp?
  public var reason: String
  public var principal: String
  public var source: EventReference

  public init(
    id: EventID, from: Timestamp?, reason: String, principal: String, source: EventReference
  ) {
    self.id = id
    self.from = from
    self.reason = reason
    self.principal = principal
    self.source = source
  }
}

extension Correction {
  /// Where it holds now: it ends at its withdrawal, or is nowhere.
  public var standingEnd: Timestamp {
    guard let withdrawal else { return end }
    return max(start, min(end, withdrawal.from ?? start))
  }

  /// Whether anything of it is left.
  public var isStanding: Bool { !rangeMs.isEmpty }

  /// Milliseconds since 1970.
  var rangeMs: Range<Int64> { start.millisecondsCut..<standingEnd.millisecondsCut }

  func touches(_ range: Range<Int64>) -> Bool { isStanding && rangeMs.overlaps(range) }

  mutating func take(_ withdrawal: Withdrawal) {
    var shortened = self
    shortened.withdrawal = withdrawal
    if shortened.standingEnd < standingEnd { self = shortened }
  }
}
