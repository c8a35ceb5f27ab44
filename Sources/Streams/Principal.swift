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
    } else if let id = text.suffix(after: "user:") {
      self = .user(id)
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

  // Two accounts whose ids only look alike are two accounts.

  public static func == (a: Principal, b: Principal) -> Bool {
    switch (a, b) {
    case (.system, .system), (.anonymous, .anonymous): true
    case (.user(let a), .user(let b)): ExactText(a) == ExactText(b)
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(ExactText(description)) }
}
