public import Streams

/// What becomes cold, for the streams that match, and what its segments are like.
@dynamicMemberLookup
public struct ArchivePolicy: Sendable, Hashable {
  /// A glob of stream names.
  public var streams: String
  /// A stream without an event for this long is archived as a whole; µs. Nil: never.
  public var coldAfter: Int64?
  /// Old revisions of a stream that stays active are rolled off once they are older; µs. Nil: never.
  public var keepHot: Int64?
  /// Roll-off moves whole multiples of this length, counted from 1970, so that it makes a few
  /// large segments and not one a night; µs.
  public var rollOffEvery: Int64
  /// An archived stream may be deleted this long after its last event; µs. Nil: never.
  public var retainFor: Int64?
  /// Its members read as the policy's own: `policy.level`.
  public var settings: SegmentSettings

  public init(
    streams: String, coldAfter: Int64? = nil, keepHot: Int64? = nil,
    rollOffEvery: Int64 = 28 * Timestamp.microsecondsPerDay, retainFor: Int64? = nil,
    settings: SegmentSettings = SegmentSettings()
  ) {
    precondition(rollOffEvery > 0)
    self.streams = streams
    self.coldAfter = coldAfter
    self.keepHot = keepHot
    self.rollOffEvery = rollOffEvery
    self.retainFor = retainFor
    self.settings = settings
  }

  public subscript<T>(dynamicMember member: WritableKeyPath<SegmentSettings, T>) -> T {
    get { settings[keyPath: member] }
    set { settings[keyPath: member] = newValue }
  }
}
