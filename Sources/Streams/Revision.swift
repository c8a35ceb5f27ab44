/// An event's 0-based number in its stream; gap-free.
public struct Revision: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
  public init(_ rawValue: Int64) { self.rawValue = rawValue }
  public static func < (a: Revision, b: Revision) -> Bool { a.rawValue < b.rawValue }
  public var description: String { String(rawValue) }
}

/// An event's number in the whole store; strictly increasing, from 0.
public struct Position: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
  public init(_ rawValue: Int64) { self.rawValue = rawValue }
  public static func < (a: Position, b: Position) -> Bool { a.rawValue < b.rawValue }
  public var description: String { String(rawValue) }
}

/// What an appender believes about a stream; checked atomically with the append.
public enum ExpectedRevision: Hashable, Sendable {
  /// No belief: append whatever is there.
  case any
  /// The stream has no event.
  case noStream
  /// The stream has at least one event.
  case streamExists
  /// The stream's last event has exactly this revision.
  case exact(Revision)

  /// Reads `any`, `none`, `exists` or a revision.
  public init?(_ text: String) {
    switch text {
    case "any": self = .any
    case "none": self = .noStream
    case "exists": self = .streamExists
    default:
      guard text.utf8.first != UInt8(ascii: "+"), let value = Int64(text), value >= 0 else {
        return nil
      }
      self = .exact(Revision(value))
    }
  }

  /// Whether a stream that holds `count` events ever appended meets the belief.
  public func matches(count: Int64) -> Bool {
    switch self {
    case .any: true
    case .noStream: count == 0
    case .streamExists: count > 0
    case .exact(let revision): count - 1 == revision.rawValue
    }
  }
}

extension ExpectedRevision: CustomStringConvertible {
  public var description: String {
    switch self {
    case .any: "any"
    case .noStream: "none"
    case .streamExists: "exists"
    case .exact(let revision): revision.description
    }
  }
}
