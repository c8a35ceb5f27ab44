public import Streams

/// Why revisions of a stream move into a segment.
public enum ColdReason: Sendable, Hashable {
  /// It has had no event for longer than its policy's `coldAfter`; µs.
  case cold(lastAt: Timestamp, age: Int64, coldAfter: Int64)
  /// They happened before this time, which the policy's `keepHot` (µs) and `rollOffEvery` give.
  case old(before: Timestamp, keepHot: Int64)
  /// The stream is archived, and these are in no segment yet.
  case unfinished
  /// Somebody wants it.
  case ordered(String)
}

/// A stream that matches a policy and of which nothing moves, and why.
public struct WaitingStream: Sendable, Hashable {
  public enum Reason: Sendable, Hashable {
    /// Its policy says neither `coldAfter` nor `keepHot`.
    case neverCold
    /// Its last event is younger than `coldAfter`; it goes cold at `coldAt`.
    case young(lastAt: Timestamp, coldAt: Timestamp)
    /// No event that is in no segment happened before this time.
    case noneOld(before: Timestamp)
    /// It is archived, and every revision is in a segment.
    case done
  }

  public var stream: StreamName
  /// The policy that counts for it, by its glob.
  public var policy: String
  public var reason: Reason
}
