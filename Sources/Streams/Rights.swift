/// What somebody may do with a stream.
public enum Action: String, CaseIterable, Sendable {
  case read
  case write
  /// Describe, archive, reopen, hold, delete, set permissions.
  case administer
}

/// A stream's own rule: for each action it names, exactly these principals.
///
/// An action it does not name keeps the rule of the stream's family. `system` always administers,
/// so that no rule can lock everybody out.
public struct Permissions: Hashable, Sendable {
  public enum Grantee: Hashable, Sendable {
    case everyone
    case principal(Principal)

    /// Reads `*` or a principal.
    public init?(_ text: String) {
      if text == "*" {
        self = .everyone
      } else if let principal = Principal(text) {
        self = .principal(principal)
      } else {
        return nil
      }
    }
  }

  public var grants: [Action: Set<Grantee>]

  public init(_ grants: [Action: Set<Grantee>] = [:]) { self.grants = grants }
}

/// The rights matrix: one pure function, called at one place on every way in.
public enum Rights {
  public static func allow(
    _ principal: Principal, to action: Action, _ stream: StreamName,
    permissions: Permissions? = nil
  ) -> Bool {
    if action == .administer, principal == .system { return true }
    if stream.isReserved { return principal == .system && action == .read }
    if let grantees = permissions?.grants[action] {
      return grantees.contains(.everyone) || grantees.contains(.principal(principal))
    }
    switch (stream.family, principal) {
    case (_, .system): return true
    case (.user(let owner, _), .user(let id)): return ExactText(owner) == ExactText(id)
    default: return false
    }
  }

  /// Whether a read of `stream` by `principal` is to be recorded in `$audit`.
  public static func mustAudit(_ principal: Principal, reading stream: StreamName) -> Bool {
    if case .user = stream.family { return principal == .system }
    return false
  }
}

/// Thrown where ``Rights/allow(_:to:_:permissions:)`` says no. It gives no hint about data.
public struct PermissionDenied: CodedError, Equatable {
  public let principal: Principal
  public let action: Action
  public let stream: StreamName

  public init(principal: Principal, action: Action, stream: StreamName) {
    self.principal = principal
    self.action = action
    self.stream = stream
  }

  public var code: ErrorCode { .permissionDenied }
  public var message: String { "\(principal) may not \(action.rawValue) \(stream)." }
  public var remedy: String {
    stream.isReserved
      ? "Streams that start with '$' belong to the store."
      : "Ask the stream's owner or an operator."
  }
}
