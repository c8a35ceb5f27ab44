/// Who asks.
public enum Principal: Hashable, Sendable, CustomStringConvertible {
  /// Rookery's own jobs and the operator at the machine.
  case system
  case user(String)
  case anonymous

  /// Reads `system`, `anonymous` or `user:{userId}`.
  public init?(_ text: String) {
    if text == "system" {
      self = .system
    } else if text == "anonymous" {
      self = .anonymous
    } else if text.hasPrefix("user:"), text.utf8.count > 5 {
      self = .user(String(text.dropFirst(5)))
    } else {
      return nil
    }
  }

  public var description: String {
    switch self {
    case .system: "system"
    case .user(let id): "user:\(id)"
    case .anonymous: "anonymous"
    }
  }
}
